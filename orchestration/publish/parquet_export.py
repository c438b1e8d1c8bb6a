"""Published tables as Parquet: one file each, or one a month, named by its content. Unchanged months are linked."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

import duckdb

from ingest.sql_text import literal
from orchestration.published_version import MANIFEST


@dataclass(frozen=True)
class Months:
    """How a table is split into one file a month.

    `by` is the date or time whose month counts; it is never null. `touched` is a query for all such dates of rows that
    the run has written. A row that the run took away need not be in it: its month has fewer rows than before, or
    another touched one. If `touched` is None, the table is made whole in each run, and its months are compared by their
    content. `sorted_by` is a date that differs from `by` by a day at most, and by which the table is sorted. Large
    files that no run may hash again are not `hashed`.
    """

    by: str
    touched: str | None
    sorted_by: str | None = None
    hashed: bool = True


_TOUCHED_DATES = "select reporting_date from intermediate.int_touched_dates"
_TOUCHED_INTERACTIONS = "in (select interaction_id from intermediate.int_touched_interactions)"

MONTHLY_TABLES = {
    "fct_credit_usage": Months("reporting_date", _TOUCHED_DATES, sorted_by="usage_date", hashed=False),
    "agg_credits_daily": Months("reporting_date", _TOUCHED_DATES),
    "agg_credits_by_interaction": Months(
        "usage_date",
        f"select usage_date from marts.marts.agg_credits_by_interaction where interaction_id {_TOUCHED_INTERACTIONS}",
    ),
    "dim_interactions": Months(
        "first_used_at",
        f"select first_used_at from marts.marts.dim_interactions where interaction_id {_TOUCHED_INTERACTIONS}",
    ),
    "focus_cost_and_usage": Months("BillingPeriodStart", None),
}
"""Tables that are published by month."""


@dataclass(frozen=True)
class PublishedFile:
    """One file of a version; `path` is relative to the version; `credits` is a decimal text. `content` is DuckDB's hash
    of the rows in any order, if a later run will compare them.
    """

    path: str
    rows: int
    bytes: int
    sha256: str
    credits: str | None = None
    content: str | None = None

    def as_json(self) -> dict[str, object]:
        """As in the manifest."""
        described = asdict(self)
        return described if self.content else {name: said for name, said in described.items() if name != "content"}


def export_table(connection: duckdb.DuckDBPyConnection, table: str, version: Path) -> PublishedFile:
    """Write a whole table as one file."""
    target = version / "parquet" / f"{table}.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    rows = _copy(connection, f'select * from marts.marts."{table}"', target)
    return _described(target, version, rows)


def export_months(
    connection: duckdb.DuckDBPyConnection, table: str, version: Path, previous: Path | None
) -> tuple[list[PublishedFile], set[date]]:
    """Write the months that a run touched and link the others from the previous version; return the months written."""
    layout = MONTHLY_TABLES[table]
    carried = _carried_files(table, previous)
    touched = _months_of(connection, layout.touched) if carried and layout.touched else set()
    files: list[PublishedFile] = []
    written: set[date] = set()
    for month, rows, credits, content in _totals(connection, table, layout):
        folder = f"parquet/{table}/month={month:%Y-%m}"
        (version / folder).mkdir(parents=True)
        kept = carried.get(folder)
        if (
            previous
            and kept
            and month not in touched
            and (kept.rows, kept.credits, kept.content) == (rows, credits, content)
            and (not layout.hashed or _sha256(previous / kept.path) == kept.sha256)
        ):
            os.link(previous / kept.path, version / kept.path)
            files.append(kept)
            continue
        files.append(
            replace(_export_month(connection, table, version, folder, month), credits=credits, content=content)
        )
        written.add(month)
    return files, written


def _months_of(connection: duckdb.DuckDBPyConnection, dates: str) -> set[date]:
    rows = connection.execute(f"select distinct date_trunc('month', day)::date from ({dates}) as dates (day)")
    return {month for (month,) in rows.fetchall()}


def _totals(
    connection: duckdb.DuckDBPyConnection, table: str, layout: Months
) -> list[tuple[date, int, str | None, str | None]]:
    """Each month of a table, its rows, its credits if the table has them, and its content if that is compared."""
    summed = connection.execute(
        "select 1 from duckdb_columns() where database_name = 'marts' and table_name = ? and column_name = 'credits'",
        [table],
    ).fetchone()
    return connection.execute(
        f"""
        select date_trunc('month', "{layout.by}")::date as month_start, count(*),
            {"sum(credits)::varchar" if summed else "null"},
            {"null" if layout.touched else "sum(hash(*columns(*)))::varchar"}
        from marts.marts."{table}" group by month_start order by month_start
        """
    ).fetchall()


def _carried_files(table: str, previous: Path | None) -> dict[str, PublishedFile]:
    """The whole files of a table in the previous version, by their folders."""
    if previous is None:
        return {}
    manifest = previous / MANIFEST
    described = json.loads(manifest.read_text(encoding="utf-8"))["tables"].get(table, {"files": []})
    files = [PublishedFile(**file) for file in described["files"]]
    finished = manifest.stat().st_mtime_ns
    return {
        str(Path(file.path).parent): file for file in files if _is_whole(previous / file.path, file.bytes, finished)
    }


def _is_whole(path: Path, size: int, finished: int) -> bool:
    """Whether a file has its size, and was not written to since its version was finished."""
    try:
        found = path.stat()
    except OSError:
        return False
    return found.st_size == size and found.st_mtime_ns <= finished


def _export_month(
    connection: duckdb.DuckDBPyConnection, table: str, version: Path, folder: str, month: date
) -> PublishedFile:
    target = version / folder / "writing.parquet"
    layout = MONTHLY_TABLES[table]
    begin, end = f"date '{month:%Y-%m-%d}'", f"date '{month:%Y-%m-%d}' + interval 1 month"
    # The wider bound lets the scan skip whole parts of the table.
    near = (
        f"""and "{layout.sorted_by}" >= {begin} - interval 1 day and "{layout.sorted_by}" <= {end}"""
        if layout.sorted_by
        else ""
    )
    rows = _copy(
        connection,
        f"""
        select * from marts.marts."{table}" where "{layout.by}" >= {begin} and "{layout.by}" < {end} {near}
        """,
        target,
    )
    described = _described(target, version, rows)
    final = target.with_name(f"{described.sha256[:16]}.parquet")
    target.rename(final)
    return replace(described, path=f"{folder}/{final.name}")


def _copy(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> int:
    row = connection.execute(f"copy ({query}) to {literal(target)} (format parquet, compression zstd)").fetchone()
    target.chmod(0o444)
    return row[0] if row else 0


def _described(path: Path, version: Path, rows: int) -> PublishedFile:
    return PublishedFile(path.relative_to(version).as_posix(), rows, path.stat().st_size, _sha256(path))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
