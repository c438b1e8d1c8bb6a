"""The folder of Spark's tables: raw files that landing wrote, and the tables of the models.

    <lake>/raw/<table>/<load>-<mark>.parquet    the rows of one load; the mark tells loads of other homes or rebuilds
    <lake>/intermediate/<model>, <lake>/marts/<model>    Delta tables

All access goes through Spark's own file systems, so the lake may be a folder or any URL that Spark can write.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote, urlsplit

import duckdb

from ingest.landing.inputs import INPUTS
from ingest.landing.raw_tables import RAW_DESCRIPTIONS
from ingest.settings import Settings
from ingest.sql_text import literal, quoted
from orchestration.engines.spark_session import EngineError, Session

SCHEMAS = ("staging", "intermediate", "marts")
_KEPT = ("intermediate", "marts")
_BY_LOAD = frozenset(entry.table.rpartition(".")[2] for entry in INPUTS.values())
_EMPTY = "0-empty.parquet"
_CONTROL = "1-whole.parquet"
_REGISTERING = 4
_WIDE = ("HUGEINT", "UHUGEINT")


def lake_uri(settings: Settings) -> str:
    """The lake as a URI without a slash at its end."""
    lake = settings.lake or str(settings.warehouse / "lake")
    return (lake if "://" in lake else Path(lake).absolute().as_uri()).rstrip("/")


class Lake:
    """The lake in a session."""

    def __init__(self, spark: Session, uri: str) -> None:
        self.uri = uri
        self._spark = spark
        self._jvm: Any = spark._jvm
        self._files = self._path("").getFileSystem(spark._jsc.hadoopConfiguration())

    def claim(self, settings: Settings) -> None:
        """Note in the lake whose it is.

        Raises:
            EngineError: it is another home's: two homes in one lake would take each other's tables for their own.
        """
        path, home = self._path("_home"), str(settings.home)
        if self._files.exists(path):
            source = self._files.open(path)
            try:
                owner = bytes(source.readAllBytes()).decode()
            finally:
                source.close()
            if owner != home and settings.lake:
                raise EngineError(
                    f"CREDITS_LAKE is {settings.lake}, which is the lake of the home {owner}: give each home a lake of "
                    f"its own; if that home has moved here, delete {self.uri}/_home."
                )
        target = self._files.create(path, True)
        try:
            target.write(home.encode())
        finally:
            target.close()

    def show_tables(self) -> frozenset[tuple[str, str]]:
        """Tell the session about the tables that stand in the lake; return their schemas and names."""
        for schema in ("raw", *SCHEMAS):
            self._spark.sql(f"create schema if not exists {schema}")
        self._delete("_spark")
        standing = list(self._standing())
        with ThreadPoolExecutor(_REGISTERING) as pool:
            list(pool.map(self._show, standing))
        return frozenset(standing)

    def _standing(self) -> Iterator[tuple[str, str]]:
        """The tables that have a committed version. What a killed build left of other tables is deleted."""
        for schema in _KEPT:
            for name in list(self._list(schema)):
                if any(file.endswith(".json") for file in self._list(f"{schema}/{name}/_delta_log")):
                    yield schema, name
                else:
                    self._delete(f"{schema}/{name}")

    def _show(self, table: tuple[str, str]) -> None:
        schema, name = table
        self._spark.sql(f"create table if not exists {schema}.{name} using delta location '{self.uri}/{schema}/{name}'")

    def forget_tables(self) -> None:
        """Delete the tables of the models: before all of them are made again, by other models maybe."""
        for schema in _KEPT:
            self._delete(schema)

    def show_raw(self, connection: duckdb.DuckDBPyConnection) -> int:
        """Write the loads that the lake lacks, and the ledger, and show the raw tables to the session.

        Files of loads that the ledger does not know are deleted first. Returns the number of files written.
        """
        marks = _marks(connection)
        written = 0
        with TemporaryDirectory() as folder:
            for table in sorted(RAW_DESCRIPTIONS):
                written += self._write_raw(connection, table, marks, Path(folder))
        for table in sorted(RAW_DESCRIPTIONS):
            self._spark.sql(f"drop table if exists raw.{table}")
            self._spark.sql(f"create table raw.{table} using parquet location '{self.uri}/raw/{table}'")
        return written

    def _write_raw(
        self, connection: duckdb.DuckDBPyConnection, table: str, marks: Mapping[int, str], folder: Path
    ) -> int:
        source = f"select {_exported(connection, table)} from raw.{quoted(table)}"
        wanted = {_EMPTY: f"{source} where false"}
        if table in _BY_LOAD:
            loads = connection.execute(f"select distinct load_id from raw.{quoted(table)}").fetchall()
            wanted |= {f"{marks[load]}.parquet": f"{source} where load_id = {int(load)}" for (load,) in loads}
        else:
            wanted[_CONTROL] = source
        held = set(self._list(f"raw/{table}"))
        for name in held - wanted.keys():
            self._delete(f"raw/{table}/{name}")
        missing = [name for name in wanted if name not in held or name == _CONTROL]
        for name in missing:
            local = folder / name
            connection.execute(f"copy ({wanted[name]}) to {literal(str(local))} (format parquet, compression zstd)")
            self._put(local, f"raw/{table}", name)
        return len(missing)

    def files_of(self, schema: str, name: str) -> list[str]:
        """The data files of a table's current version, as URIs."""
        return sorted(self._spark.table(f"{schema}.{name}").inputFiles())

    @property
    def is_local(self) -> bool:
        """Whether DuckDB can read the files where they are."""
        return urlsplit(self.uri).scheme == "file"

    def local_files(self, files: Sequence[str], folder: Path) -> list[Path]:
        """Files of the lake that this machine can read; those of a URL are copied into a folder."""
        if self.is_local:
            return [Path(unquote(urlsplit(file).path)) for file in files]
        folder.mkdir(parents=True, exist_ok=True)
        copies = []
        for file in files:
            target = folder / f"{hashlib.sha256(file.encode()).hexdigest()[:24]}.parquet"
            if not target.exists():
                self._files.copyToLocalFile(False, self._jvm.org.apache.hadoop.fs.Path(file), self._local(target), True)
            copies.append(target)
        return copies

    def _put(self, local: Path, folder: str, name: str) -> None:
        """Put a file in place, whole or not at all."""
        partial, target = self._path(f"{folder}/_partial-{name}"), self._path(f"{folder}/{name}")
        self._files.copyFromLocalFile(True, True, self._local(local), partial)
        self._files.delete(target, False)
        self._files.rename(partial, target)

    def _list(self, folder: str) -> Iterator[str]:
        if self._exists(folder):
            for status in self._files.listStatus(self._path(folder)):
                yield status.getPath().getName()

    def _exists(self, name: str) -> bool:
        return self._files.exists(self._path(name))

    def _delete(self, name: str) -> None:
        self._files.delete(self._path(name), True)

    def _path(self, name: str) -> Any:
        return self._jvm.org.apache.hadoop.fs.Path(f"{self.uri}/{name}" if name else self.uri)

    def _local(self, path: Path) -> Any:
        return self._jvm.org.apache.hadoop.fs.Path(path.absolute().as_uri())


def _marks(connection: duckdb.DuckDBPyConnection) -> dict[int, str]:
    """The name of the files of each load in the ledger: another load with the same number has another one."""
    rows = connection.execute("select load_id, run_id, cast(landed_at as varchar) from raw.loads").fetchall()
    return {load: f"{load}-{hashlib.sha256(repr((load, run, at)).encode()).hexdigest()[:16]}" for load, run, at in rows}


def _exported(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """The columns of a raw table; whole numbers of 16 bytes, which Parquet has not, are text."""
    columns = connection.execute(
        "select column_name, data_type from duckdb_columns() where schema_name = 'raw' and table_name = ? "
        "and database_name = current_database() order by column_index",
        [table],
    ).fetchall()
    return ", ".join(
        f"cast({quoted(name)} as varchar) as {quoted(name)}" if kind in _WIDE else quoted(name)
        for name, kind in columns
    )
