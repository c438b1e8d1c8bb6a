"""One published version: checked, written beside the current one, then switched in at once. Knows no Dagster."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from ingest.errors import PublishError
from ingest.landing.ledger import ledger_differences, pending_loads, record_publication
from ingest.landing.warehouse import open_build_database
from ingest.settings import Settings
from orchestration.balances import Totals, check_totals
from orchestration.parquet_export import MONTHLY_TABLES, PublishedFile, export_months, export_table
from orchestration.published_version import CURRENT, MANIFEST, current_manifest, current_version

DATABASE = "credits.duckdb"


@dataclass(frozen=True)
class Publication:
    """A version that readers see now. `unmapped_share` is credits without user or tenant over all, None without any."""

    version: str
    path: Path
    totals: Totals
    months_written: tuple[str, ...]
    tables: int


def publish(settings: Settings, models: str) -> Publication:
    """Check the marts against the ledger, write a version of them, and make it the current one.

    `models` is the fingerprint of the models that built them.

    Raises:
        PublishError: a check failed or a file could not be written; the current version is untouched.
    """
    with open_build_database(settings) as connection:
        _attach_marts(connection, settings)
        if wrong := ledger_differences(connection):
            raise PublishError(
                f"not published: the raw tables differ from the ledger for {', '.join(wrong[:3])}"
                f"{' and others' if len(wrong) > 3 else ''}; run `credits rebuild`."
            )
        totals = check_totals(connection)
        previous = current_manifest(settings)
        _refuse_loss(previous, totals)
        version = _new_version(settings)
        partial = settings.published / "versions" / f".{version}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        try:
            partial.mkdir(parents=True)
            tables = _tables(connection)
            files, months = _write_parquet(connection, settings, partial, tables)
            pending = pending_loads(connection)
            described = {name: _describe(connection, name, files[name]) for name in tables}
            listing = connection.execute("select listing from raw.landing_state").fetchone()
            connection.execute("checkpoint marts")
            connection.execute("detach marts")
            _copy_database(settings, partial / DATABASE, described)
            manifest = {
                "version": version,
                "built_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "models": models,
                "inputs": listing[0] if listing else None,
                "database": DATABASE,
                "totals": totals.as_json(),
                "tables": described,
            }
            _write_manifest(partial / MANIFEST, manifest)
            _switch(settings, partial, version)
        except (OSError, duckdb.Error) as error:
            shutil.rmtree(partial, ignore_errors=True)
            first_line = str(error).splitlines()[0][:200]
            raise PublishError(
                f"not published ({first_line}): free space or check {settings.published}, then run again; "
                "the last published version stays."
            ) from None
        if pending:
            record_publication(connection, version, pending[-1], datetime.now(UTC).replace(tzinfo=None), models)
        else:
            last = connection.execute("select coalesce(max(last_load_id), 0) from raw.publications").fetchone()
            record_publication(
                connection, version, last[0] if last else 0, datetime.now(UTC).replace(tzinfo=None), models
            )
    _remove_old_versions(settings)
    return Publication(version, settings.published / "versions" / version, totals, months, len(described))


def _attach_marts(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    path = str(settings.marts_database).replace("'", "''")
    connection.execute(f"attach '{path}' as marts")


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select table_name from duckdb_tables() where database_name = 'marts' and schema_name = 'marts' order by 1"
    ).fetchall()
    return [row[0] for row in rows]


def _refuse_loss(previous: dict[str, object] | None, totals: Totals) -> None:
    published = int(previous["totals"]["operations"]) if previous else 0  # type: ignore[index,call-overload]
    if totals.operations < published:
        raise PublishError(
            f"not published: {totals.operations} operations are left of the {published} that the published version "
            "holds; put the missing files back below landing/, or delete published/current if they are meant to go."
        )


def _new_version(settings: Settings) -> str:
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    taken = {path.name for path in (settings.published / "versions").glob("*")}
    return next(name for name in (stamp, *(f"{stamp}-{n}" for n in range(1, 10_000))) if name not in taken)


def _write_parquet(
    connection: duckdb.DuckDBPyConnection, settings: Settings, partial: Path, tables: Sequence[str]
) -> tuple[dict[str, list[PublishedFile]], tuple[str, ...]]:
    files: dict[str, list[PublishedFile]] = {}
    written: set[date] = set()
    current = current_version(settings)
    for table in tables:
        if table in MONTHLY_TABLES:
            files[table], months = export_months(connection, table, partial, current)
            written |= months
        else:
            files[table] = [export_table(connection, table, partial)]
    return files, tuple(f"{month:%Y-%m}" for month in sorted(written))


def _describe(
    connection: duckdb.DuckDBPyConnection, table: str, files: Sequence[PublishedFile]
) -> dict[str, object]:
    columns = connection.execute(
        "select column_name, data_type from duckdb_columns() "
        "where database_name = 'marts' and table_name = ? order by column_index",
        [table],
    ).fetchall()
    credits = "sum(credits)::varchar" if "credits" in {name for name, _ in columns} else "null"
    row = connection.execute(f'select count(*), {credits} from marts.marts."{table}"').fetchone()
    rows, total = row if row else (0, None)
    if sum(file.rows for file in files) != rows:
        raise PublishError(f"not published: the Parquet files of {table} do not hold its {rows} rows; run again.")
    return {
        "rows": rows,
        "credits": total,
        "columns": [{"name": name, "type": kind} for name, kind in columns],
        "files": [file.as_json() for file in files],
    }


def _copy_database(settings: Settings, target: Path, described: dict[str, dict[str, object]]) -> None:
    shutil.copyfile(settings.marts_database, target)
    target.chmod(0o444)
    with duckdb.connect(str(target), read_only=True) as copy:
        for table, says in described.items():
            row = copy.execute(f'select count(*) from marts."{table}"').fetchone()
            if not row or row[0] != says["rows"]:
                raise PublishError(f"not published: the copy of {table} is not whole; run again.")
    _flush(target)


def _write_manifest(path: Path, manifest: dict[str, object]) -> None:
    path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    path.chmod(0o444)
    for folder in {path.parent, *path.parent.rglob("*")}:
        _flush(folder)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _switch(settings: Settings, partial: Path, version: str) -> None:
    partial.rename(settings.published / "versions" / version)
    link = settings.published / f".{CURRENT}.{version}"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("versions") / version)
    link.replace(settings.published / CURRENT)
    _flush(settings.published)


def _remove_old_versions(settings: Settings) -> None:
    versions = settings.published / "versions"
    current = current_version(settings)
    kept = [path for path in sorted(versions.iterdir(), reverse=True) if not path.name.startswith(".")]
    for path in kept[settings.keep_versions :]:
        if path != current:
            shutil.rmtree(path, ignore_errors=True)
    for path in versions.glob(".*.partial"):
        shutil.rmtree(path, ignore_errors=True)
