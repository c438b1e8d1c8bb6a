"""Dagster's own history: it keeps every run and event for ever, so this job lets the old ones go."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage

KEPT = timedelta(days=14)
_FINISHED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


@dg.op
def forget_old_runs(context: dg.OpExecutionContext) -> None:
    """Delete the runs that ended more than two weeks ago, with their events and what they printed."""
    instance = context.instance
    old = dg.RunsFilter(statuses=_FINISHED, created_before=datetime.now(UTC) - KEPT)
    forgotten = 0
    while runs := instance.get_runs(old, limit=100):
        for run in runs:
            instance.delete_run(run.run_id)
            forget_files(instance, run.run_id)
        forgotten += len(runs)
    context.log.info(f"{forgotten} runs forgotten")


def forget_files(instance: dg.DagsterInstance, run_id: str) -> None:
    """Remove the files that `delete_run` leaves behind: the run's event database and its captured output."""
    events = instance.event_log_storage
    if isinstance(events, SqliteEventLogStorage):
        Path(events.path_for_shard(run_id)).unlink(missing_ok=True)
    shutil.rmtree(Path(instance.storage_directory()) / run_id, ignore_errors=True)


@dg.job
def history_job() -> None:
    """Keep Dagster's history from growing without end."""
    forget_old_runs()


nightly = dg.ScheduleDefinition(
    name="nightly", job=history_job, cron_schedule="15 3 * * *", default_status=dg.DefaultScheduleStatus.RUNNING
)
