"""Unusable settings, arguments and homes end in one clear line and a code that is not 0."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.orchestration.homes import Home


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CREDITS_THREADS", "none"),
        ("CREDITS_MEMORY_LIMIT", "plenty"),
        ("CREDITS_KEEP_VERSIONS", "0"),
        ("CREDITS_LOCK_WAIT_SECONDS", "-1"),
    ],
)
def test_unusable_setting_is_named_with_its_value(
    home: Home, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    line = home.credits("run").one_line
    assert f"{name} is '{value}': give " in line


def test_home_that_cannot_hold_a_warehouse_is_named(
    fresh_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDITS_HOME", str(tmp_path))
    (tmp_path / "landing").mkdir()
    (tmp_path / "warehouse").write_text("no folder")
    line = fresh_home.credits("run").one_line
    assert f"{tmp_path / 'warehouse'} cannot be made" in line and "CREDITS_HOME" in line


def test_dagster_home_that_is_no_path_is_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.deliver("more.jsonl", {"creditsConsumed": 1, "createdAt": "2026-01-01"})
    monkeypatch.setenv("DAGSTER_HOME", "relative")
    assert "DAGSTER_HOME" in home.credits("run").one_line


WRONG_MANIFESTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "no object": lambda whole: [whole],
    "nothing": lambda whole: None,
    "empty": lambda whole: {},
    "too deep": lambda whole: "[" * 100_000,
    **{
        f"no {name}": partial(lambda name, whole: {**whole, name: None}, name)
        for name in ("version", "tables", "models")
    },
    "tables as a list": lambda whole: {**whole, "tables": [*whole["tables"]]},
    "a table that is none": lambda whole: {**whole, "tables": {**whole["tables"], "mart_unread_files": 3}},
    "no totals": lambda whole: {**whole, "totals": {}},
    "credits that are no number": lambda whole: {**whole, "totals": {**whole["totals"], "credits": "many"}},
    "months that are none": lambda whole: {**whole, "totals": {**whole["totals"], "closed_months": 7}},
    "built at no time": lambda whole: {**whole, "built_at": "yesterday"},
    "built in no zone": lambda whole: {**whole, "built_at": "2026-01-01T00:00:00"},
    "current until no time": lambda whole: {**whole, "current_until": "tomorrow"},
    "a database elsewhere": lambda whole: {**whole, "database": "../other.duckdb"},
}


@pytest.mark.parametrize("made", WRONG_MANIFESTS.values(), ids=WRONG_MANIFESTS.keys())
def test_damaged_manifest_is_named_with_the_way_out(home: Home, made: Callable[[dict[str, Any]], object]) -> None:
    manifest = (home.current / "manifest.json").resolve()
    wrong = made(home.manifest())
    manifest.unlink()
    manifest.write_text(wrong if isinstance(wrong, str) else json.dumps(wrong))
    for command in ("status", "run", "tenants", "users"):
        line = home.credits(command).one_line
        assert str(manifest) in line and f"remove {home.current}" in line


def test_error_that_nobody_foresaw_is_one_line_with_its_place_and_no_value(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ValueError("invalid literal for int(): 'Jane Doe'")

    for command, path in (
        ("status", "orchestration.commands.status.show_status"),
        ("tenants", "orchestration.commands.names.show_tenants"),
    ):
        monkeypatch.setattr(path, fails)
        ended = home.credits(command)
        assert ended.code == 1
        assert "ValueError" in ended.one_line and "test_errors.py:" in ended.one_line
        assert "Jane" not in ended.one_line


@pytest.mark.parametrize("closed", [">&-", "<&-", "2>&-", ">&- 2>&- <&-"])
def test_closed_standard_stream_is_no_fault(home: Home, closed: str) -> None:
    ended = home.process(
        "-m", "orchestration.cli", "status", "--json", before=("sh", "-c", f'exec "$@" {closed}', "sh")
    )
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("{") != closed.startswith(">")


def test_sample_that_cannot_be_written_is_named(home: Home, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert "give another --out" in home.credits("sample", "--out", str(tmp_path / "file" / "below")).one_line


def test_dev_copy_of_nothing_says_so_and_keeps_what_there_was(fresh_home: Home) -> None:
    assert "nothing is published yet" in fresh_home.credits("dev-copy", "--from-published").one_line


@pytest.mark.parametrize(("arguments", "see"), [(("rn",), "did you mean 'run'? See `"), (("zz",), "'zz'; see `")])
def test_suggestion_ends_its_sentence(home: Home, arguments: tuple[str, ...], see: str) -> None:
    assert see in home.credits(*arguments).one_line


@pytest.mark.parametrize(
    "arguments",
    [
        ("run",),
        ("tenants",),
        ("statement", "t", "2026-01"),
        ("dashboard",),
        ("close", "2026-01"),
        ("close", "2026-01", "--dry-run"),
        ("quarantine", "list"),
    ],
)
def test_home_that_is_not_there_is_a_wrong_setting(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("CREDITS_HOME", str(tmp_path / "none"))
    ended = home.credits(*arguments)
    assert ended.code == 2 and "CREDITS_HOME" in ended.one_line
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "arguments", [("close", "2099-01"), ("close", "1999-01"), ("reopen", "1999-01", "--reason", "x")]
)
def test_month_that_cannot_be_closed_or_reopened_is_asked_wrongly(home: Home, arguments: tuple[str, ...]) -> None:
    ended = home.credits(*arguments)
    assert ended.code == 2 and arguments[1] in ended.err


@pytest.mark.parametrize("arguments", [("nonsense",), ("run", "--fast"), ("quarantine", "list", "--limit", "-1")])
def test_wrong_arguments_end_with_code_2_and_the_way_to_help(home: Home, arguments: tuple[str, ...]) -> None:
    said = home.credits(*arguments)
    assert said.code == 2 and "--help" in said.err and "Traceback" not in said.err
