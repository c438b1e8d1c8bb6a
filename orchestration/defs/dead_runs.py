"""Killed runs: Dagster shows them as running, and their slots of the pool as used, until they are ended here.

A run is marked with its home before it waits for the writer's lock, and as the writer once it holds the lock. The
holder of the lock knows that no other run of this home is at work, so an unfinished run that is marked as its writer is
dead.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import dagster as dg

from ingest.settings import Settings

HOME_TAG = "credits/home"
WRITER_TAG = "credits/writer"
_JOBS = ("credits_job", "rebuild_job")
_UNFINISHED = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
_START = timedelta(hours=1)
"""A launched run starts within this time, even if a cluster must make room for it first."""


def mark_home(instance: dg.DagsterInstance, settings: Settings, run_id: str) -> None:
    """Mark a run with its home, before it waits for the writer's lock."""
    instance.add_run_tags(run_id, {HOME_TAG: str(settings.home)})


def end_dead_runs(instance: dg.DagsterInstance, settings: Settings, own_run_id: str | None = None) -> list[str]:
    """Free the slots of this warehouse's dead runs and mark those runs as failed; return their ids.

    The caller holds the writer's lock. `own_run_id` is the run that holds it.
    """
    if own_run_id:
        instance.add_run_tags(own_run_id, {HOME_TAG: str(settings.home), WRITER_TAG: "yes"})
    holding = instance.event_log_storage.get_concurrency_run_ids() - {own_run_id}
    dead: list[str] = []
    # A run with a slot has had the lock, so it has a mark; a run without a mark comes from an earlier release.
    for run_id in holding:
        run = instance.get_run_by_id(run_id)
        if run is None or run.is_finished or _is_of_home(run, settings) or (_is_unmarked(run) and _is_ours(run)):
            instance.event_log_storage.free_concurrency_slots_for_run(run_id)
            if run and not run.is_finished:
                dead.append(_end(instance, run))
    now = datetime.now(UTC)
    longest_wait = timedelta(seconds=settings.lock_wait_seconds) + _START
    for record in instance.get_run_records(dg.RunsFilter(statuses=_UNFINISHED)):
        run = record.dagster_run
        # A run may have waited in the queue for long before it started.
        age = now - (datetime.fromtimestamp(record.start_time, UTC) if record.start_time else record.create_timestamp)
        if run.run_id == own_run_id or run.run_id in dead:
            continue
        if _is_of_home(run, settings):
            is_dead = WRITER_TAG in run.tags or age > longest_wait
        else:
            # It was killed before it was marked, and so before it waited for any lock.
            is_dead = _is_unmarked(run) and _is_ours(run) and age > _START
        if is_dead:
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
