"""Writes the database of a version: a copy of the marts, or all of them with the operations of the last months only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb

from ingest.errors import PublishError
from ingest.flushing import flush_to_disk
from ingest.landing.warehouse import MARTS_STORAGE_VERSION
from ingest.settings import Settings
from ingest.sql_text import literal, quoted
from orchestration.publish.file_copy import copy_file
from orchestration.publish.parquet_export import MONTHLY_TABLES
from orchestration.version_tables import TABLES_OF_OPERATIONS


def write_database(settings: Settings, target: Path, described: Mapping[str, Mapping[str, object]]) -> date | None:
    """Write the database of a version. `described` has the manifest's entry for each table. No connection may have the
    marts' database open for writing.

    Returns the first day whose operations are in it; None if it has all of them.

    Raises:
        PublishError: a table of the copy is not whole.
        OSError, duckdb.Error: a file can't be read or written.
    """
    has_credits = {table: says["credits"] is not None for table, says in described.items()}
    expected = {table: (says["rows"], says["credits"]) for table, says in described.items()}
    begin = _first_day(settings)
    if begin is None:
        copy_file(settings.marts_database, target)
    else:
        expected |= _write_shortened(settings, target, has_credits, begin)
    target.chmod(0o444)
    with duckdb.connect(str(target), read_only=True) as copy:
        rows_of = {table: f"marts.{quoted(table)}" for table in described}
        for table, found in counted(copy, rows_of, has_credits).items():
            if found != expected[table]:
                raise PublishError(f"not published: the copy of {table} is not whole; run again.")
    flush_to_disk(target)
    return begin


def counted(
    connection: duckdb.DuckDBPyConnection, rows_of: Mapping[str, str], has_credits: Mapping[str, bool]
) -> dict[str, tuple[int, str | None]]:
    """The number of rows of each table and, if it has them, the sum of its credits (a decimal text; 0 if there are no
    rows). `rows_of` has what to select from for each table. One statement, because planning many costs more than their
    rows.
    """
    parts = [
        f"select {literal(table)}, count(*), "
        f"{'coalesce(sum(credits), 0)::decimal(38, 9)::varchar' if has_credits[table] else 'null'} from {rows}"
        for table, rows in rows_of.items()
    ]
    rows = connection.execute(" union all ".join(parts)).fetchall() if parts else []
    return {table: (count, credits) for table, count, credits in rows}


def _first_day(settings: Settings) -> date | None:
    """The first day of the last months that have operations, as many as the settings say; None for all of them."""
    if not settings.published_fact_months:
        return None
    with duckdb.connect(str(settings.marts_database), read_only=True) as marts:
        row = marts.execute(
            """
            select (date_trunc('month', max(reporting_date)) - to_months($kept - 1))::date as first_kept
            from marts.marts.fct_credit_usage having first_kept > min(reporting_date)
            """,
            {"kept": settings.published_fact_months},
        ).fetchone()
    return row[0] if row else None


def _write_shortened(
    settings: Settings, target: Path, has_credits: Mapping[str, bool], begin: date
) -> dict[str, tuple[int, str | None]]:
    """Write a database without the operations before a day; the rows and credits of their tables in it."""
    config = {"memory_limit": settings.memory_limit, "threads": settings.threads}
    with duckdb.connect(config=config) as connection:
        connection.execute(f"attach {literal(settings.marts_database)} as marts (read_only)")
        connection.execute(f"attach {literal(target)} as shortened (storage_version '{MARTS_STORAGE_VERSION}')")
        connection.execute("copy from database marts to shortened (schema)")
        kept = {
            table: f"(from marts.marts.{quoted(table)} where {quoted(MONTHLY_TABLES[table].by)} >= date '{begin}')"
            for table in TABLES_OF_OPERATIONS
        }
        for table in has_credits:
            rows = kept.get(table, f"marts.marts.{quoted(table)}")
            connection.execute(f"insert into shortened.marts.{quoted(table)} from {rows}")
        return counted(connection, kept, has_credits)
