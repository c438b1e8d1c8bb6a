"""Brings Spark's tables to where publishing reads them.

Marts become tables of the marts' database, with the types, rules and comments of their contracts. Intermediate tables
become views over Spark's files in the build database, so nothing of history is copied that is not published.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from ingest.contract.dimensions import COLUMN_DESCRIPTION
from ingest.settings import Settings
from ingest.sql_text import literal, quoted
from orchestration.engines.lake import Lake
from orchestration.engines.spark_session import Session

_TYPES = {"string": "varchar", "timestamp_ntz": "timestamp", "int": "integer"}


@dataclass(frozen=True)
class Column:
    """A column of a table in DuckDB: its type, its rules in SQL, and what it means."""

    name: str
    type: str
    rules: str = ""
    description: str = ""


@dataclass(frozen=True)
class ModelTable:
    """A table that a model makes: where it stands, its contract if it has one, and the column that parts its files."""

    schema: str
    name: str
    description: str = ""
    columns: tuple[Column, ...] = ()
    parted_by: str | None = None


def table_of(node: Any, dimensions: Sequence[str]) -> ModelTable:
    """What dbt says of a model's table; `dimensions` are the keys that are kept."""
    contract = node.columns.values() if node.config.contract.enforced else ()
    columns = tuple(Column(column.name, column.data_type, _rules(column), column.description) for column in contract)
    if columns and node.config.meta.get("has_dimensions"):
        # They join the contract while the model runs, which dbt does not say: see macros/dimensions.sql.
        columns += tuple(
            replace(columns[0], name=f"dimension_{key}", description=COLUMN_DESCRIPTION.format(key=key))
            for key in dimensions
        )
    return ModelTable(node.schema, node.alias, node.description, columns, node.config.meta.get("partitioned_by"))


def _rules(column: Any) -> str:
    rules = []
    for constraint in column.constraints:
        kind = getattr(constraint.type, "value", constraint.type)
        rules += {"not_null": ["not null"], "check": [f"check ({constraint.expression})"]}.get(kind, [])
    return " ".join(rules)


def collect(
    spark: Session,
    lake: Lake,
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    tables: Collection[ModelTable],
) -> None:
    """Collect the tables of a build; `connection` has the build database, and the marts' one as `marts`."""
    copies = settings.warehouse / "lake_copies"
    used: set[Path] = set()
    for table in sorted(tables, key=lambda table: (table.schema, table.name)):
        files = lake.local_files(lake.files_of(table.schema, table.name), copies)
        used.update(files)
        if table.columns:
            types = {column.name: column.type for column in table.columns}
            _make_mart(connection, table, _rows(files, types, table.parted_by))
        else:
            types = _types_of(spark, table)
            _make_view(connection, table, _rows(files, types, table.parted_by))
    if copies.is_dir():
        for copy in set(copies.iterdir()) - used:
            copy.unlink()


def _types_of(spark: Session, table: ModelTable) -> dict[str, str]:
    """The columns of a table with their types in DuckDB."""
    kinds = {
        field.name: str(field.dataType.simpleString()) for field in spark.table(f"{table.schema}.{table.name}").schema
    }
    return {name: _TYPES.get(kind, kind) for name, kind in kinds.items()}


def _rows(files: Sequence[Path], types: Mapping[str, str], parted_by: str | None) -> str:
    columns = ", ".join(
        f"cast({quoted(name) if files else 'null'} as {kind}) as {quoted(name)}" for name, kind in types.items()
    )
    if not files:
        return f"select {columns} where false"
    listed = ", ".join(literal(str(file)) for file in files)
    parts = (
        f"hive_partitioning = true, hive_types = {{{literal(parted_by)}: {types[parted_by]}}}"
        if parted_by
        else "hive_partitioning = false"
    )
    return f"select {columns} from read_parquet([{listed}], {parts})"


def _make_view(connection: duckdb.DuckDBPyConnection, table: ModelTable, rows: str) -> None:
    name = f"build.{quoted(table.schema)}.{quoted(table.name)}"
    connection.execute(f"create schema if not exists build.{quoted(table.schema)}")
    _drop(connection, "build", table)
    connection.execute(f"create view {name} as {rows}")


def _make_mart(connection: duckdb.DuckDBPyConnection, table: ModelTable, rows: str) -> None:
    name = f"marts.{quoted(table.schema)}.{quoted(table.name)}"
    columns = ", ".join(f"{quoted(column.name)} {column.type} {column.rules}" for column in table.columns)
    connection.execute(f"create schema if not exists marts.{quoted(table.schema)}")
    connection.execute("begin")
    _drop(connection, "marts", table)
    connection.execute(f"create table {name} ({columns})")
    connection.execute(f"insert into {name} {rows}")
    connection.execute(f"comment on table {name} is {literal(table.description)}")
    for column in table.columns:
        connection.execute(f"comment on column {name}.{quoted(column.name)} is {literal(column.description)}")
    connection.execute("commit")


def _drop(connection: duckdb.DuckDBPyConnection, database: str, table: ModelTable) -> None:
    kinds = connection.execute(
        "select 'table' from duckdb_tables() where (database_name, schema_name, table_name) = ($1, $2, $3) union all "
        "select 'view' from duckdb_views() where (database_name, schema_name, view_name) = ($1, $2, $3)",
        [database, table.schema, table.name],
    ).fetchall()
    for (kind,) in kinds:
        connection.execute(f"drop {kind} {database}.{quoted(table.schema)}.{quoted(table.name)}")
