"""What is noted of builds, in the build database beside what they made.

That the models were built and passed every check: a step can be run alone, from Dagster's interface say, and without
this note marts that a failed check found wrong, or that never saw the last load, could be published. And which models
made the tables: where others began to and were taken back, an increment would go on from what those left.
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


def models_of_tables(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Fingerprint of the models that made all tables, or none where another build began and did not end well."""
    if not connection.execute("select 1 from duckdb_tables() where table_name = 'models_of_tables'").fetchone():
        return None
    row = connection.execute("select models from raw.models_of_tables").fetchone()
    return row[0] if row else None


def forget_models_of_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Before all tables are made anew: until that ends well, they are of no models in particular."""
    connection.execute("drop table if exists raw.models_of_tables")


def note_models_of_tables(connection: duckdb.DuckDBPyConnection, models: str) -> None:
    """After a build without a fault: the models that all tables are of now."""
    connection.execute("create or replace table raw.models_of_tables as select ? as models", [models])


def is_audited(connection: duckdb.DuckDBPyConnection, models: str) -> bool:
    """Whether these models were built from all loads and passed every check."""
    if not connection.execute("select 1 from duckdb_tables() where table_name = 'audited_build'").fetchone():
        return False
    row = connection.execute(
        "select models = ? and last_load_id = (select coalesce(max(load_id), 0) from raw.loads) from raw.audited_build",
        [models],
    ).fetchone()
    return bool(row and row[0])
