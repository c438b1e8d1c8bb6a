"""Dagster's own history: it keeps every run and event for ever, so this job deletes old ones."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
from dagster._core.instance.utils import RUNLESS_RUN_ID
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, SqlEventLogStorageTable
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from sqlalchemy import ColumnElement, Connection, Table, func, select

KEPT = timedelta(days=14)
_EVENTS_BY_HAND = ((SqlEventLogStorageTable, "timestamp"), (AssetCheckExecutionsTable, "create_timestamp"))
_FINISHED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


@dg.op(name="forget_old_runs")
def forget_old_runs_op(context: dg.OpExecutionContext) -> None:
    """Delete the runs that ended more than two weeks ago, with their events and what they printed."""
    context.log.info(f"{forget_old_runs(context.instance)} runs forgotten")


def forget_old_runs(instance: dg.DagsterInstance) -> int:
    """Delete the runs that ended more than two weeks ago with their files, and equally old events of runs by hand;
    return the number of runs. The latest event of each asset and check stays.
    """
    before = datetime.now(UTC) - KEPT
    old = dg.RunsFilter(statuses=_FINISHED, created_before=before)
    forgotten = 0
    while runs := instance.get_runs(old, limit=100):
        for run in runs:
            instance.delete_run(run.run_id)
            forget_files(instance, run.run_id)
        forgotten += len(runs)
    events = instance.event_log_storage
    if isinstance(events, SqlEventLogStorage):
        with events.index_connection() as connection:
            for table, time in _EVENTS_BY_HAND:
                _forget_events_by_hand(connection, table, table.c[time], before)
        with events.run_connection(RUNLESS_RUN_ID) as connection:
            _forget_events_by_hand(connection, SqlEventLogStorageTable, SqlEventLogStorageTable.c.timestamp, before)
    return forgotten


def _forget_events_by_hand(connection: Connection, table: Table, time: ColumnElement, before: datetime) -> None:
    by_hand = table.c.run_id == RUNLESS_RUN_ID
    of_one = [table.c[name] for name in ("asset_key", "check_name", "dagster_event_type") if name in table.c]
    latest = select(func.max(table.c.id)).where(by_hand).group_by(*of_one)
    old = time < before.replace(tzinfo=None)
    connection.execute(table.delete().where(by_hand, old, table.c.id.not_in(latest)))


def forget_files(instance: dg.DagsterInstance, run_id: str) -> None:
    """Remove the files that `delete_run` leaves: the run's event database and its captured output."""
    events = instance.event_log_storage
    if isinstance(events, SqliteEventLogStorage):
        Path(events.path_for_shard(run_id)).unlink(missing_ok=True)
    shutil.rmtree(Path(instance.storage_directory()) / run_id, ignore_errors=True)


@dg.job
def history_job() -> None:
    """Keep Dagster's history from growing without limit."""
    forget_old_runs_op()


nightly = dg.ScheduleDefinition(
    name="nightly", job=history_job, cron_schedule="15 3 * * *", default_status=dg.DefaultScheduleStatus.RUNNING
)
