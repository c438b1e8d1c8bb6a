"""The build's audit marks, kept in the build database.

One mark says that the models were built and passed every check. A step can be run alone, for example from Dagster's
interface; without this mark, marts that failed a check or lack the last load could be published. Another mark says
which models made the tables. If changed models were built in part and then withdrawn, an increment must not go on from
their tables. A third one says when the checks last compared all of history.
"""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb


def forget_audit(connection: duckdb.DuckDBPyConnection) -> None:
    """Call before a build: from now on, earlier builds must not be published."""
    connection.execute("drop table if exists raw.audited_build")


def note_audit(connection: duckdb.DuckDBPyConnection, models: str) -> None:
    """Call after a build without a fault: notes the models and the last load in them."""
    connection.execute(
        "create or replace table raw.audited_build as "
        "select coalesce(max(load_id), 0) as last_load_id, ? as models from raw.loads",
        [models],
    )


def models_of_tables(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Fingerprint of the models that made all tables; None if another build began and did not succeed."""
    if not connection.execute("select 1 from duckdb_tables() where table_name = 'models_of_tables'").fetchone():
        return None
    row = connection.execute("select models from raw.models_of_tables").fetchone()
    return row[0] if row else None


def forget_models_of_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Call before all tables are made again: until that succeeds, no fingerprint is noted for them."""
    connection.execute("drop table if exists raw.models_of_tables")


def note_models_of_tables(connection: duckdb.DuckDBPyConnection, models: str) -> None:
    """Call after a build without a fault: notes the models that made all tables."""
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


def forget_whole_checks(connection: duckdb.DuckDBPyConnection) -> None:
    """Call before a build whose checks compare all of history: until they pass, every build has whole checks."""
    connection.execute("drop table if exists raw.whole_checks")


def note_whole_checks(connection: duckdb.DuckDBPyConnection) -> None:
    """Call after a build whose checks compared all of history and passed."""
    connection.execute(
        "create or replace table raw.whole_checks as select ?::timestamp as passed_at",
        [datetime.now(UTC).replace(tzinfo=None)],
    )


def whole_checks_at(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    """When the checks last compared all of history, in UTC; None if they never did."""
    if not connection.execute("select 1 from duckdb_tables() where table_name = 'whole_checks'").fetchone():
        return None
    row = connection.execute("select passed_at from raw.whole_checks").fetchone()
    return row[0].replace(tzinfo=UTC) if row else None


def are_whole_checks_due(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether no build of this day, in UTC, has compared all of history. A time in the future counts as wrong."""
    passed_at = whole_checks_at(connection)
    return passed_at is None or passed_at.date() != datetime.now(UTC).date()
