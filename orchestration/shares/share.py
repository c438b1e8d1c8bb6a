"""Writes the share of one customer: a DuckDB file, Parquet files and a manifest with that customer's rows only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ingest.error_lines import safe_line
from ingest.errors import CreditsError
from ingest.landing.warehouse import MARTS_STORAGE_VERSION
from ingest.settings import Settings
from ingest.sql_text import literal, quoted
from orchestration.published_version import MANIFEST, NotPublishedError, current_manifest, current_version
from orchestration.version_tables import attach_tables

DATABASE = "credits.duckdb"
_ACCOUNT = ("environment", "corti_tenant")
TABLES: Mapping[str, tuple[str, ...]] = {
    "fct_credit_usage": _ACCOUNT,
    "fct_credit_charges": _ACCOUNT,
    "agg_credits_daily": (),
    "agg_credits_trend_daily": (),
    "agg_cost_daily": (),
    "agg_cost_by_dimension": (),
    "mart_tenant_statements": ("closed_by",),
    "mart_tenant_statement_lines": (),
    "mart_quota_consumption": (),
    "dim_tenants": (),
    "dim_users": (),
}
"""The tables of a share, and the columns that it leaves out: whose Corti account was charged, and who closed a month.
Tables with shares of a total or ranks are not in it, because these say something about other customers.
"""
_SAME_SUMS = {
    "agg_credits_daily": "sum(credits)",
    "agg_credits_trend_daily": "sum(credits)",
    "fct_credit_charges": "sum(credits) filter (where charge_type = 'usage')",
    "agg_cost_daily": "sum(credits - adjustment_credits)",
}
"""For each of these tables, what must be the credits of `fct_credit_usage`."""


@dataclass(frozen=True)
class OpenVersion:
    """The published version, attached to a connection as `version`, and what its manifest says."""

    connection: duckdb.DuckDBPyConnection
    manifest: Mapping[str, Any]

    @property
    def tables(self) -> list[str]:
        """Those of its tables that a share has."""
        return [table for table in TABLES if table in self.manifest["tables"]]


@contextmanager
def opened_for_shares(settings: Settings) -> Iterator[OpenVersion]:
    """The current version. It is resolved once, so that a version published meanwhile is not mixed in.

    Raises:
        NotPublishedError: nothing is published yet.
        CreditsError: the version can't be read, or a share not be written.
    """
    version, manifest = current_version(settings), current_manifest(settings)
    if version is None or manifest is None:
        raise NotPublishedError("nothing is published yet: run `credits run` first.")
    database = version / str(manifest["database"])
    # Spilled rows could be those of another customer, and would lie beside the share.
    config = {"memory_limit": settings.memory_limit, "threads": settings.threads, "temp_directory": ""}
    try:
        with duckdb.connect(config=config) as connection:
            connection.execute("set TimeZone = 'UTC'")
            attach_tables(connection, database, "version")
            yield OpenVersion(connection, manifest)
    except duckdb.Error as error:
        raise CreditsError(f"{database} can't be read, or its rows not be written ({safe_line(error)}).") from None


def write_share(version: OpenVersion, tenant: str, folder: Path) -> None:
    """Write the share of a tenant_id into an empty folder.

    Raises:
        CreditsError: the tables do not add up to the same credits.
        OSError, duckdb.Error: a file can't be written.
    """
    connection = version.connection
    connection.execute(
        f"attach {literal(folder / DATABASE)} as share (storage_version {literal(MARTS_STORAGE_VERSION)})"
    )
    try:
        connection.execute("create schema share.marts")
        for table in version.tables:
            left_out = ", ".join(quoted(column) for column in TABLES[table])
            columns = f"* exclude ({left_out})" if left_out else "*"
            connection.execute(
                f"create table share.marts.{quoted(table)} as "
                f"select {columns} from version.marts.{quoted(table)} where tenant_id = ?",
                [tenant],
            )
        _comment(connection)
        _check_sums(connection, tenant)
        connection.execute("checkpoint share")
        described = {table: _parquet(connection, table, folder) for table in version.tables}
    finally:
        connection.execute("detach share")
    manifest = {
        "tenant_id": tenant,
        "version": version.manifest["version"],
        "built_at": version.manifest["built_at"],
        "database": _file(folder / DATABASE, folder),
        "tables": described,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _comment(connection: duckdb.DuckDBPyConnection) -> None:
    """Describe the tables and columns of a share as those of the version are."""
    described = connection.execute(
        """
        with comments as (
            select database_name, table_name, null as column_name, comment
            from duckdb_tables() where schema_name = 'marts'
            union all
            select database_name, table_name, column_name, comment
            from duckdb_columns() where schema_name = 'marts'
        )

        select shared.table_name, shared.column_name, published.comment
        from comments as shared
        inner join comments as published
            on
                shared.table_name = published.table_name
                and shared.column_name is not distinct from published.column_name
        where shared.database_name = 'share' and published.database_name <> 'share' and published.comment is not null
        """
    ).fetchall()
    for table, column, comment in described:
        name = f"share.marts.{quoted(table)}" + (f".{quoted(column)}" if column else "")
        connection.execute(f"comment on {'column' if column else 'table'} {name} is {literal(comment)}")


def _check_sums(connection: duckdb.DuckDBPyConnection, tenant: str) -> None:
    """Refuse a share whose tables have different credits."""
    tables = {
        name
        for (name,) in connection.execute(
            "select table_name from duckdb_tables() where database_name = 'share'"
        ).fetchall()
    }
    if "fct_credit_usage" not in tables:
        return
    for table in sorted(_SAME_SUMS.keys() & tables):
        row = connection.execute(
            f"""
            select coalesce((select {_SAME_SUMS[table]} from share.marts.{quoted(table)}), 0)
            = coalesce((select sum(credits) from share.marts.fct_credit_usage), 0)
            """
        ).fetchone()
        if row != (True,):
            raise CreditsError(
                f"the credits of {tenant[:64]!r} in {table} are not those of fct_credit_usage: run `credits rebuild`."
            )


def _parquet(connection: duckdb.DuckDBPyConnection, table: str, folder: Path) -> dict[str, object]:
    """Write one table as Parquet; the manifest's entry for it."""
    target = folder / "parquet" / f"{table}.parquet"
    target.parent.mkdir(exist_ok=True)
    rows = f"share.marts.{quoted(table)}"
    connection.execute(f"copy {rows} to {literal(target)} (format parquet, compression zstd)")
    columns = [name for (name, *_) in connection.execute(f"describe {rows}").fetchall()]
    summed = "coalesce(sum(credits), 0)::decimal(38, 9)::varchar" if "credits" in columns else "null"
    counted = connection.execute(f"select count(*), {summed} from {rows}").fetchone()
    count, credits = counted if counted else (0, None)
    return {"rows": count, "credits": credits, "file": _file(target, folder)}


def _file(path: Path, folder: Path) -> dict[str, object]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"path": path.relative_to(folder).as_posix(), "bytes": path.stat().st_size, "sha256": digest}
