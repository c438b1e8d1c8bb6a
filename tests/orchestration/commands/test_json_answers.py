"""`run --json`, `rebuild --json` and `status --json` answer with one object, whatever becomes of the command."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ingest.settings import Settings
from orchestration.change_detection import has_news
from orchestration.cli import main
from orchestration.published_version import current_manifest, holds_its_database
from tests.orchestration.homes import CHECKOUT, Home
from tests.orchestration.made_version import VERSION, publish_by_hand

COMMANDS = ("run", "rebuild", "status")
NAMES = {"version", "credits", "operations", "last_usage_at", "unread_files", "set_aside", "verdicts", "exit_code"}
STOPPED = """
import sys, os, signal
from orchestration.commands import {module}
{module}.{step} = lambda *_, **__: os.kill(os.getpid(), signal.SIGINT)
from orchestration.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main(sys.argv[1:])
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return publish_by_hand(tmp_path / "home", fct_credit_usage=[("final", datetime(2026, 10, 30, 12))])


def answer(command: str, **environment: str) -> dict[str, Any]:
    """The one object of a command that fails; its code and its line are those of the process."""
    ended = CliRunner().invoke(main, [command, "--json"], env=environment)
    assert ended.exit_code != 0
    found = json.loads(ended.stdout)
    assert found.keys() >= NAMES and found["exit_code"] == ended.exit_code
    assert ended.stderr.strip().endswith(f"credits: {found['error']}")
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_a_setting_that_cannot_be_used_is_an_object(settings: Settings, command: str) -> None:
    found = answer(command, CREDITS_HOME=str(settings.home), CREDITS_THREADS="many")
    assert found["exit_code"] == 2 and "CREDITS_THREADS" in found["error"] and found["version"] is None


@pytest.mark.parametrize("command", COMMANDS)
def test_a_home_that_is_not_there_is_an_object(tmp_path: Path, command: str) -> None:
    found = answer(command, CREDITS_HOME=str(tmp_path / "none"))
    assert found["exit_code"] in (1, 2) and str(tmp_path / "none") in found["error"] and found["credits"] is None


@pytest.mark.parametrize("command", ["run", "status"])
@pytest.mark.parametrize("manifest", ["", "{}", "[]", '{"version": 1'])
def test_a_damaged_manifest_is_an_object(settings: Settings, command: str, manifest: str) -> None:
    path = settings.published / "current" / "manifest.json"
    path.write_text(manifest)
    found = answer(command, CREDITS_HOME=str(settings.home))
    assert found["exit_code"] == 1 and str(path.resolve()) in found["error"] and found["verdicts"] is None


def test_a_damaged_version_is_an_object(settings: Settings) -> None:
    database = settings.published / "current" / "credits.duckdb"
    database.write_bytes(database.read_bytes()[:4000])
    found = answer("status", CREDITS_HOME=str(settings.home))
    assert found["exit_code"] == 1 and "credits.duckdb can't be read" in found["error"]


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), RuntimeError("boom")], ids=["OSError", "other"])
def test_an_error_that_nobody_foresaw_is_an_object(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def failing(_: Settings) -> bool:
        raise error

    monkeypatch.setattr("orchestration.commands.run.has_news", failing)
    found = answer("run", CREDITS_HOME=str(settings.home))
    assert found["exit_code"] == 1 and found["version"] == VERSION and found["published"] is None


@pytest.mark.parametrize(
    ("command", "module", "step"),
    [("run", "run", "has_news"), ("status", "status", "read_status")],
)
def test_a_command_that_is_stopped_is_an_object(settings: Settings, command: str, module: str, step: str) -> None:
    source = STOPPED.format(module=module, step=step)
    environment = Home(settings).environment(PYTHONPATH=str(CHECKOUT))
    ended = subprocess.run(
        [sys.executable, "-c", source, command, "--json"], env=environment, capture_output=True, text=True, check=False
    )
    assert json.loads(ended.stdout)["exit_code"] == ended.returncode == 128 + signal.SIGINT
    assert ended.stderr == "credits: stopped; the next run continues from there.\n"


def test_nothing_published_and_files_to_mend_are_objects_with_the_line(tmp_path: Path) -> None:
    seen = ("u.csv", "row 2 is empty", 4, "set_aside", datetime(2026, 1, 1))
    assert answer("status", CREDITS_HOME=str(tmp_path))["exit_code"] == 1
    publish_by_hand(tmp_path / "home", mart_unread_files=[seen])
    found = answer("status", CREDITS_HOME=str(tmp_path / "home"))
    assert found["exit_code"] == 3 and len(found["set_aside"]) == 1


@pytest.mark.parametrize("content", [None, b"", b"no database at all", "cut"], ids=["gone", "empty", "noise", "cut"])
def test_a_version_that_lost_its_database_is_published_again(home: Home, content: bytes | str | None) -> None:
    manifest, version = current_manifest(home.settings), home.current.resolve()
    assert manifest and holds_its_database(version, manifest) and not has_news(home.settings)
    database = version / "credits.duckdb"
    whole = database.read_bytes()
    database.unlink()
    if content is not None:
        database.write_bytes(whole[:-4096] if isinstance(content, str) else content)
    assert has_news(home.settings)
    if content == "cut":
        ended = home.credits("run", "--json")
        assert ended.code == 0 and json.loads(ended.out)["published"] is True
        assert home.manifest()["version"] > manifest["version"] and not has_news(home.settings)
