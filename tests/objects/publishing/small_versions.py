"""Small versions, written without a build, and every way to read what is published below a URL."""

from __future__ import annotations

import hashlib
import importlib
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from ingest.object_storage import ObjectStorage, open_storage
from ingest.object_urls import parse_object_url
from ingest.settings import Settings
from orchestration.publish.bucket_versions import BucketVersions
from orchestration.publish.settling import settle_switching
from orchestration.publish.version_folders import written_beside
from orchestration.published_version import current_version

Months = Mapping[str, str]
"""The credits of each month: `{"2026-08": "1.5"}`."""

MODELS = "models"
BASE: Months = {f"2026-{month:02}": f"{month}.125000001" for month in range(1, 5)}
_COMMENTS = {"credits": "Corti credits, exact to 9 places.", "occurred_at": "When, in UTC."}


@dataclass(frozen=True)
class SmallHome:
    """A home that publishes below a URL."""

    settings: Settings

    @classmethod
    def at(cls, path: Path, url: str, keep_versions: int = 3) -> SmallHome:
        settings = Settings(path, 1, "1GB", keep_versions, 0, publish_to=parse_object_url(url))
        settings.warehouse.mkdir(parents=True, exist_ok=True)
        settings.published.mkdir(parents=True, exist_ok=True)
        return cls(settings)

    @property
    def storage(self) -> ObjectStorage:
        return open_storage(str(self.settings.publish_to))

    @property
    def current(self) -> str | None:
        folder = current_version(self.settings)
        return folder.name if folder else None

    def publish(self, months: Months, store: BucketVersions | None = None) -> str:
        """Publish a version of these months, as a run does; return its name."""
        settle_switching(self.settings)
        store = store or BucketVersions(self.settings, self.storage)
        version = store.new_version()
        with written_beside(self.settings, version) as partial:
            write_version(partial, version, months)
            store.switch_to(partial, version, MODELS)
        store.remove_old_versions()
        return version


def write_version(folder: Path, version: str, months: Months, more_columns: str = "") -> None:
    """Write the folder of a version: a fact and an aggregate by month, an empty table and one in a single file."""
    database = folder / "credits.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema marts")
        values = ", ".join(f"('{month}', '{credits}')" for month, credits in months.items())
        connection.execute(f"create temp table given as select * from (values {values}) as given (month, credits)")
        connection.execute(
            f"""
            create table marts.fct_credit_usage as
            select month || '-' || part as operation_key,
                (credits::decimal(18, 9) / 2)::decimal(18, 9)
                    + (case when part = 1 then credits::decimal(18, 9) - 2 * (credits::decimal(18, 9) / 2)::decimal(18, 9)
                        else 0 end)::decimal(18, 9) as credits,
                (month || '-15 23:30:00.123456')::timestamp as occurred_at, (month || '-15')::date as usage_date
                {more_columns}
            from given, (values (1), (2)) as parts (part) order by 1
            """
        )
        connection.execute(
            "create table marts.agg_credits_daily as select usage_date, sum(credits)::decimal(38, 9) as credits, "
            "count(*)::bigint as operations from marts.fct_credit_usage group by 1 order by 1"
        )
        connection.execute("create table marts.dim_nothing as select 1::integer as number, 'x' as text where false")
        connection.execute(f"create table marts.mart_audit as select '{version}' as version, true as is_whole")
        for name, comment in _COMMENTS.items():
            connection.execute(f"comment on column marts.fct_credit_usage.{name} is '{comment}'")
        connection.execute("comment on table marts.fct_credit_usage is 'One row per operation.'")
        tables = {
            "fct_credit_usage": _by_month(connection, folder, "fct_credit_usage", months),
            "agg_credits_daily": _by_month(connection, folder, "agg_credits_daily", months),
            "dim_nothing": _whole(connection, folder, "dim_nothing"),
            "mart_audit": _whole(connection, folder, "mart_audit"),
        }
    for page in ("dashboard.html", "data-dictionary.html", "docs/index.html"):
        (folder / page).parent.mkdir(exist_ok=True)
        (folder / page).write_text(f"<p>{page} of {version}</p>")
    total = sum(map(Decimal, months.values()))
    manifest = {
        "version": version,
        "built_at": "2026-11-01T00:00:00+00:00",
        "database": database.name,
        "dashboard": {"path": "dashboard.html"},
        "documentation": [{"path": "data-dictionary.html"}, {"path": "docs/index.html"}],
        "totals": {"operations": 2 * len(months), "credits": f"{total:f}"},
        "tables": tables,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))


def total_of(months: Months) -> Decimal:
    return sum((Decimal(credits) for credits in months.values()), Decimal(0))


def read_in_each_way(storage: ObjectStorage, cache: Path) -> dict[str, Decimal]:
    """The credits of the published version, by every way to read them. Each way begins at `current.json`."""
    return {way.__name__: way(storage, cache) for way in (by_polars, by_duckdb, by_delta, by_database)}


def pointer_of(storage: ObjectStorage) -> dict[str, Any]:
    return json.loads(storage.read("current.json")[0])


def by_polars(storage: ObjectStorage, cache: Path) -> Decimal:
    """The files that the manifest names, by Polars."""
    polars: Any = importlib.import_module("polars")
    frames = [polars.read_parquet(content) for content in _named_files(storage, _manifest(storage), "fct_credit_usage")]
    return polars.concat(frames)["credits"].sum()


def by_duckdb(storage: ObjectStorage, cache: Path) -> Decimal:
    """The files that the manifest names, by DuckDB; the aggregate must have the same sum."""
    sums = []
    manifest = _manifest(storage)
    for table in ("fct_credit_usage", "agg_credits_daily"):
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            paths = []
            for number, content in enumerate(_named_files(storage, manifest, table)):
                paths.append(str(Path(folder, f"{number}.parquet")))
                Path(paths[-1]).write_bytes(content)
            row = duckdb.connect().execute("select sum(credits) from read_parquet(?)", [paths]).fetchone()
            sums.append(row[0] if row else None)
    assert sums[0] == sums[1]
    return sums[0]


def by_delta(storage: ObjectStorage, cache: Path) -> Decimal:
    """The Delta versions that the pointer names, by deltalake; the aggregate must have the same sum."""
    from deltalake import DeltaTable

    delta = pointer_of(storage)["delta"]
    sums = []
    for table in ("fct_credit_usage", "agg_credits_daily"):
        found = DeltaTable(f"{storage.url}/tables/{table}", version=delta[table]).to_pyarrow_table()
        sums.append(sum((credits for credits in found["credits"].to_pylist() if credits), Decimal(0)))
    assert sums[0] == sums[1]
    return sums[0]


def by_database(storage: ObjectStorage, cache: Path) -> Decimal:
    """The database of the version, downloaded."""
    manifest = storage.read(pointer_of(storage)["manifest"])[0]
    says = json.loads(manifest)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        path = Path(folder, "credits.duckdb")
        storage.read_into(f"versions/{says['version']}/{says['database']}", path)
        with duckdb.connect(str(path), read_only=True) as connection:
            row = connection.execute("select sum(credits) from marts.fct_credit_usage").fetchone()
    assert row is not None and row[0] == Decimal(says["totals"]["credits"])
    return row[0]


def newest_delta(storage: ObjectStorage) -> dict[str, int]:
    """The newest Delta version of each table, which engines that follow only the log read."""
    from deltalake import DeltaTable

    return {table: DeltaTable(f"{storage.url}/tables/{table}").version() for table in pointer_of(storage)["delta"]}


def _manifest(storage: ObjectStorage) -> dict[str, Any]:
    """The manifest of the published version."""
    pointer = pointer_of(storage)
    manifest = storage.read(pointer["manifest"])[0]
    assert hashlib.sha256(manifest).hexdigest() == pointer["sha256"]
    return json.loads(manifest)


def _named_files(storage: ObjectStorage, manifest: dict[str, Any], table: str) -> list[bytes]:
    contents = []
    for file in manifest["tables"][table]["files"]:
        content = storage.read(file["path"])[0]
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
        contents.append(content)
    return contents


def _by_month(connection: duckdb.DuckDBPyConnection, folder: Path, table: str, months: Months) -> dict[str, object]:
    files = []
    for month in months:
        where = f"where strftime(usage_date, '%Y-%m') = '{month}'"
        files.append(_copied(connection, folder, f"parquet/{table}/month={month}/0.parquet", table, where))
    return _described(connection, table, files)


def _whole(connection: duckdb.DuckDBPyConnection, folder: Path, table: str) -> dict[str, object]:
    return _described(connection, table, [_copied(connection, folder, f"parquet/{table}.parquet", table, "")])


def _copied(
    connection: duckdb.DuckDBPyConnection, folder: Path, path: str, table: str, where: str
) -> dict[str, object]:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(f"copy (from marts.{table} {where}) to '{target}' (format parquet, compression zstd)")
    content = target.read_bytes()
    return {"path": path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _described(connection: duckdb.DuckDBPyConnection, table: str, files: list[dict[str, object]]) -> dict[str, object]:
    columns = connection.execute(
        "select column_name, data_type from duckdb_columns() where table_name = ? order by column_index", [table]
    ).fetchall()
    return {"columns": [{"name": name, "type": kind} for name, kind in columns], "files": files}
