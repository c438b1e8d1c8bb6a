"""Unusable settings, arguments and homes end in one clear line and a code that is not 0."""

from __future__ import annotations

from pathlib import Path

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


def test_damaged_manifest_is_named_with_the_way_out(home: Home) -> None:
    manifest = (home.current / "manifest.json").resolve()
    manifest.unlink()
    manifest.write_text("{")
    line = home.credits("status").one_line
    assert str(manifest) in line and f"remove {home.current}" in line


def test_sample_that_cannot_be_written_is_named(home: Home, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert "give another --out" in home.credits("sample", "--out", str(tmp_path / "file" / "below")).one_line


def test_dev_copy_of_nothing_says_so_and_keeps_what_there_was(fresh_home: Home) -> None:
    assert "nothing is published yet" in fresh_home.credits("dev-copy", "--from-published").one_line


@pytest.mark.parametrize("arguments", [("nonsense",), ("run", "--fast"), ("quarantine", "list", "--limit", "-1")])
def test_wrong_arguments_end_with_code_2_and_the_way_to_help(home: Home, arguments: tuple[str, ...]) -> None:
    said = home.credits(*arguments)
    assert said.code == 2 and "--help" in said.err and "Traceback" not in said.err
