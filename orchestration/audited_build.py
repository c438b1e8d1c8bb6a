"""The note that the models were built and passed every check, kept in the build database beside what they made.

A step can be run alone, from Dagster's interface say: without this note, marts that a failed check found wrong, or
that never saw the last load, could be published.
"""

from __future__ import annotations

import duckdb


def forget_audit(connection: duckdb.DuckDBPyConnection) -> None:
    """Before a build: whatever was built until now is not to be published any more."""
    connection.execute("drop table if exists raw.audited_build")


def note_audit(connection: duckdb.DuckDBPyConnection, models: str) -> None:
    """After a build without a fault: the models, and the last load that they saw."""
    connection.execute(
        "create or replace table raw.audited_build as "
        "select coalesce(max(load_id), 0) as last_load_id, ? as models from raw.loads",
        [models],
    )


def is_audited(connection: duckdb.DuckDBPyConnection, models: str) -> bool:
    """Whether these models were built from all loads and passed every check."""
    if not connection.execute("select 1 from duckdb_tables() where table_name = 'audited_build'").fetchone():
        return False
    row = connection.execute(
        "select models = ? and last_load_id = (select coalesce(max(load_id), 0) from raw.loads) from raw.audited_build",
        [models],
    ).fetchone()
    return bool(row and row[0])
