"""Rows that a page needs of each month, from the tables or as they are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingest.sql_text import literal
from orchestration.dashboard.scope import Scope


@dataclass(frozen=True)
class Piece:
    """A query over tables that are published by month. The rows of all months together are those of the whole tables.

    `columns` has each table with the date or time by whose month it is published. In `query`, the name of a table in
    braces stands for its rows, and `{month}` for the first day of the month.
    """

    name: str
    columns: Mapping[str, str]
    query: str

    def whole(self, scope: Scope) -> str:
        """The query over all rows of the scope."""
        return self.query.format_map({table: f"(from marts.{table} where {scope.condition})" for table in self.columns})

    def of_month(self, month: date) -> str:
        """The query over one month."""
        begin = f"date '{month.isoformat()}'"
        rows = {
            table: f"(from marts.{table} where {column} >= {begin} and {column} < {begin} + interval 1 month)"
            for table, column in self.columns.items()
        }
        return self.query.format_map({**rows, "month": begin})

    def keys(self, scope: Scope) -> dict[date, str]:
        """The key of each month under which its rows are kept: another one if anything differs that they depend on.
        Empty if nothing is kept for the scope, or a table is not published by month.
        """
        tables = [scope.kept.contents.get(table, {}) for table in self.columns] if scope.kept else []
        if not tables or not all(tables):
            return {}
        return {month: self._key(month, tables) for month in sorted(set().union(*tables))}

    def _key(self, month: date, tables: Iterable[Mapping[date, str]]) -> str:
        depends_on = [self.of_month(month), *(table.get(month, "") for table in tables)]
        digest = hashlib.sha256("\0".join(depends_on).encode()).hexdigest()
        return f"{self.name}-{month:%Y-%m}-{digest[:32]}"


def rows_of(scope: Scope, piece: Piece) -> str:
    """All rows of a piece, as a table or subquery that costs little. Months that are not kept yet are read from the
    tables, and kept.
    """
    keys = piece.keys(scope)
    if not scope.kept or not keys:
        table = f"all_{piece.name}"
        scope.rows(f"create or replace temp table {table} as {piece.whole(scope)}")
        return table
    return rows_in(
        scope.kept.find(key) or scope.kept.keep(scope.connection, key, piece.of_month(month))
        for month, key in keys.items()
    )


def rows_in(files: Iterable[Path]) -> str:
    """All rows of kept files, as a subquery."""
    return f"(from read_parquet([{', '.join(literal(file) for file in files)}]))"
