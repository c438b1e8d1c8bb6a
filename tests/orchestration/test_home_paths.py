"""A home's path may hold what SQL, URLs and patterns take for something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.errors import HomeError, SettingsError
from ingest.landing.warehouse import open_build_database
from ingest.settings import Settings, load_settings
from orchestration.models.building import build_models
from orchestration.pipeline import land_new_files
from tests.orchestration.models.test_model_faults import project

ODD = """a b#c%20d'e"é{f}&g=~$(h)"""
__all__ = ["project"]


def landed(home: Path) -> Settings:
    """A home in which a record and a mapping have landed."""
    home.mkdir()
    settings = load_settings({"CREDITS_HOME": str(home)})
    records = settings.landing / "usage_records" / "a.jsonl"
    records.parent.mkdir(parents=True)
    records.write_text('{"recordId": "x", "creditsConsumed": 1, "createdAt": "2026-01-01"}\n')
    users = settings.landing / "mappings" / "users" / "2026-01-01.csv"
    users.parent.mkdir(parents=True)
    users.write_text("userId,tenantId\nu,t\n")
    assert land_new_files(settings, "a run").summary.accepted == 2
    return settings


@pytest.mark.parametrize("name", [ODD, f"{ODD}[1]*", "x" * 200])
def test_files_land_in_a_home_with_an_odd_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    settings = landed(tmp_path / name)
    assert (tmp_path / name / "warehouse" / "build.duckdb").exists()
    with open_build_database(settings) as connection:
        assert connection.execute("select record_id from raw.usage_records").fetchall() == [("x",)]
    assert land_new_files(load_settings({"CREDITS_HOME": str(tmp_path / name)}), "again").rebuilt is None


def test_models_are_built_in_a_home_with_an_odd_path(tmp_path: Path, project: Path) -> None:
    (project / "models" / "one.sql").write_text("select record_id from raw.usage_records")
    settings = landed(tmp_path / ODD)
    assert build_models(settings, full_refresh=True).failed == ()
    with open_build_database(settings) as connection:
        assert connection.execute("select record_id from marts.one").fetchall() == [("x",)]


def test_home_with_a_question_mark_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="give a path without `\\?`"):
        load_settings({"CREDITS_HOME": str(tmp_path / "a?b")})


def test_folder_of_links_that_is_not_ours_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "a[b]").mkdir()
    load_settings({"CREDITS_HOME": str(tmp_path / "a[b]")})
    [folder] = tmp_path.glob("credits-homes-*")
    folder.chmod(0o777)
    with pytest.raises(HomeError, match="is not a folder of this user only"):
        load_settings({"CREDITS_HOME": str(tmp_path / "a[b]")})
