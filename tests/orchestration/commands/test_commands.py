"""What each command does and says when all is well."""

from __future__ import annotations

import importlib.metadata
import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ingest.settings import CHECKOUT
from orchestration.cli import main
from orchestration.commands import dev_copy
from tests.orchestration.homes import Home, Versions

WITHOUT_HEAVY_IMPORTS = """
import json, sys
from orchestration.cli import main
code = main(["run"], standalone_mode=False)
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def commands(group: click.Group = main, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, group
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


@pytest.mark.parametrize(
    ("path", "command"), [pytest.param(*command, id=" ".join(command[0])) for command in commands()]
)
def test_help_explains_every_command_and_option(home: Home, path: tuple[str, ...], command: click.Command) -> None:
    said = home.credits(*path, "--help")
    assert said.code == 0
    assert command.help and " ".join(command.help.split()) in " ".join(said.out.split())
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help and parameter.opts[0] in said.out
        else:
            assert parameter.make_metavar(click.Context(command)) in said.out


def test_version_is_that_of_the_installed_package(home: Home) -> None:
    said = home.credits("--version")
    assert (said.code, said.out) == (0, f"credits, version {importlib.metadata.version('credits-warehouse')}\n")


def test_first_run_publishes_and_says_what_it_did(versions: Versions) -> None:
    versions.home.restore(versions.first_state)
    totals = versions.home.manifest()["totals"]
    assert versions.first.code == 0 and versions.first.err == ""
    assert f"{totals['lines_read']} lines read: {totals['verdicts']['new']} new" in versions.first.out
    assert f"{totals['credits']} credits in {totals['operations']} operations" in versions.first.out
    assert str(versions.home.current) in versions.first.out
    assert totals["lines_read"] == sum(totals["verdicts"].values()) > 300


def test_progress_is_plain_lines_where_there_is_no_terminal(versions: Versions) -> None:
    steps = [line for line in versions.first.out.splitlines() if line.endswith("…")]
    assert steps == ["  reading …", "  landing …", "  building the marts …"]
    assert "\x1b" not in versions.first.out + versions.first.err


def test_run_with_nothing_new_says_so_and_loads_neither_dbt_nor_dagster_nor_duckdb(home: Home) -> None:
    before = home.published_bytes()
    ended = home.process("-c", WITHOUT_HEAVY_IMPORTS)
    said, modules = ended.out.splitlines()
    assert (ended.code, ended.err) == (0, "")
    assert said == f"nothing new: version {home.manifest()['version']} holds all that has landed."
    loaded = set(json.loads(modules))
    assert not loaded & {"dbt", "dbt_common", "dagster", "dagster_dbt", "duckdb", "pandas", "pyarrow"}
    assert "orchestration" in loaded
    assert home.published_bytes() == before


def test_status_before_the_first_run_says_what_to_do(versions: Versions) -> None:
    assert "nothing yet: run `credits run`" in versions.before.out
    assert versions.before.code == 1 and "nothing is published yet: run `credits run`" in versions.before.one_line


def test_status_says_what_is_published_and_what_waits_for_a_person(home: Home) -> None:
    manifest = home.manifest()
    totals = manifest["totals"]
    said = home.credits("status")
    lines = dict(
        re.split(r"\s{2,}|(?<=lines read) |(?<=provisional) |(?<=undelivered) ", line.strip(), maxsplit=1)
        for line in said.out.splitlines()
    )
    assert said.code == 0
    assert lines["home"] == str(home.path)
    assert re.fullmatch(rf"{manifest['version']}, 0\.\d h ago, holds all that has landed", lines["published"])
    assert lines["credits"] == f"{totals['credits']} in {totals['operations']} operations"
    assert lines["unmapped"].startswith(f"{totals['credits_unmapped']} credits (")
    assert lines["unreported"].startswith(f"{totals['unreported_operations']} operations")
    assert lines["quarantine"].startswith(f"{totals['verdicts']['rejected']} lines refused")
    assert re.match(r"[1-9]\d* record ids", lines["conflicts"])
    assert lines["last usage"].startswith("2026-")
    assert f"; {totals['credits_unrated']} credits have no rate, and are withheld" in lines["statements"]


def test_status_says_when_files_wait(home: Home) -> None:
    home.deliver("more.jsonl", {"creditsConsumed": 1, "createdAt": "2026-01-01"})
    assert "new files or models wait: run `credits run`" in home.credits("status").out


def test_quarantine_list_names_file_line_and_reason_up_to_its_limit(home: Home) -> None:
    refused = home.manifest()["totals"]["verdicts"]["rejected"]
    everything = home.credits("quarantine", "list", "--limit", "0")
    assert everything.code == 0 and len(everything.out.splitlines()) == refused > 10
    assert all(re.match(r"usage_records/\S+:\d+: [a-z0-9_]+", line) for line in everything.out.splitlines())
    some = home.credits("quarantine", "list", "--limit", "3").out.splitlines()
    assert some == [*everything.out.splitlines()[:3], f"… and {refused - 3} more: --limit 0 shows all"]


def test_quarantine_list_says_when_nothing_was_refused(fresh_home: Home) -> None:
    assert fresh_home.credits("quarantine", "list").out == "nothing was refused\n"


def test_sample_writes_a_home_that_run_takes(home: Home, tmp_path: Path) -> None:
    said = home.credits("sample", "--out", str(tmp_path / "s"), "--records", "100", "--days", "14", "--seed", "1")
    assert said.code == 0 and str(tmp_path / "s") in said.out
    assert any((tmp_path / "s" / "landing" / "usage_records").rglob("*.jsonl"))


def test_rebuild_gives_the_same_figures_in_a_new_version(home: Home) -> None:
    before = home.manifest()
    said = home.credits("rebuild")
    after = home.manifest()
    assert said.code == 0 and f"published {after['version']}" in said.out
    assert after["version"] > before["version"]
    assert {name: (table["rows"], table["credits"]) for name, table in after["tables"].items()} == {
        name: (table["rows"], table["credits"]) for name, table in before["tables"].items()
    }
    assert after["totals"]["credits"] == before["totals"]["credits"]


@pytest.mark.parametrize("flags", [(), ("--from-published",)], ids=["empty", "from-published"])
def test_dev_copy_leaves_the_pipelines_own_databases_alone(
    home: Home, flags: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev_copy, "DEV", tmp_path / "dev")
    before = [file.read_bytes() for file in (home.settings.build_database, home.settings.marts_database)]
    said = home.credits("dev-copy", *flags)
    assert said.code == 0 and "dbt build" in said.out
    made = [tmp_path / "dev" / "warehouse" / name for name in ("build.duckdb", "marts.duckdb")]
    assert all(file.stat().st_size for file in made)
    assert [file.read_bytes() for file in (home.settings.build_database, home.settings.marts_database)] == before
    assert made[1].read_bytes() == (home.current / "credits.duckdb").read_bytes() or not flags


def test_dev_copy_goes_where_the_dev_target_looks() -> None:
    profiles = (CHECKOUT / "dbt_project" / "profiles.yml").read_text()
    for database in ("build", "marts"):
        assert f"../{dev_copy.DEV.relative_to(CHECKOUT)}/warehouse/{database}.duckdb" in profiles
