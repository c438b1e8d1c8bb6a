"""A job that Dagster launches works in the home of `make run`, and refuses what `credits run` refuses."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from ingest.errors import HomeError
from ingest.settings import Settings, load_settings
from orchestration.defs.landing import landing
from orchestration.defs.resources import Warehouse
from orchestration.pipeline import land_new_files
from tests.orchestration.homes import CHECKOUT


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"CREDITS_HOME": str(tmp_path / "home")})


def launched(settings: Settings, **config: bool) -> dg.ExecuteInProcessResult:
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            [landing],
            resources={"warehouse": dg.ResourceDefinition.hardcoded_resource(settings)},
            run_config={"ops": {"landing": {"config": config}}} if config else None,
            instance=instance,
            raise_on_error=False,
        )


@pytest.mark.parametrize("config", [{}, {"rebuild": True}], ids=["run", "rebuild"])
def test_a_launched_job_refuses_a_home_without_a_landing_folder(settings: Settings, config: dict[str, bool]) -> None:
    result = launched(settings, **config)
    assert not result.success
    [failure] = result.filter_events(lambda event: event.is_step_failure)
    assert f"{settings.landing} does not exist: set CREDITS_HOME" in str(failure.step_failure_data)
    assert not settings.home.exists()


def test_a_run_that_holds_the_warehouse_makes_no_folder_in_a_home_it_refuses(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.home.mkdir()
    monkeypatch.setenv("CREDITS_HOME", str(settings.home))
    context: Any = SimpleNamespace(run=SimpleNamespace(run_id="r1"), instance=None)
    with pytest.raises(HomeError, match="does not exist"), Warehouse().yield_for_execution(context):
        pass
    assert [*settings.home.iterdir()] == []


def test_a_rebuild_without_a_landing_folder_keeps_the_databases(settings: Settings) -> None:
    settings.warehouse.mkdir(parents=True)
    settings.build_database.write_bytes(b"kept")
    with pytest.raises(HomeError, match="does not exist"):
        land_new_files(settings, "1", rebuild=True)
    assert settings.build_database.read_bytes() == b"kept"


def make_dev(checkout: Path, **environment: str) -> tuple[str, str]:
    """What `make dev` says, and the home that it hands on, with a Dagster that only says that."""
    binaries = checkout / ".venv" / "bin"
    binaries.mkdir(parents=True, exist_ok=True)
    for name in ("Makefile", "dagster.yaml", "workspace.yaml", "requirements.txt", "pyproject.toml"):
        shutil.copy2(CHECKOUT / name, checkout)
    (binaries / "uv").write_text("")
    (checkout / ".venv" / ".installed").write_text("")
    (binaries / "dagster").write_text('#!/bin/sh\necho "works in $CREDITS_HOME with $DAGSTER_HOME"\n')
    (binaries / "dagster").chmod(0o755)
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CREDITS_", "DAGSTER_", "MAKE", "MFLAGS"))
    }
    ended = subprocess.run(
        ["make", "dev"], cwd=checkout, env={**inherited, **environment}, capture_output=True, text=True, check=True
    )
    said, handed_on = ended.stdout.splitlines()
    return said, handed_on.removeprefix("works in ").partition(" with ")[0]


def test_make_dev_shows_the_home_of_make_run_and_says_which(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    (checkout / "data" / "demo" / "landing").mkdir(parents=True)
    said, home = make_dev(checkout)
    assert home == str(checkout / "data" / "demo") and home in said


def test_make_dev_goes_by_credits_home_where_it_is_set(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    (checkout / "data" / "demo" / "landing").mkdir(parents=True)
    said, home = make_dev(checkout, CREDITS_HOME=str(tmp_path / "own home"))
    assert home == str(tmp_path / "own home") and home in said


def test_make_dev_without_a_demonstration_takes_the_default_home(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    said, home = make_dev(checkout)
    assert home == str(checkout / "data") and home in said
