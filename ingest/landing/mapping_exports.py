"""Exports that people make: small tables, read whole and checked row by row with pandas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from ingest.errors import MappingError
from ingest.landing.export_tables import EXPORT_TABLES, Column, ExportTable
from ingest.landing.export_values import ExportValue, UnusableValueError, currency_decimals
from ingest.landing.files import LandingFile
from ingest.landing.left_out import Notice
from ingest.landing.line_reading import NotText, Value
from ingest.landing.mapping_reading import MappingTable, read_mapping_table


@dataclass(frozen=True)
class MappingExport:
    """One validated export; `rows` has `line_number` and the columns of its table, times as naive UTC."""

    file: LandingFile
    table: ExportTable
    is_snapshot: bool
    rows: pd.DataFrame
    notices: tuple[Notice, ...] = ()


def read_mapping_export(file: LandingFile) -> MappingExport:
    """Read and check an export of one of the tables that people make.

    Raises:
        MappingError: names the file, and the row and column where there is one; rows count from the first data row
            as line 2 in CSV, from 1 elsewhere.
    """
    table = EXPORT_TABLES[file.dataset]
    found = read_mapping_table(file, table.fields)
    _check_columns(file, table, found)
    is_snapshot = table.has_windows and not found.names & {"validFrom", "valid_from"}
    rows = _checked_rows(file, table, found)
    _check_keys(file, table, rows, is_snapshot)
    if table.has_windows:
        _check_windows(file, rows)
    return MappingExport(file, table, is_snapshot, rows, found.notices)


def _check_columns(file: LandingFile, table: ExportTable, found: MappingTable) -> None:
    for column in table.columns:
        if column.required and not found.names & {*column.field.names}:
            raise MappingError(f"{file.path}: column {column.header!r} is missing; add it to the export.")


def _checked_rows(file: LandingFile, table: ExportTable, found: MappingTable) -> pd.DataFrame:
    columns: dict[str, list[object]] = {"line_number": [number for number, _ in found.rows]}
    for column in table.columns:
        columns[column.name] = [_checked(file, number, column, row) for number, row in found.rows]
    if "currency" in columns:
        columns["currency_decimals"] = [currency_decimals(str(code)) for code in columns["currency"]]
    rows = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})
    if table.one_of:
        for line in rows["line_number"][rows[[*table.one_of]].isna().all(axis="columns")]:
            names = " nor ".join(map(repr, table.headers(table.one_of)))
            raise MappingError(f"{file.path}: row {line} has neither {names}; give it one of them.")
    return rows


def _checked(file: LandingFile, line: int, column: Column, row: Mapping[str, Value]) -> ExportValue | None:
    value = row.get(column.name)
    where = f"{file.path}: row {line}, column {column.header!r}"
    if isinstance(value, NotText):
        raise MappingError(f"{where} holds neither text nor a number; give it a plain value.")
    try:
        read = None if value is None else column.read(value)
    except UnusableValueError as error:
        raise MappingError(f"{where} {error}") from None
    if read is None and column.required:
        raise MappingError(f"{where} is empty; give it a value.")
    return read


def _check_keys(file: LandingFile, table: ExportTable, rows: pd.DataFrame, is_snapshot: bool) -> None:
    distinct = rows.drop_duplicates([column for column in rows.columns if column != "line_number"])
    starts = distinct["valid_from"] if table.has_windows and not is_snapshot else [None] * len(distinct)
    seen: set[object] = set()
    for line, key, start in zip(distinct["line_number"], keys_of(distinct, table), starts, strict=True):
        if (key, start) in seen:
            remedy = "or give validFrom and validTo" if is_snapshot else "or correct validFrom"
            raise MappingError(
                f"{file.path}: row {line}, {_named(table)}: {spoken_key(key)} stands twice with "
                f"different values; keep one row{f', {remedy}' if table.has_windows else ''}."
            )
        seen.add((key, start))


def _named(table: ExportTable) -> str:
    names = ", ".join(map(repr, table.headers(table.key)))
    return f"column {names}" if len(table.key) == 1 else f"columns {names}"


def keys_of(rows: pd.DataFrame, table: ExportTable) -> Iterator[tuple[str, ...]]:
    """What tells each row from the others; see `ExportTable.key_of`."""
    return map(table.key_of, zip(*(rows[name] for name in table.key), strict=True))


def spoken_key(key: tuple[str, ...]) -> str:
    """A key as an error names it, its open parts in brackets."""
    return ", ".join(repr(part[:64]) if part else "(any)" for part in key)


def _check_windows(file: LandingFile, rows: pd.DataFrame) -> None:
    for line, start, end in windows_of(rows):
        if start is not None and end is not None and end <= start:
            raise MappingError(
                f"{file.path}: row {line}, column 'validTo' is {end.isoformat()}, not after validFrom "
                f"{start.isoformat()}; correct one of them."
            )


def windows_of(rows: pd.DataFrame) -> Iterator[tuple[int, datetime | None, datetime | None]]:
    """Line number, start and end of each row's window; None where it is open."""
    yield from zip(rows["line_number"], rows["valid_from"], rows["valid_to"], strict=True)
