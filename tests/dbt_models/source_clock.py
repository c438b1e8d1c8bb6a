"""The models that tell silence from failure, run at any time of the clock: their own SQL, as dbt compiles it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from ingest.landing.raw_tables import RAW_TABLES
from tests.dbt_models.by_hand import run_dbt
from tests.dbt_models.planted_sources import HAND_OVER, Outage

VIEWS = ("stg_usage_records", "stg_heartbeats")
TABLES = (
    "int_source_heartbeats",
    "int_file_hours",
    "int_capture_sources",
    "int_source_hours",
    "int_source_deadlines",
)
MART = "mart_capture_sources"
_NOW = re.compile(r"current_timestamp at time zone 'UTC'")
_PLANTED = """
create or replace table raw.loads as select 1 as load_id, timestamp '9999-01-01' as landed_at;
create schema staging; create schema intermediate;
create table records (source varchar, seen_at timestamp);
create table heartbeats (source varchar, heard_at timestamp, stopped boolean, landed_at timestamp);
"""
_FILES = """
create table files as
select
    row_number() over () as file_id, source, begun_at, begun_at + interval 10 minute as landed_at,
    'usage_records/' || split_part(source, '/', 2) || '@' || split_part(source, '/', 1)
    || '-20260302T000000Z-1-0123456789ab.jsonl' as path
from (select distinct source, time_bucket(interval 10 minute, seen_at) as begun_at from records);
create or replace table raw.landed_files as
select file_id, 1 as load_id, 'usage_records' as dataset, path, landed_at from files
"""
"""A file a source and ten minutes."""
_LANDED = (
    """
    insert into raw.usage_records by name
    select 1 as load_id, files.file_id, 1 as line_number, records.seen_at as captured_at
    from records
    inner join files
        on records.source = files.source and time_bucket(interval 10 minute, records.seen_at) = files.begun_at
    where files.landed_at > $before and files.landed_at <= $clock
    """,
    """
    insert into raw.heartbeats by name
    select 1 as load_id, 1 as file_id, 1 as line_number, source, heard_at, stopped
    from heartbeats where landed_at > $before and landed_at <= $clock
    """,
    # The last ones alone tell anything.
    "delete from raw.heartbeats where not stopped and heard_at < $clock - interval 3 day and heard_at >= $before - "
    "interval 4 day",
    "set variable clock = $clock",
)
_AWAY = (
    """
    delete from raw.usage_records where captured_at >= $start and captured_at < $end
    and file_id in (select file_id from files where source = $source)
    """,
    "delete from raw.heartbeats where source = $source and heard_at >= $start and heard_at < $end",
    """
    insert into raw.heartbeats by name
    select 1 as load_id, 1 as file_id, 1 as line_number, $source as source, $start as heard_at, true as stopped
    where $stops
    """,
)


@dataclass
class SourceClock:
    """Planted sources, and the models over what of them has landed by a time that only goes on."""

    connection: duckdb.DuckDBPyConnection
    statements: tuple[str, ...]
    mart: str
    clock: datetime = datetime(2000, 1, 1)

    def go_to(self, clock: datetime) -> None:
        """Land everything up to then."""
        values = {"before": self.clock, "clock": clock}
        for statement in _LANDED:
            self.connection.execute(statement, {name: values[name] for name in values if f"${name}" in statement})
        self.clock = clock

    def states(self, outage: Outage | None = None) -> Mapping[str, tuple[str, datetime | None]]:
        """State and `state_until` of each source, as a run at this time would publish them, with or without an outage
        that has begun.
        """
        self.connection.begin()
        try:
            if outage:
                values = {"source": outage.source, "start": outage.start, "end": outage.end, "stops": outage.stops}
                for statement in _AWAY:
                    self.connection.execute(statement, {n: values[n] for n in values if f"${n}" in statement})
            for statement in self.statements:
                self.connection.execute(statement)
            rows = self.connection.execute(f"select source, state, state_until from ({self.mart})")
            return {source: (state, until) for source, state, until in rows.fetchall()}
        finally:
            self.connection.rollback()


@contextmanager
def source_clock(
    folder: Path, records: Iterable[tuple[str, datetime]], heartbeats: Iterable[tuple[str, datetime, bool]]
) -> Iterator[SourceClock]:
    """Compile the models once and plant what they read. A heartbeat lands with the quarter of an hour it lies in."""
    import pyarrow as pa

    seen = [*records]
    heard = [(source, at, stops, at if stops else _handed_over(at)) for source, at, stops in heartbeats]
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'; attach ':memory:' as build; use build")
        connection.execute(RAW_TABLES)
        connection.execute(_PLANTED)
        for table, rows in (("records", seen), ("heartbeats", heard)):
            names = [column[0] for column in connection.execute(f"from {table} limit 0").description or ()]
            planted = pa.table([pa.array(column) for column in zip(*rows, strict=True)], names=names)
            connection.register("planted", planted)
            connection.execute(f"insert into {table} from planted order by 2")
        connection.execute(_FILES)
        *statements, mart = _statements(folder)
        yield SourceClock(connection, tuple(statements), mart)


def _handed_over(at: datetime) -> datetime:
    begun = at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)
    return begun + HAND_OVER


def _statements(folder: Path) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CREDITS_DEV_DATABASE", str(folder / "build.duckdb"))
        patch.setenv("CREDITS_DEV_MARTS", str(folder / "marts.duckdb"))
        outcome = run_dbt(folder / "target", "compile", "--select", *VIEWS, *TABLES, MART)
    if outcome.exception is not None:
        raise outcome.exception
    compiled = {result.node.name: result.node for result in getattr(outcome.result, "results", [])}
    for name in (*VIEWS, *TABLES):
        kind = "view" if name in VIEWS else "table"
        yield f"create or replace {kind} {compiled[name].relation_name} as {_at_the_clock(compiled[name].compiled_code)}"
    yield _at_the_clock(compiled[MART].compiled_code)


def _at_the_clock(sql: str) -> str:
    return _NOW.sub("getvariable('clock')", sql)
