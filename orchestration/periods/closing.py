"""Closing a month and reopening it: the frozen rows and the files below landing.

A closing writes two Parquet files, with the charges and the lines of all statements of the month, and then an event
that names both by their SHA-256. Only the event closes the month. Files that no event names come from an interrupted
closing and are ignored.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.contract.datasets import CLOSED_CHARGES, CLOSED_LINES, FOLDERS, PERIOD_EVENTS
from ingest.contract.landing_writer import AlreadyThereError, appearing, unwritable
from ingest.landing.period_files import frozen_columns
from ingest.sql_text import literal
from orchestration.periods.rules import PeriodError

if TYPE_CHECKING:
    import duckdb

_STAMP = "%Y-%m-%dT%H-%M-%SZ"


def close_month(connection: duckdb.DuckDBPyConnection, landing: Path, month: date, by: str, now: datetime) -> Path:
    """Freeze the statements of a month as the build databases have them; return the event's file.

    `connection` has the marts attached as `marts`.

    Raises:
        PeriodError: the clock is earlier than the last event of the month.
        HomeError: landing can't be written.
    """
    _refuse_earlier_clock(connection, month, now)
    name = f"{month:%Y-%m}-{now.strftime(_STAMP)}.parquet"
    queries = {
        CLOSED_CHARGES: f"""
            select {_columns(CLOSED_CHARGES)} from intermediate.int_statement_charges
            where statement_month = $month and period_status = 'open' order by usage_month, charge_key
        """,
        CLOSED_LINES: f"""
            select {_columns(CLOSED_LINES)}
            from marts.marts.mart_tenant_statement_lines
            inner join (
                select distinct month_start, tenant_id, statement_hash from marts.marts.mart_tenant_statements
            ) using (month_start, tenant_id)
            where month_start = $month and period_status = 'open' order by tenant_id, line_number
        """,
    }
    event: dict[str, object] = {"event": "close", "month": f"{month:%Y-%m}", "at": now.isoformat(), "by": by}
    for dataset, query in queries.items():
        path = landing / FOLDERS[dataset] / name
        with _created(path) as partial:
            statement = f"copy ({query}) to {literal(partial)} (format parquet)"
            written = connection.execute(statement, {"month": month}).fetchone()
        kind = dataset.removeprefix("closed_")
        event |= {
            f"{kind}File": f"{FOLDERS[dataset]}/{name}",
            f"{kind}Sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            f"{kind}Rows": written[0] if written else 0,
        }
    return _write_event(landing, month, "close", now, event)


def reopen_month(
    connection: duckdb.DuckDBPyConnection, landing: Path, month: date, by: str, reason: str, now: datetime
) -> Path:
    """Write the event that reopens a month; return its file. The frozen files stay below landing.

    Raises:
        PeriodError: the clock is earlier than the last event of the month.
        HomeError: landing can't be written.
    """
    _refuse_earlier_clock(connection, month, now)
    event = {"event": "reopen", "month": f"{month:%Y-%m}", "at": now.isoformat(), "by": by, "reason": reason}
    return _write_event(landing, month, "reopen", now, event)


def closed_months(connection: duckdb.DuckDBPyConnection) -> list[date]:
    """The months (first days) that are closed according to the events that have landed."""
    rows = connection.execute(
        """
        select month_start from raw.period_events inner join raw.landed_files using (file_id)
        where file_id in (select max(file_id) from raw.landed_files where dataset = ? group by path)
        qualify
            row_number() over (partition by month_start order by happened_at desc, path desc) = 1 and event = 'close'
        order by month_start
        """,
        [PERIOD_EVENTS],
    ).fetchall()
    return [row[0] for row in rows]


def _refuse_earlier_clock(connection: duckdb.DuckDBPyConnection, month: date, now: datetime) -> None:
    row = connection.execute("select max(happened_at) from raw.period_events where month_start = ?", [month]).fetchone()
    if row and row[0] and row[0] >= now.astimezone(UTC).replace(tzinfo=None):
        raise PeriodError(
            f"the clock says {now:%Y-%m-%d %H:%M:%S} UTC, but {month:%Y-%m} was closed or reopened at "
            f"{row[0]:%Y-%m-%d %H:%M:%S}: correct the clock."
        )


def _columns(table: str) -> str:
    """A select list: the columns that a raw table keeps of a frozen file."""
    return ", ".join(f'"{name}"' for name in frozen_columns(table))


def _write_event(landing: Path, month: date, word: str, now: datetime, event: Mapping[str, object]) -> Path:
    path = landing / FOLDERS[PERIOD_EVENTS] / f"{month:%Y-%m}-{word}-{now.strftime(_STAMP)}.jsonl"
    with _created(path) as partial:
        partial.write_text(json.dumps(event, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


@contextmanager
def _created(path: Path) -> Iterator[Path]:
    """A path to write to, which landing does not read; the file appears at `path` when the context ends without an
    error.
    """
    try:
        with appearing(path, create_only=True) as partial:
            yield partial
    except AlreadyThereError:
        raise PeriodError(f"{path} is there already: try again in a second.") from None
    except OSError as error:
        raise unwritable(path.parent, error) from None
