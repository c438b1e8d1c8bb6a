"""Runs that were killed: Dagster takes them for running, and their slots of the pool for used, until somebody says so.

Whoever holds the writer's lock knows that no other run of this warehouse is at work. A run is marked with its home once
it holds the lock, so that one with that mark which has not ended is dead.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import dagster as dg

from ingest.settings import Settings

HOME_TAG = "credits/home"
_JOBS = ("credits_job", "rebuild_job")
_UNFINISHED = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
_START = timedelta(minutes=5)


def end_dead_runs(instance: dg.DagsterInstance, settings: Settings, own_run_id: str | None = None) -> list[str]:
    """Free the slots of this warehouse's dead runs and mark those runs as failed; return their ids.

    Whoever calls this holds the writer's lock. `own_run_id` is the run that it is held for.
    """
    if own_run_id:
        instance.add_run_tags(own_run_id, {HOME_TAG: str(settings.home)})
    holding = instance.event_log_storage.get_concurrency_run_ids() - {own_run_id}
    dead: list[str] = []
    # A run that holds a slot has come past the lock, and so bears a mark: one without is of an earlier release.
    for run_id in holding:
        run = instance.get_run_by_id(run_id)
        if run is None or run.is_finished or _is_of_home(run, settings) or (_is_unmarked(run) and _is_ours(run)):
            instance.event_log_storage.free_concurrency_slots_for_run(run_id)
            if run and not run.is_finished:
                dead.append(_end(instance, run))
    started_before = datetime.now(UTC) - timedelta(seconds=settings.lock_wait_seconds) - _START
    for record in instance.get_run_records(dg.RunsFilter(statuses=_UNFINISHED)):
        run = record.dagster_run
        if run.run_id == own_run_id or run.run_id in dead:
            continue
        # One without a mark may wait for the lock, but not for longer than a run may wait.
        waited_out = _is_unmarked(run) and _is_ours(run) and record.create_timestamp < started_before
        if _is_of_home(run, settings) or waited_out:
            dead.append(_end(instance, run))
    return dead


def _is_of_home(run: dg.DagsterRun, settings: Settings) -> bool:
    return run.tags.get(HOME_TAG) == str(settings.home)


def _is_unmarked(run: dg.DagsterRun) -> bool:
    return HOME_TAG not in run.tags


def _is_ours(run: dg.DagsterRun) -> bool:
    return run.job_name in _JOBS


def _end(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    instance.report_run_failed(run, "the run was killed: another one holds the warehouse's lock now")
    return run.run_id
