"""The files that `credits close` and `credits reopen` write: the events of months, and the frozen rows.

They are inputs like any other: everything to the right of landing can be made again from them. Each closing names its
two files by their SHA-256; landing stops if one is missing or has other content.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from ingest.contract.datasets import PERIOD_EVENTS
from ingest.contract.landing_files import LandingFile
from ingest.errors import MappingError
from ingest.landing.file_bytes import InspectedFile
from ingest.landing.file_text import LineOrReason, numbered_lines
from ingest.landing.inputs import CLOSING_INPUTS
from ingest.landing.ledger import LedgerEntry
from ingest.sql_text import path_as_text

_EVENT = {column.header: column.name for column in CLOSING_INPUTS[PERIOD_EVENTS].columns}
"""The fields of a line in an event file, and their columns in the raw table."""
_OF_CLOSINGS = [name for name in _EVENT if name.startswith(("charges", "lines"))]
_AS_WRITTEN = "put it back as `credits close` or `credits reopen` wrote it"


def write_period_file(connection: duckdb.DuckDBPyConnection, load_id: int, inspected: InspectedFile) -> LedgerEntry:
    """Write one file into its raw table, within the caller's transaction.

    Raises:
        MappingError: the command did not write it like this; names the file.
    """
    if inspected.file.dataset == PERIOD_EVENTS:
        rows = _write_events(connection, load_id, inspected)
    else:
        rows = _write_frozen(connection, load_id, inspected)
    return LedgerEntry(rows, rows, 0, "0", 0)


def frozen_columns(dataset: str) -> list[str]:
    """The columns of a frozen file, in the form of its raw table."""
    return [column.name for column in CLOSING_INPUTS[dataset].columns]


def check_closings(connection: duckdb.DuckDBPyConnection, landing: Path) -> None:
    """Compare each closing, past and current, with the files below `landing` that it names.

    Raises:
        MappingError: one is missing, or has other content; names it.
    """
    named = connection.execute(
        """
        with events as (
            select events.*, files.path as event_path
            from raw.period_events as events
            inner join raw.seen_files as files on files.file_id = events.file_id
            where files.dataset = 'period_events' and events.event = 'close'
        ),

        named as (
            select 'closed_charges' as dataset, month_start, charges_file as path, charges_sha256 as sha256,
                charges_rows as named_rows, event_path
            from events
            union all
            select 'closed_lines', month_start, lines_file, lines_sha256, lines_rows, event_path from events
        )

        select named.path, strftime(named.month_start, '%Y-%m'), named.sha256 is not distinct from seen.sha256
            and named.named_rows = (
                select min(landed.lines) from raw.landed_files as landed
                where landed.dataset = named.dataset and landed.sha256 = named.sha256
            )
        from named
        left join raw.seen_files as seen on seen.dataset = named.dataset and seen.path = named.path
        order by all
        """
    ).fetchall()
    for path, month, is_as_named in named:
        if not (landing / path).is_file():
            raise MappingError(f"{path} is missing; {month} was closed with it: put it back from a backup.")
        if not is_as_named:
            raise MappingError(f"{path} differs from the file that closed {month}: put it back from a backup.")


def _write_events(connection: duckdb.DuckDBPyConnection, load_id: int, inspected: InspectedFile) -> int:
    rows = 0
    for number, line in numbered_lines(inspected.file):
        values = _event(inspected.file, number, line)
        connection.execute(
            f"insert into raw.period_events (load_id, file_id, line_number, {', '.join(_EVENT.values())}) "
            f"values ({', '.join('?' * (len(_EVENT) + 3))})",
            [load_id, inspected.file_id, number, *(values.get(name) for name in _EVENT)],
        )
        rows += 1
    return rows


def _event(file: LandingFile, number: int, line: LineOrReason) -> Mapping[str, object]:
    where = f"{file.path}: row {number}"
    try:
        found = json.loads(b"" if isinstance(line, str) else line)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise MappingError(f"{where} can't be read: {_AS_WRITTEN}.")
    values = {name: found.get(name) for name in _EVENT}
    texts = {name: value for name, value in values.items() if not name.endswith("Rows")}
    wanted = {"event", "month", "at", "by"} | ({*_OF_CLOSINGS} if values["event"] == "close" else {"reason"})
    try:
        sound = (
            values["event"] in ("close", "reopen")
            and all(values[name] not in (None, "") for name in wanted)
            and all(value is None or isinstance(value, str) for value in texts.values())
            and all(isinstance(values[name] or 0, int) for name in values if name.endswith("Rows"))
            and all(_is_below_landing(str(values[name])) for name in ("chargesFile", "linesFile") if values[name])
        )
        month, moment = date.fromisoformat(f"{values['month']}-01"), datetime.fromisoformat(str(values["at"]))
    except ValueError:
        raise MappingError(f"{where} has no valid month or time: {_AS_WRITTEN}.") from None
    if not sound or moment.utcoffset() is None:
        raise MappingError(f"{where} has missing or wrong fields: {_AS_WRITTEN}.")
    return {**values, "month": month, "at": moment.astimezone(UTC).replace(tzinfo=None)}


def _is_below_landing(path: str) -> bool:
    return re.fullmatch(r"billing/closed_(charges|lines)/[A-Za-z0-9._-]+\.parquet", path, re.ASCII) is not None


def _write_frozen(connection: duckdb.DuckDBPyConnection, load_id: int, inspected: InspectedFile) -> int:
    """The columns with which the file was frozen; columns that a later release added are null."""
    table, path = inspected.file.dataset, path_as_text(inspected.file.absolute)
    kept = frozen_columns(table)
    try:
        frozen = connection.execute("from read_parquet(?, hive_partitioning = false) limit 0", [path])
        names = {column[0] for column in frozen.description or ()}
        columns = ", ".join(f'"{name}"' for name in kept if name in names)
        written = connection.execute(
            f"insert into raw.{table} (load_id, file_id, {columns}) "
            f"select ?, ?, {columns} from read_parquet(?, hive_partitioning = false)",
            [load_id, inspected.file_id, path],
        ).fetchone()
    except duckdb.Error:
        raise MappingError(
            f"{inspected.file.path} is not what `credits close` wrote: put it back from a backup."
        ) from None
    return written[0] if written else 0
