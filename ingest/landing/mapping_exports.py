"""Users and tenants exports: small tables made by people, read whole and checked row by row with pandas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from zoneinfo import available_timezones

import duckdb
import pandas as pd

from ingest.errors import MappingError
from ingest.landing.fields import TENANT_FIELDS, USER_FIELDS, Field
from ingest.landing.files import TENANTS, USERS, LandingFile
from ingest.landing.judging import read_time
from ingest.landing.line_reading import NotText, Value
from ingest.landing.mapping_reading import MappingTable, read_mapping_table

_FIELDS = {USERS: USER_FIELDS, TENANTS: TENANT_FIELDS}
_REQUIRED = {USERS: ("user_id", "tenant_id"), TENANTS: ("tenant_id", "tenant_name")}
KEYS = {USERS: "user_id", TENANTS: "tenant_id"}
_TIMES = ("valid_from", "valid_to")


@dataclass(frozen=True)
class MappingExport:
    """One validated export; `rows` has the key, its attributes, `valid_from`, `valid_to` (naive UTC), `line_number`."""

    file: LandingFile
    is_snapshot: bool
    rows: pd.DataFrame


def read_mapping_export(file: LandingFile) -> MappingExport:
    """Read and check a users or tenants export.

    Raises:
        MappingError: names the file, and the row and column where there is one; rows count from the first data row
            as line 2 in CSV, from 1 elsewhere.
    """
    fields = _FIELDS[file.dataset]
    table = read_mapping_table(file, fields)
    for field in fields:
        if field.column in _REQUIRED[file.dataset] and not table.names & {*field.names}:
            raise MappingError(f"{file.path}: column {field.names[0]!r} is missing; add it to the export.")
    is_snapshot = not any(table.names & {*field.names} for field in fields if field.column == "valid_from")
    rows = _checked_rows(file, table, fields)
    _check_zones(file, rows)
    _check_windows(file, rows, is_snapshot)
    return MappingExport(file, is_snapshot, rows)


def _checked_rows(file: LandingFile, table: MappingTable, fields: Sequence[Field]) -> pd.DataFrame:
    columns: dict[str, list[object]] = {"line_number": [number for number, _ in table.rows]}
    for field in fields:
        columns[field.column] = [_checked(file, number, field, row) for number, row in table.rows]
    return pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})


def _checked(file: LandingFile, line: int, field: Field, row: Mapping[str, Value]) -> str | datetime | None:
    value = row.get(field.column)
    where = f"{file.path}: row {line}, column {field.names[0]!r}"
    if value is None:
        if field.column in _REQUIRED[file.dataset]:
            raise MappingError(f"{where} is empty; give it a value.")
        return None
    if isinstance(value, NotText):
        raise MappingError(f"{where} holds neither text nor a number; give it a plain value.")
    if field.column not in _TIMES:
        return str(value).encode("utf-8", "backslashreplace").decode("utf-8")
    moment = read_time(value)
    if moment is None:
        raise MappingError(f"{where} is {value[:40]!r}; give a time such as 2026-01-31T00:00:00Z.")
    return moment.astimezone(UTC).replace(tzinfo=None)


@cache
def _known_zones() -> set[str]:
    """The IANA names that DuckDB, which will work with them, knows too."""
    with duckdb.connect() as connection:
        names = {row[0] for row in connection.execute("select name from pg_timezone_names()").fetchall()}
    return names & available_timezones()


def _check_zones(file: LandingFile, rows: pd.DataFrame) -> None:
    if file.dataset != TENANTS:
        return
    for line, zone in zip(rows["line_number"], rows["timezone"], strict=True):
        if zone is not None and zone not in _known_zones():
            raise MappingError(
                f"{file.path}: row {line}, column 'timezone' is {zone[:40]!r}, which is no IANA zone; "
                "use a name such as Europe/Copenhagen."
            )


def _check_windows(file: LandingFile, rows: pd.DataFrame, is_snapshot: bool) -> None:
    distinct = rows.drop_duplicates([column for column in rows.columns if column != "line_number"])
    key = KEYS[file.dataset]
    twice = distinct[distinct.duplicated([key] if is_snapshot else [key, "valid_from"])]
    name = next(field.names[0] for field in _FIELDS[file.dataset] if field.column == key)
    for line, value in zip(twice["line_number"], twice[key], strict=True):
        remedy = "or give validFrom and validTo" if is_snapshot else "or correct validFrom"
        raise MappingError(
            f"{file.path}: row {line}, column {name!r}: {value[:64]!r} stands twice with different values; "
            f"keep one row, {remedy}."
        )
    for line, start, end in windows_of(distinct):
        if start is not None and end is not None and end <= start:
            raise MappingError(
                f"{file.path}: row {line}, column 'validTo' is {end.isoformat()}, not after validFrom "
                f"{start.isoformat()}; correct one of them."
            )


def windows_of(rows: pd.DataFrame) -> Iterator[tuple[int, datetime | None, datetime | None]]:
    """Line number, start and end of each row's window; None where it is open."""
    yield from zip(rows["line_number"], rows["valid_from"], rows["valid_to"], strict=True)
