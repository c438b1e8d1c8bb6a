"""What two homes have published, compared row by row and type by type."""

from __future__ import annotations

from pathlib import Path

import duckdb

from ingest.sql_text import literal, quoted
from tests.end_to_end.driving import Warehouse

# When and in which run a file landed differs between two homes; so do ids that follow from it.
_BY_RUN = {
    "mart_load_audit": {"landed_at", "run_id"},
    "mart_file_notices": {"first_seen_at"},
    "mart_unread_files": {"first_seen_at"},
}


def differences(one: Warehouse, other: Warehouse) -> dict[str, str]:
    """The published tables that are not equal, each with what differs; empty if all are."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for name, warehouse in (("one", one), ("other", other)):
            connection.execute(f"attach {literal(_database(warehouse))} as {name} (read_only)")
        tables = {name: set(_tables(connection, name)) for name in ("one", "other")}
        found = dict.fromkeys(tables["one"] ^ tables["other"], "is in one version only")
        for table in sorted(tables["one"] & tables["other"]):
            if difference := _difference(connection, table):
                found[table] = difference
        assert len(tables["one"]) > 20
        return found


def _database(warehouse: Warehouse) -> Path:
    return warehouse.settings.published / "current" / "credits.duckdb"


def _tables(connection: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    rows = connection.execute("select table_name from duckdb_tables() where database_name = ?", [database]).fetchall()
    return [name for (name,) in rows]


def _difference(connection: duckdb.DuckDBPyConnection, table: str) -> str | None:
    columns = [
        connection.execute(
            "select column_name, data_type, is_nullable, comment from duckdb_columns() "
            "where database_name = ? and table_name = ? order by column_index",
            [database, table],
        ).fetchall()
        for database in ("one", "other")
    ]
    if columns[0] != columns[1]:
        return f"columns: {[pair for pair in zip(*columns, strict=False) if pair[0] != pair[1]]}"
    compared = ", ".join(quoted(name) for name, *_ in columns[0] if name not in _BY_RUN.get(table, set()))
    rows = [f"select {compared} from {database}.marts.{quoted(table)}" for database in ("one", "other")]
    only = [connection.execute(f"{a} except all {b}").fetchall() for a, b in (rows, reversed(rows))]
    return f"only here: {only[0][:3]}, only there: {only[1][:3]}" if any(only) else None
