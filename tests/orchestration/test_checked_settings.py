"""Each command checks all settings at its start, before it does anything: one line, and exit code 2."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner

from ingest.errors import SettingsError
from ingest.settings import load_settings
from orchestration.checked_settings import check_all_settings
from orchestration.cli import main
from orchestration.defs.resources import Warehouse
from tests.orchestration.commands.test_commands import commands
from tests.orchestration.homes import Ended

SECRET = "hush-4711"
ARGUMENTS = {
    "init": ["home"],
    "close": ["2026-10"],
    "reopen": ["2026-10", "--reason", "x"],
    "statement": ["t", "2026-10"],
    "statements": ["2026-10", "--out", "out"],
    "share": ["--out", "out"],
    "sample": ["--out", "sample"],
    "capture import": [__file__],
    "gateway": ["--environment", "eu"],
}
EACH_COMMAND = [" ".join(path) for path, command in commands() if not hasattr(command, "commands")]
UNUSABLE = {
    "CREDITS_MOST_UNMAPPED": "20%",
    "CREDITS_ALERT_URLS": "notaurl",
    "CREDITS_ALERT_URLS_FILE": "/nowhere/at/all",
    "CREDITS_FOCUS_INVOICE_ISSUER": " ",
    "CREDITS_CORTI_ACCOUNTS": "main",
    "CREDITS_KEEP_VERSIONS": "0",
}


@pytest.fixture
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CREDITS_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def called(command: str, *arguments: str) -> Ended:
    result = CliRunner().invoke(main, [*command.split(), *ARGUMENTS.get(command, []), *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ended(result.exit_code, result.stdout, result.stderr)


@pytest.mark.parametrize("command", EACH_COMMAND)
def test_each_command_refuses_an_unusable_setting_before_it_does_anything(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("CREDITS_LEAST_COVERAGE", "most")
    ended = called(command)
    assert ended.code == 2 and ended.out == ""
    assert ended.one_line == "credits: CREDITS_LEAST_COVERAGE is 'most': give a share between 0 and 1, such as 0.99."
    assert [*empty_home.iterdir()] == []


@pytest.mark.parametrize("name", UNUSABLE)
def test_whatever_reads_it_an_unusable_setting_is_refused_by_its_name(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, UNUSABLE[name])
    ended = called("status")
    assert ended.code == 2
    assert name in ended.one_line or name == "CREDITS_CORTI_ACCOUNTS" in ended.one_line


@pytest.mark.parametrize(
    "change",
    [
        {"CREDITS_ALERT_URLS": f"json://a/b {SECRET}"},
        {"CREDITS_ALERT_URLS": f"nonsense://{SECRET}"},
        {"CREDITS_ALERT_URLS_FILE": f"/nowhere/{SECRET}"},
        {"CREDITS_CORTI_ACCOUNTS": "main", "CREDITS_CORTI_MAIN_CLIENT_SECRET": SECRET},
        {"CREDITS_ALERT_URL": f"json://{SECRET}"},
    ],
)
def test_no_secret_is_shown(empty_home: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, str]) -> None:
    for name, value in change.items():
        monkeypatch.setenv(name, value)
    ended = called("status")
    assert ended.err and SECRET not in ended.err + ended.out


def test_a_name_that_nothing_reads_is_a_warning_and_leaves_the_exit_code(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = called("quarantine list")
    monkeypatch.setenv("CREDITS_KEEP_VERSION", "5")
    (empty_home / "home").mkdir()
    ended = called("quarantine list")
    assert (ended.code, ended.out) == (0, "nothing was refused\n") and without.code == 2
    assert (
        ended.err
        == "credits: warning: CREDITS_KEEP_VERSION is not a known setting: did you mean CREDITS_KEEP_VERSIONS?\n"
    )


def test_many_names_that_nothing_reads_are_counted() -> None:
    said = check_all_settings({f"CREDITS_SERVICE_{number:02}": "" for number in range(50)})
    assert len(said) == 21 and said[-1] == "30 more CREDITS_ variables are not known settings."


def test_a_launched_run_refuses_it_too(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDITS_MOST_UNMAPPED", "20%")
    with (
        pytest.raises(SettingsError, match="CREDITS_MOST_UNMAPPED"),
        dg.build_init_resource_context() as context,
        Warehouse().yield_for_execution(context),
    ):
        pytest.fail("the warehouse was handed out")
    assert not load_settings().warehouse.exists()


@pytest.mark.parametrize("given", ["stauts", "run --fast", "quarantine lst", "close", "quarantine list --limit x"])
def test_what_is_asked_wrongly_is_one_line_with_the_way_to_help(empty_home: Path, given: str) -> None:
    result = CliRunner().invoke(main, given.split())
    line = Ended(result.exit_code, result.stdout, result.stderr).one_line
    assert result.exit_code == 2 and line.endswith("--help`.") and "Usage:" not in line


def test_a_misspelt_command_is_told_the_nearest(empty_home: Path) -> None:
    assert "did you mean 'status'?" in CliRunner().invoke(main, ["stauts"]).stderr


def test_nothing_asked_shows_the_help(empty_home: Path) -> None:
    ended = CliRunner().invoke(main, [])
    assert ended.exit_code == 0 and ended.stdout == CliRunner().invoke(main, ["--help"]).stdout


def test_the_list_of_commands_is_in_whole_sentences() -> None:
    listed = CliRunner().invoke(main, ["--help"]).stdout.partition("Commands:")[2]
    assert [line for line in listed.splitlines() if line.endswith("...")] == []
