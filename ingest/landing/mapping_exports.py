"""Users and tenants exports: small tables made by people, read whole and checked row by row with pandas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

import pandas as pd

from ingest.errors import MappingError
from ingest.landing.files import TENANTS, USERS, LandingFile

OPEN_START = datetime(1900, 1, 1)
"""Stands for the beginning of time where a window has no start of its own."""

_COLUMNS = {
    USERS: {
        "user_id": ("userId", "user_id"),
        "tenant_id": ("tenantId", "tenant_id"),
        "display_name": ("displayName", "display_name"),
    },
    TENANTS: {
        "tenant_id": ("tenantId", "tenant_id"),
        "tenant_name": ("name", "tenant_name"),
        "timezone": ("timezone",),
    },
}
_REQUIRED = {USERS: ("user_id", "tenant_id"), TENANTS: ("tenant_id", "tenant_name")}
_KEY = {USERS: "user_id", TENANTS: "tenant_id"}
_WINDOW = {"valid_from": ("validFrom", "valid_from"), "valid_to": ("validTo", "valid_to")}


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
    table = _read(file)
    names = {**_COLUMNS[file.dataset], **_WINDOW}
    picked = {column: next((name for name in given if name in table.columns), None) for column, given in names.items()}
    for column in _REQUIRED[file.dataset]:
        if picked[column] is None:
            raise MappingError(f"{file.path}: column {names[column][0]!r} is missing; add it to the export.")
    is_snapshot = picked["valid_from"] is None
    first_line = 2 if file.form == "csv" else 1
    rows = pd.DataFrame({c: _texts(table[n].tolist() if n else [None] * len(table)) for c, n in picked.items()})
    rows["line_number"] = range(first_line, first_line + len(rows))
    for column in _REQUIRED[file.dataset][:2]:
        for line in rows.loc[rows[column].isna(), "line_number"]:
            raise MappingError(f"{file.path}: row {line}, column {names[column][0]!r} is empty; give it a value.")
    for column in _WINDOW:
        given = zip(rows["line_number"], rows[column], strict=True)
        rows[column] = pd.Series(
            [_time(file, line, _WINDOW[column][0], text) for line, text in given], dtype=object, index=rows.index
        )
    _check_zones(file, rows)
    _check_windows(file, rows, is_snapshot)
    return MappingExport(file, is_snapshot, rows)


def _read(file: LandingFile) -> pd.DataFrame:
    try:
        if file.form == "csv":
            table = pd.read_csv(file.absolute, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        elif file.form == "jsonl":
            table = pd.read_json(file.absolute, lines=True, dtype=False, convert_dates=False, compression="infer")
        else:
            table = pd.read_parquet(file.absolute)
    except pd.errors.EmptyDataError:
        raise MappingError(f"{file.path}: the file is empty; export it with its header line.") from None
    except Exception as error:
        raise MappingError(f"{file.path}: can't be read ({type(error).__name__}); export it again.") from None
    return table


def _texts(values: Sequence[object]) -> pd.Series[str]:
    return pd.Series([_text(value) for value in values], dtype=object)


def _text(value: object) -> str | None:
    if isinstance(value, pd.Timestamp):
        return None if pd.isna(value) else value.isoformat()
    if value is None or value == "" or (isinstance(value, float) and value != value) or isinstance(value, (dict, list)):
        return None
    return str(value)


def _time(file: LandingFile, line: int, name: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = pd.Timestamp(text)
        if pd.isna(moment):
            raise ValueError
        return (moment.tz_convert("UTC").tz_localize(None) if moment.tzinfo else moment).to_pydatetime(warn=False)
    except (ValueError, OverflowError):
        raise MappingError(
            f"{file.path}: row {line}, column {name!r} is {text[:40]!r}; give a time such as 2026-01-31T00:00:00Z."
        ) from None


def _check_zones(file: LandingFile, rows: pd.DataFrame) -> None:
    if file.dataset != TENANTS:
        return
    known = available_timezones()
    for line, zone in zip(rows["line_number"], rows["timezone"], strict=True):
        if zone is not None and zone not in known:
            raise MappingError(
                f"{file.path}: row {line}, column 'timezone' is {zone[:40]!r}, which is no IANA zone; "
                "use a name such as Europe/Copenhagen."
            )


def _check_windows(file: LandingFile, rows: pd.DataFrame, is_snapshot: bool) -> None:
    key = _KEY[file.dataset]
    attributes = [column for column in rows.columns if column != "line_number"]
    distinct = rows.drop_duplicates(attributes)
    if is_snapshot:
        twice = distinct[distinct[key].duplicated()]
        for line, name in zip(twice["line_number"], twice[key], strict=True):
            raise MappingError(
                f"{file.path}: row {line}, column {_COLUMNS[file.dataset][key][0]!r}: {name[:64]!r} stands twice with "
                "different values; keep one row, or give validFrom and validTo."
            )
        return
    for line, start, end in _windows(distinct):
        if start is not None and end is not None and end <= start:
            raise MappingError(
                f"{file.path}: row {line}, column 'validTo' is {end.isoformat()}, not after validFrom "
                f"{start.isoformat()}; correct one of them."
            )


def _windows(rows: pd.DataFrame) -> Iterator[tuple[int, datetime | None, datetime | None]]:
    for line, start, end in zip(rows["line_number"], rows["valid_from"], rows["valid_to"], strict=True):
        yield line, None if pd.isna(start) else start, None if pd.isna(end) else end


def check_dated_exports(exports: Sequence[MappingExport]) -> None:
    """Check that the windows of all dated exports of one table, the landed ones included, overlap nowhere.

    A later export's row replaces an earlier one with the same key and `validFrom`.

    Raises:
        MappingError: names both files and rows.
    """
    windows: dict[tuple[str, datetime], tuple[datetime, str, int]] = {}
    for export in sorted(exports, key=lambda each: each.file.exported_at):
        key = _KEY[export.file.dataset]
        for (line, start, end), name in zip(_windows(export.rows), export.rows[key], strict=True):
            windows[(name, start or OPEN_START)] = (end or datetime.max, export.file.path, line)
    previous: tuple[str, datetime, str, int] | None = None
    for (name, start), (end, path, line) in sorted(windows.items()):
        if previous and previous[0] == name and start < previous[1]:
            raise MappingError(
                f"{path}: row {line}: the window of {name[:64]!r} overlaps that of row {previous[3]} in {previous[2]}; "
                "correct validFrom or validTo."
            )
        previous = (name, end, path, line)
