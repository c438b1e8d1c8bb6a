"""Published tables as Parquet: one file each, or one a month, named by its content. Unchanged files are linked."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import duckdb

from ingest.sql_text import literal
from orchestration.published_version import MANIFEST

MONTHLY_TABLES = {"fct_credit_usage": "usage_date", "agg_credits_daily": "reporting_date"}
"""Tables that are published by month of `reporting_date`, with the column by which their rows are sorted."""

LARGE_TABLES = {
    "agg_credits_by_interaction": "int_touched_interactions",
    "dim_interactions": "int_touched_interactions",
}
"""Tables in one file that grow with history, with the model that lists which rows a run changes."""


@dataclass(frozen=True)
class PublishedFile:
    """One file of a version; `path` is relative to the version; `credits` is a decimal text."""

    path: str
    rows: int
    bytes: int
    sha256: str
    credits: str | None = None

    def as_json(self) -> dict[str, object]:
        """As in the manifest."""
        return asdict(self)


def export_table(
    connection: duckdb.DuckDBPyConnection, table: str, version: Path, previous: Path | None
) -> PublishedFile:
    """Write a whole table as one file; link a large one from the previous version if the run did not change it."""
    target = version / "parquet" / f"{table}.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    kept = _carried_files(table, previous).get("parquet") if table in LARGE_TABLES else None
    if (
        previous
        and kept
        and _is_untouched(connection, table, kept.rows)
        and _sha256(previous / kept.path) == kept.sha256
    ):
        os.link(previous / kept.path, target)
        return kept
    rows = _copy(connection, f'select * from marts.marts."{table}"', target)
    return _described(target, version, rows, None)


def export_months(
    connection: duckdb.DuckDBPyConnection, table: str, version: Path, previous: Path | None
) -> tuple[list[PublishedFile], set[date]]:
    """Write the months that a run touched and link the others from the previous version; return the months written."""
    carried = _carried_files(table, previous)
    totals = connection.execute(
        f"""
        select date_trunc('month', reporting_date)::date as month_start, count(*), sum(credits)::varchar
        from marts.marts."{table}" group by all order by all
        """
    ).fetchall()
    touched = {
        row[0]
        for row in connection.execute(
            "select distinct date_trunc('month', reporting_date)::date from intermediate.int_touched_dates"
        ).fetchall()
    }
    files: list[PublishedFile] = []
    written: set[date] = set()
    for month, rows, credits in totals:
        folder = f"parquet/{table}/month={month:%Y-%m}"
        (version / folder).mkdir(parents=True)
        kept = carried.get(folder)
        if previous and kept and month not in touched and (kept.rows, kept.credits) == (rows, credits):
            os.link(previous / kept.path, version / kept.path)
            files.append(kept)
            continue
        files.append(_export_month(connection, table, version, folder, month, credits))
        written.add(month)
    return files, written


def _is_untouched(connection: duckdb.DuckDBPyConnection, table: str, rows: int) -> bool:
    found = connection.execute(
        f"""
        select
            (select count(*) from intermediate."{LARGE_TABLES[table]}"),
            (select count(*) from marts.marts."{table}")
        """
    ).fetchone()
    return found == (0, rows)


def _carried_files(table: str, previous: Path | None) -> dict[str, PublishedFile]:
    if previous is None:
        return {}
    described = json.loads((previous / MANIFEST).read_text(encoding="utf-8"))["tables"].get(table, {"files": []})
    files = [PublishedFile(**file) for file in described["files"]]
    return {str(Path(file.path).parent): file for file in files if _is_whole(previous / file.path, file.bytes)}


def _is_whole(path: Path, size: int) -> bool:
    return path.exists() and path.stat().st_size == size


def _export_month(
    connection: duckdb.DuckDBPyConnection, table: str, version: Path, folder: str, month: date, credits: str | None
) -> PublishedFile:
    target = version / folder / "writing.parquet"
    # A time zone is at most a day away from UTC: the wider bound lets the scan skip whole parts of the table.
    laid_out_by = MONTHLY_TABLES[table]
    rows = _copy(
        connection,
        f"""
        select * from marts.marts."{table}"
        where
            "{laid_out_by}" >= date '{month:%Y-%m-%d}' - interval 1 day
            and "{laid_out_by}" <= date '{month:%Y-%m-%d}' + interval 1 month
            and date_trunc('month', reporting_date) = date '{month:%Y-%m-%d}'
        """,
        target,
    )
    described = _described(target, version, rows, credits)
    final = target.with_name(f"{described.sha256[:16]}.parquet")
    target.rename(final)
    return PublishedFile(f"{folder}/{final.name}", rows, described.bytes, described.sha256, credits)


def _copy(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> int:
    row = connection.execute(f"copy ({query}) to {literal(target)} (format parquet, compression zstd)").fetchone()
    target.chmod(0o444)
    return row[0] if row else 0


def _described(path: Path, version: Path, rows: int, credits: str | None) -> PublishedFile:
    return PublishedFile(path.relative_to(version).as_posix(), rows, path.stat().st_size, _sha256(path), credits)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
