"""Opens the tables of a published version. If its database has only the operations of the last months, those of earlier
months come from the version's Parquet files, so that every reader within the project sees all of them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.sql_text import literal, path_as_text, quoted

if TYPE_CHECKING:
    import duckdb

_MANIFEST = "manifest.json"
TABLES_OF_OPERATIONS = ("fct_credit_usage", "fct_credit_charges")
"""The tables with a row for each operation."""


def open_tables(database: Path) -> duckdb.DuckDBPyConnection:
    """A connection whose schema `marts` has all rows of a version's tables, to read.

    Raises:
        duckdb.Error: a file can't be read.
    """
    import duckdb

    if not _shortened(database):
        return duckdb.connect(str(database), read_only=True)
    connection = duckdb.connect()
    attach_tables(connection, database, "version")
    connection.execute("use version")
    return connection


def attach_tables(connection: duckdb.DuckDBPyConnection, database: Path, name: str) -> None:
    """Attach a version's tables as the database `name`, with all rows in its schema `marts`.

    Raises:
        duckdb.Error: a file can't be read.
    """
    shortened = _shortened(database)
    file = f"{name}_file" if shortened else name
    connection.execute(f"attach {literal(database)} as {quoted(file)} (read_only)")
    if not shortened:
        return
    connection.execute(f"attach ':memory:' as {quoted(name)}")
    connection.execute(f"create schema {quoted(name)}.marts")
    for table in shortened["tables"]:
        rows = f"{quoted(file)}.marts.{quoted(table)}"
        if table in TABLES_OF_OPERATIONS:
            files = [database.parent / written["path"] for written in shortened["tables"][table]["files"]]
            paths = ", ".join(literal(path_as_text(path)) for path in files)
            rows = f"read_parquet([{paths}], hive_partitioning = false)"
        connection.execute(f"create view {quoted(name)}.marts.{quoted(table)} as from {rows}")


def add_operations(copy: Path, database: Path) -> None:
    """Add to a copy of a version's database the operations that it lacks.

    Raises:
        duckdb.Error: a file can't be read or written.
    """
    import duckdb

    if not _shortened(database):
        return
    with duckdb.connect() as connection:
        connection.execute(f"attach {literal(copy)} as copy")
        attach_tables(connection, database, "version")
        for table in TABLES_OF_OPERATIONS:
            connection.execute(f"truncate copy.marts.{quoted(table)}")
            connection.execute(f"insert into copy.marts.{quoted(table)} by name from version.marts.{quoted(table)}")


def _shortened(database: Path) -> dict[str, Any] | None:
    """The manifest of a version whose database lacks operations of earlier months; None if it has all of them."""
    try:
        manifest = json.loads((database.parent / _MANIFEST).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return manifest if isinstance(manifest, dict) and manifest.get("operations_from") else None
