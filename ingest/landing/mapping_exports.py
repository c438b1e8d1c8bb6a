"""Exports that people make: small tables, read whole and checked row by row with pandas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from ingest.contract.landing_files import LandingFile
from ingest.contract.left_out import Notice
from ingest.landing.export_values import UnusableValueError, check_in_force
from ingest.landing.input_types import Column, ExportInput, ExportKind, ExportValue
from ingest.landing.inputs import EXPORT_INPUTS
from ingest.landing.line_reading import NotText, Value
from ingest.landing.mapping_reading import Faults, MappingTable, read_mapping_table
from ingest.landing.parquet_values import ID_TOO_LARGE, ID_UNUSABLE

_UNUSABLE = {
    ID_TOO_LARGE: "has a number beyond 2^53, which may not be exact; give ids as text.",
    ID_UNUSABLE: "has a value that is not an id; give a text or a whole number.",
}
"""What is wrong with a value, by reason."""


@dataclass(frozen=True)
class MappingExport:
    """One validated export; `rows` has `line_number` and the columns of its table, times as naive UTC."""

    file: LandingFile
    table: ExportInput
    is_snapshot: bool
    rows: pd.DataFrame
    notices: tuple[Notice, ...] = ()


def read_mapping_export(file: LandingFile) -> MappingExport:
    """Read and check an export of one of the tables that people make.

    Raises:
        OSError: the file can't be read.
        MappingError: names the file, and rows and columns if there are any; the first data row is line 2 in CSV and
            Excel, and 1 elsewhere.
    """
    table = EXPORT_INPUTS[file.dataset]
    faults = Faults(file.path)
    if file.export_time_fault:
        faults.add("", f"{file.export_time_fault}.")
    # Tables that add up, file by file, may be withdrawn row by row until none is left.
    found = read_mapping_table(file, table.fields, faults, may_lack_rows=not table.has_windows)
    for column in table.carried:
        if column.required and column.name not in found.columns:
            faults.add("", f"column {column.header!r} is missing; add it to the export.")
    is_snapshot = table.has_windows and "valid_from" not in found.columns
    if not any(place == "" for place, _ in faults.found):
        _check_rows(table, found, faults)
    faults.check()
    rows = _values(table, found)
    _check_keys(table, rows, is_snapshot, faults)
    if table.spanned:
        _check_spans(table.spanned, table, rows, faults)
        _check_currencies(file, table.spanned, rows, is_snapshot, faults)
    faults.check()
    return MappingExport(file, table, is_snapshot, rows, found.notices)


def _check_rows(table: ExportInput, found: MappingTable, faults: Faults) -> None:
    for number, row in found.rows:
        for column in table.carried:
            try:
                _checked(column, row)
            except UnusableValueError as error:
                faults.add(f"row {number}, column {column.header!r} ", str(error))
        if table.one_of and not any(name in row for name in table.one_of):
            names = " nor ".join(map(repr, table.headers(table.one_of)))
            faults.add(f"row {number} ", f"has neither {names}; give it one of them.")
        if 0 < sum(name in row for name in table.together) < len(table.together):
            names = " and ".join(map(repr, table.headers(table.together)))
            faults.add(f"row {number} ", f"has only one of {names}; give it both or none.")


def _checked(column: Column[ExportKind], row: Mapping[str, Value]) -> ExportValue | None:
    value = row.get(column.name)
    if isinstance(value, NotText):
        raise UnusableValueError(
            _UNUSABLE.get(value.reason, "has a value that is not a text or a number; give a plain value.")
        )
    read = None if value is None else column.kind.read(value)
    if read is None and column.required:
        raise UnusableValueError("is empty; give it a value.")
    return read


def _values(table: ExportInput, found: MappingTable) -> pd.DataFrame:
    columns: dict[str, list[object]] = {"line_number": [number for number, _ in found.rows]}
    for column in table.columns:
        if source := column.kind.derived_from:
            columns[column.name] = [
                None if value is None else column.kind.read(str(value)) for value in columns[source]
            ]
        else:
            columns[column.name] = [_checked(column, row) for _, row in found.rows]
    return pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})


def _check_keys(table: ExportInput, rows: pd.DataFrame, is_snapshot: bool, faults: Faults) -> None:
    distinct = rows.drop_duplicates([column for column in rows.columns if column != "line_number"])
    starts = distinct["valid_from"] if table.has_windows and not is_snapshot else [None] * len(distinct)
    seen: set[object] = set()
    for line, key, start in zip(distinct["line_number"], keys_of(distinct, table), starts, strict=True):
        if (key, start) in seen:
            remedy = "or give validFrom and validTo" if is_snapshot else "or correct validFrom"
            faults.add(
                f"row {line}, {_named(table)}: ",
                f"{spoken_key(key)} appears twice with different values; keep one row"
                f"{f', {remedy}' if table.has_windows else ''}.",
            )
        seen.add((key, start))


def _named(table: ExportInput) -> str:
    names = ", ".join(map(repr, table.headers(table.key)))
    return f"column {names}" if len(table.key) == 1 else f"columns {names}"


def keys_of(rows: pd.DataFrame, table: ExportInput) -> Iterator[tuple[str, ...]]:
    """The key of each row; see `ExportInput.key_of`."""
    return map(table.key_of, zip(*(rows[name] for name in table.key), strict=True))


def spoken_key(key: tuple[str, ...]) -> str:
    """A key in the form of an error message, with missing parts in brackets."""
    return ", ".join(repr(part[:64]) if part else "(any)" for part in key)


def _check_spans(span: tuple[str, str], table: ExportInput, rows: pd.DataFrame, faults: Faults) -> None:
    starts, ends = table.headers(span)
    for line, start, end in _spans_of(span, rows):
        if start is not None and end is not None and end <= start:
            faults.add(
                f"row {line}, column {ends!r} ",
                f"is {end.isoformat()}, not after {starts} {start.isoformat()}; correct one of them.",
            )


def _check_currencies(
    file: LandingFile, span: tuple[str, str], rows: pd.DataFrame, is_snapshot: bool, faults: Faults
) -> None:
    """A currency must be in force when the row begins: at the export time of a snapshot, else at its start."""
    if "currency" not in rows:
        return
    for (line, start, end), code in zip(_spans_of(span, rows), rows["currency"], strict=True):
        # A row without a beginning is checked at its end.
        begins = file.exported_at if is_snapshot else start or (end and end - timedelta(days=1))
        try:
            if begins is not None and code is not None:
                check_in_force(str(code), begins.date())
        except UnusableValueError as error:
            faults.add(f"row {line}, column 'currency' ", str(error))


def _spans_of(span: tuple[str, str], rows: pd.DataFrame) -> Iterator[tuple[int, datetime | None, datetime | None]]:
    starts, ends = span
    yield from zip(rows["line_number"], rows[starts], rows[ends], strict=True)


def windows_of(rows: pd.DataFrame) -> Iterator[tuple[int, datetime | None, datetime | None]]:
    """The line number, start and end of each row's window; None if it is open."""
    yield from zip(rows["line_number"], rows["valid_from"], rows["valid_to"], strict=True)
