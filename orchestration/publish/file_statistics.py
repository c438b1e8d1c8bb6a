"""Statistics of a Parquet file from its footer, as a Delta table's log has them: readers skip files by them.

A bound that could be read as a narrower one is left out, because a file that is skipped wrongly is missing from a sum.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyarrow.parquet import ColumnChunkMetaData, FileMetaData

_LONGEST_TEXT = 32
"""Longer texts are no bounds: they would fill the log."""
_EXACT_DIGITS = 15
"""A reader that takes numbers as 64-bit floats has so many digits of a decimal."""
_MILLISECOND = timedelta(milliseconds=1)


@dataclass
class _Column:
    """What the row groups read so far say of one column; a bound is None if one of them has none."""

    nulls: int | None = 0
    values: int = 0
    least: Any = None
    most: Any = None
    is_bounded: bool = True

    def add(self, chunk: ColumnChunkMetaData) -> None:
        found = chunk.statistics
        nulls = None if found is None else found.null_count
        if found is None or nulls is None or self.nulls is None:
            self.nulls, self.is_bounded = None, False
            return
        self.nulls += nulls
        present = chunk.num_values - nulls
        self.values += present
        if not present or not self.is_bounded:
            return
        if not found.has_min_max:
            self.is_bounded = False
            return
        self.least = found.min if self.least is None else min(self.least, found.min)
        self.most = found.max if self.most is None else max(self.most, found.max)


def statistics_of(path: Path) -> str:
    """The statistics of a Parquet file as JSON: rows, nulls, and the bounds of short texts, numbers, dates and times.

    Times have no zone. Their bounds are whole milliseconds, rounded outwards.

    Raises:
        OSError: the file can't be read.
    """
    import pyarrow.parquet as parquet

    footer: FileMetaData = parquet.read_metadata(path)
    columns: dict[str, _Column] = {}
    for group in range(footer.num_row_groups):
        of_group = footer.row_group(group)
        for number in range(of_group.num_columns):
            chunk = of_group.column(number)
            columns.setdefault(chunk.path_in_schema, _Column()).add(chunk)
    lower, upper, nulls = {}, {}, {}
    for name, column in columns.items():
        if column.nulls is None:
            continue
        nulls[name] = column.nulls
        if column.is_bounded and column.values:
            least, most = _bound(column.least, upwards=False), _bound(column.most, upwards=True)
            if least is not None and most is not None:
                lower[name], upper[name] = least, most
    return _as_json(footer.num_rows, lower, upper, nulls)


def _bound(value: object, *, upwards: bool) -> str | None:
    """A bound as JSON; None if this value can't be one."""
    match value:
        case bool():
            return None
        case int():
            return str(value)
        case Decimal():
            return f"{value:f}" if len(value.as_tuple().digits) <= _EXACT_DIGITS else None
        case datetime():
            whole = value.replace(tzinfo=None, microsecond=value.microsecond // 1000 * 1000)
            if upwards and value.microsecond % 1000:
                whole += _MILLISECOND
            return json.dumps(whole.isoformat(timespec="milliseconds"))
        case date():
            return json.dumps(value.isoformat())
        case str() if len(value) <= _LONGEST_TEXT:
            return json.dumps(value)
        case _:
            return None


def _as_json(rows: int, lower: dict[str, str], upper: dict[str, str], nulls: dict[str, int]) -> str:
    """The statistics as JSON. Bounds are JSON already: no float may come between a decimal and its digits."""

    def members(bounds: dict[str, str]) -> str:
        return ", ".join(f"{json.dumps(name)}: {bound}" for name, bound in bounds.items())

    return (
        f'{{"numRecords": {rows}, "minValues": {{{members(lower)}}}, "maxValues": {{{members(upper)}}}, '
        f'"nullCount": {json.dumps(nulls)}}}'
    )
