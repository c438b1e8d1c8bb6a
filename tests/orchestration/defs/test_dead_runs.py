"""Dagster's runs that were killed: whoever writes next frees their slots and marks them as failed, and no others."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from ingest.settings import Settings, load_settings
from orchestration.defs import resources
from orchestration.defs.dead_runs import HOME_TAG, WRITER_TAG, end_dead_runs
from tests.orchestration.homes import CHECKOUT

STARTED, FAILED = dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.FAILURE


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"CREDITS_HOME": str(tmp_path / "home")})


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    folder = tmp_path / "dagster"
    folder.mkdir()
    shutil.copy(CHECKOUT / "dagster.yaml", folder)
    with dg.DagsterInstance.from_config(str(folder)) as made:
        made.event_log_storage.initialize_concurrency_limit_to_default("warehouse")
        yield made


@dg.job(name="credits_job")
def of_the_warehouse() -> None:
    """A job of the name that runs of the warehouse have."""


@dg.job(name="another_job")
def of_another_sort() -> None:
    """A job that has nothing to do with a warehouse."""


def run_of(
    instance: dg.DagsterInstance,
    home: Path | None,
    job: dg.JobDefinition = of_the_warehouse,
    age: timedelta = timedelta(0),
    status: dg.DagsterRunStatus = STARTED,
    is_writer: bool = True,
) -> str:
    """A run that has started, marked with a home if it reached that home's lock, and as its writer if it got it."""
    marks = ({HOME_TAG: str(home)} if home else {}) | ({WRITER_TAG: "yes"} if home and is_writer else {})
    run = instance.create_run_for_job(job, status=status, tags=marks)
    if age:
        instance.delete_run(run.run_id)
        instance.run_storage.add_historical_run(run, datetime.now(UTC) - age)
    return run.run_id


def holding(instance: dg.DagsterInstance, run_id: str) -> str:
    assert instance.event_log_storage.claim_concurrency_slot("warehouse", run_id, "landing").is_claimed
    return run_id


def status(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus:
    run = instance.get_run_by_id(run_id)
    assert run
    return run.status


def test_dead_run_loses_its_slot_and_is_marked_as_failed(instance: dg.DagsterInstance, settings: Settings) -> None:
    dead = holding(instance, run_of(instance, settings.home))
    own = run_of(instance, None)
    assert end_dead_runs(instance, settings, own) == [dead]
    assert (status(instance, dead), status(instance, own)) == (FAILED, STARTED)
    assert instance.event_log_storage.claim_concurrency_slot("warehouse", own, "landing").is_claimed
    assert end_dead_runs(instance, settings, own) == []


@pytest.mark.parametrize("job", [of_the_warehouse, of_another_sort])
def test_run_of_another_warehouse_is_left_alone(
    instance: dg.DagsterInstance, settings: Settings, tmp_path: Path, job: dg.JobDefinition
) -> None:
    other = holding(instance, run_of(instance, tmp_path / "another", job))
    assert end_dead_runs(instance, settings) == []
    assert status(instance, other) is STARTED
    assert instance.event_log_storage.get_concurrency_run_ids() == {other}


def test_slot_of_an_earlier_release_and_of_a_run_that_is_over_is_freed(
    instance: dg.DagsterInstance, settings: Settings
) -> None:
    unmarked = holding(instance, run_of(instance, None))
    assert end_dead_runs(instance, settings) == [unmarked]
    over = run_of(instance, None, of_another_sort)
    holding(instance, over)
    run = instance.get_run_by_id(over)
    assert run
    instance.report_run_failed(run)
    assert end_dead_runs(instance, settings) == []
    assert instance.event_log_storage.get_concurrency_run_ids() == set()


def test_run_that_may_still_wait_for_a_lock_is_left_alone(
    instance: dg.DagsterInstance, settings: Settings, tmp_path: Path
) -> None:
    longest = timedelta(seconds=settings.lock_wait_seconds, minutes=61)
    waiting = run_of(instance, settings.home, is_writer=False)
    elsewhere = run_of(instance, tmp_path / "another", age=longest, is_writer=False)
    longer = run_of(instance, settings.home, age=longest, is_writer=False)
    other = run_of(instance, None, of_another_sort, age=timedelta(days=1))
    assert end_dead_runs(instance, settings) == [longer]
    assert {status(instance, run) for run in (waiting, elsewhere, other)} == {STARTED}


def test_run_whose_process_ended_before_it_began_is_marked_as_failed(
    instance: dg.DagsterInstance, settings: Settings
) -> None:
    ages = (timedelta(0), timedelta(minutes=61))
    young, old = (run_of(instance, None, age=age, status=dg.DagsterRunStatus.NOT_STARTED) for age in ages)
    assert end_dead_runs(instance, settings) == [old]
    assert status(instance, young) is dg.DagsterRunStatus.NOT_STARTED


def test_catalog_that_fails_keeps_no_run_from_its_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("database is locked")

    (tmp_path / "home" / "landing").mkdir(parents=True)
    monkeypatch.setenv("CREDITS_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(resources, "end_dead_runs", fails)
    context: Any = SimpleNamespace(run=SimpleNamespace(run_id="r1"), instance=object())
    with resources.Warehouse().yield_for_execution(context) as held:
        assert held.home == tmp_path / "home"
    assert "could not be ended" in "".join(path.read_text() for path in held.logs.iterdir())


def test_daemon_frees_slots_of_runs_that_ended(instance: dg.DagsterInstance) -> None:
    assert instance.run_monitoring_settings["free_slots_after_run_end_seconds"] == 10
