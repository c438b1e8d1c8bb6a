"""Published tables as Parquet: one file each, or files by month, named by their content. Unchanged ones are linked."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import groupby
from pathlib import Path

import duckdb

from ingest.sql_text import literal
from orchestration.published_version import MANIFEST


@dataclass(frozen=True)
class Months:
    """How a table is split into files by month.

    `by` is the date or time whose month counts; it is never null. `touched` is a query for all such dates of rows that
    the run has written. A row that the run took away need not be in it: its month has fewer rows than before, or
    another touched one. A table that is `made_whole` by builds with whole checks is then written whole. `sorted_by` is
    a date that differs from `by` by a day at most, and by which the table is sorted. If it is `daily`, open months have
    a file for each day. Large files that no run may hash again are not `hashed`.
    """

    by: str
    touched: str
    made_whole: bool = False
    sorted_by: str | None = None
    daily: bool = False
    hashed: bool = True


_TOUCHED_DATES = "select reporting_date from intermediate.int_touched_dates"
_TOUCHED_CHARGES = "select reporting_date from intermediate.int_touched_cost_dates"
_TOUCHED_INTERACTIONS = "in (select interaction_id from intermediate.int_touched_interactions)"

MONTHLY_TABLES = {
    "fct_credit_usage": Months("reporting_date", _TOUCHED_DATES, sorted_by="usage_date", daily=True, hashed=False),
    "agg_credits_daily": Months("reporting_date", _TOUCHED_DATES),
    "fct_credit_charges": Months("reporting_date", _TOUCHED_CHARGES, sorted_by="usage_date", daily=True, hashed=False),
    "agg_cost_daily": Months("reporting_date", _TOUCHED_CHARGES),
    "agg_cost_by_dimension": Months("reporting_date", _TOUCHED_CHARGES),
    "agg_credits_by_interaction": Months(
        "usage_date",
        f"select usage_date from marts.marts.agg_credits_by_interaction where interaction_id {_TOUCHED_INTERACTIONS}",
    ),
    "dim_interactions": Months(
        "first_used_at",
        f"select first_used_at from marts.marts.dim_interactions where interaction_id {_TOUCHED_INTERACTIONS}",
    ),
    "focus_cost_and_usage": Months(
        "BillingPeriodStart", "select statement_month from intermediate.int_touched_statements", made_whole=True
    ),
}
"""Tables that are published by month."""

DAYS_IN_DAILY_FILES = 60
"""For how many days before the latest one a month that is not closed has daily files."""


@dataclass(frozen=True)
class PublishedFile:
    """One file of a version; `path` is relative to the version; `credits` is a decimal text, `day` the one date of the
    rows, in daily files.
    """

    path: str
    rows: int
    bytes: int
    sha256: str
    credits: str | None = None
    day: str | None = None

    def as_json(self) -> dict[str, object]:
        """As in the manifest."""
        return {name: said for name, said in asdict(self).items() if said is not None or name == "credits"}


@dataclass(frozen=True)
class _Part:
    """What one file is to hold: a month, or a day of it."""

    month: date
    day: date | None
    rows: int
    credits: str | None

    def is_in(self, dates: set[date]) -> bool:
        """Whether it has one of these dates."""
        return self.day in dates if self.day else any(day.replace(day=1) == self.month for day in dates)


def export_table(connection: duckdb.DuckDBPyConnection, table: str, version: Path) -> PublishedFile:
    """Write a whole table as one file."""
    target = version / "parquet" / f"{table}.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    rows = _copy(connection, f'select * from marts.marts."{table}"', target)
    return _described(target, version, rows)


def export_months(
    connection: duckdb.DuckDBPyConnection, table: str, version: Path, previous: Path | None, *, whole_checks: bool
) -> tuple[list[PublishedFile], set[date]]:
    """Write what a run touched and link the other files from the previous version; return the months written in.
    `whole_checks` says that a build since the previous version had whole checks.
    """
    layout = MONTHLY_TABLES[table]
    carried = {} if layout.made_whole and whole_checks else _carried_files(table, previous)
    touched = _dates(connection, layout.touched) if carried else set[date]()
    files: list[PublishedFile] = []
    written: set[date] = set()
    for month, parts in groupby(_parts(connection, table, layout), lambda part: part.month):
        folder = version / "parquet" / table / f"month={month:%Y-%m}"
        folder.mkdir(parents=True)
        of_month: list[PublishedFile] = []
        for number, part in enumerate(parts):
            target = folder / f"{number}.parquet"
            kept = carried.get((folder.name, part.day and part.day.isoformat()))
            if (
                previous
                and kept
                and not part.is_in(touched)
                and (kept.rows, kept.credits) == (part.rows, part.credits)
                and (not layout.hashed or _sha256(previous / kept.path) == kept.sha256)
            ):
                os.link(previous / kept.path, target)
                of_month.append(replace(kept, path=target.relative_to(version).as_posix()))
            else:
                of_month.append(_export_part(connection, table, version, target, part))
                written.add(month)
        files += _named_by_content(version, of_month)
    return files, written


def _named_by_content(version: Path, files: list[PublishedFile]) -> list[PublishedFile]:
    """Name the files of one month.

    Daily files are named by the whole month: if one changes or joins, all get other names. A reader that lists them
    while the version is switched then misses files, instead of getting some days of each version.
    """
    month = "".join(file.sha256 for file in files)
    named: list[PublishedFile] = []
    for file in files:
        digest = hashlib.sha256(f"{file.sha256} of {month}".encode()).hexdigest() if file.day else file.sha256
        path = Path(file.path).with_name(f"{digest[:16]}.parquet")
        (version / file.path).rename(version / path)
        named.append(replace(file, path=path.as_posix()))
    return named


def _dates(connection: duckdb.DuckDBPyConnection, query: str) -> set[date]:
    rows = connection.execute(f"select distinct touched_at::date from ({query}) as touched (touched_at)")
    return {day for (day,) in rows.fetchall()}


def _parts(connection: duckdb.DuckDBPyConnection, table: str, layout: Months) -> list[_Part]:
    """What the files of a table are to hold, in order of time."""
    summed = connection.execute(
        "select 1 from duckdb_columns() where database_name = 'marts' and table_name = ? and column_name = 'credits'",
        [table],
    ).fetchone()
    source = f'marts.marts."{table}"'
    month = f"""date_trunc('month', "{layout.by}")::date"""
    first = f"""date_trunc('month', max("{layout.by}") - interval {DAYS_IN_DAILY_FILES} day)"""
    is_daily = f"""
        {month} >= (select {first} from {source})
        and {month} not in (select month_start from intermediate.int_closed_months)
    """
    found = connection.execute(
        f"""
        select
            {month} as month_start,
            {f'case when {is_daily} then "{layout.by}" end' if layout.daily else "null"} as day,
            count(*),
            {"sum(credits)::varchar" if summed else "null"}
        from {source} group by month_start, day order by month_start, day
        """
    )
    return [_Part(*row) for row in found.fetchall()]


def _carried_files(table: str, previous: Path | None) -> dict[tuple[str, str | None], PublishedFile]:
    """The whole files of a table in the previous version, by their folders and days."""
    if previous is None:
        return {}
    manifest = previous / MANIFEST
    described = json.loads(manifest.read_text(encoding="utf-8"))["tables"].get(table, {"files": []})
    files = [PublishedFile(**file) for file in described["files"]]
    finished = manifest.stat().st_mtime_ns
    return {
        (Path(file.path).parent.name, file.day): file
        for file in files
        if _is_whole(previous / file.path, file.bytes, finished)
    }


def _is_whole(path: Path, size: int, finished: int) -> bool:
    """Whether a file has its size, and was not written to since its version was finished."""
    try:
        found = path.stat()
    except OSError:
        return False
    return found.st_size == size and found.st_mtime_ns <= finished


def _export_part(
    connection: duckdb.DuckDBPyConnection, table: str, version: Path, target: Path, part: _Part
) -> PublishedFile:
    layout = MONTHLY_TABLES[table]
    begin = f"date '{part.day or part.month:%Y-%m-%d}'"
    end = f"{begin} + interval 1 {'day' if part.day else 'month'}"
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
    return replace(
        _described(target, version, rows),
        credits=part.credits,
        day=part.day and part.day.isoformat(),
    )


def _copy(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> int:
    row = connection.execute(f"copy ({query}) to {literal(target)} (format parquet, compression zstd)").fetchone()
    target.chmod(0o444)
    return row[0] if row else 0


def _described(path: Path, version: Path, rows: int) -> PublishedFile:
    return PublishedFile(path.relative_to(version).as_posix(), rows, path.stat().st_size, _sha256(path))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
