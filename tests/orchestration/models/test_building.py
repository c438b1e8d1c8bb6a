"""dbt in this process: what it was given is known by its content, and its faults end in one line."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from orchestration.models import building
from orchestration.models.building import ModelsError, manifest_path, models_fingerprint
from tests.orchestration.homes import Home


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the dbt project to change."""
    copy = tmp_path / "dbt_project"
    shutil.copytree(building.PROJECT, copy, ignore=shutil.ignore_patterns("target", "logs"))
    monkeypatch.setattr(building, "PROJECT", copy)
    return copy


@pytest.fixture
def small_project(project: Path) -> Path:
    """A project with the same profile and no models yet, which is parsed fast."""
    for part in ("models", "macros", "tests"):
        shutil.rmtree(project / part)
    (project / "models" / "marts").mkdir(parents=True)
    (project / "dbt_project.yml").write_text("{name: credits, version: 1.0.0, profile: credits, model-paths: [models]}")
    return project


def test_fault_in_a_model_is_told_in_one_line_that_names_it(home: Home, small_project: Path) -> None:
    (small_project / "models" / "marts" / "broken.sql").write_text("select * from {{ ref('nowhere') }}")
    with pytest.raises(ModelsError) as caught:
        manifest_path(home.settings)
    assert "broken" in str(caught.value) and "nowhere" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "part", ["models/marts/usage/dim_dates.sql", "macros/increments.sql", "tests/added.sql", "profiles.yml"]
)
def test_everything_that_decides_what_the_models_make_counts_as_a_change(project: Path, part: str) -> None:
    before = models_fingerprint()
    path = project / part
    path.write_text((path.read_text() if path.exists() else "") + "\n-- changed\n")
    after = models_fingerprint()
    assert after != before
    path.rename(path.with_stem("renamed"))
    assert models_fingerprint() != after


def test_what_a_killed_parser_left_is_never_taken_for_the_models(home: Home, small_project: Path) -> None:
    (small_project / "models" / "marts" / "sound.sql").write_text("select 1 as one")
    manifest = manifest_path(home.settings)
    whole = json.loads(manifest.read_text())
    manifest.unlink()
    half = manifest.parent / f"parse-{os.getpid()}"
    half.mkdir()
    (half / "manifest.json").write_text("{")
    again = json.loads(manifest_path(home.settings).read_text())
    assert "model.credits.sound" in whole["nodes"] and set(again["nodes"]) == set(whole["nodes"])
    assert {path.name for path in manifest.parent.iterdir()} == {"manifest.json", "partial_parse.msgpack"}
