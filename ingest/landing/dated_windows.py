"""Compares the windows of dated exports: landed and new ones must not overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from ingest.errors import MappingError
from ingest.landing.input_types import ExportInput
from ingest.landing.mapping_exports import MappingExport, keys_of, spoken_key, windows_of

_OPEN_START = datetime(1900, 1, 1)
"""The start of a window without a stated start, also in the dbt models."""


@dataclass(frozen=True)
class _Window:
    key: tuple[str, ...]
    start: datetime
    end: datetime
    path: str
    line: int


def check_dated_windows(
    connection: duckdb.DuckDBPyConnection, table: ExportInput, exports: Sequence[MappingExport]
) -> None:
    """Check new dated exports of one table against the landed rows that count.

    As in the models, an export that is delivered again under its name replaces the earlier one, and a later export
    replaces what earlier ones said about a subject, from its start on.

    Raises:
        MappingError: names both files and rows.
    """
    dated = [export for export in exports if not export.is_snapshot]
    if not dated:
        return
    again = {export.file.path for export in dated}
    found = [row for row in _landed(connection, table) if row[0][0] not in again]
    for export in dated:
        when = (export.file.path, export.file.exported_at, len(found))
        keys = keys_of(export.rows, export.table)
        for (line, start, end), key in zip(windows_of(export.rows), keys, strict=True):
            found.append((when, _window(key, start, end, export.file.path, line)))
    latest: dict[tuple[object, ...], datetime] = {}
    for (_, exported_at, _), window in found:
        named = (table.subject_of(window.key), window.start)
        latest[named] = max(exported_at, latest.get(named, exported_at))
    counting = {
        (window.key, window.start): window
        for (_, exported_at, _), window in sorted(found, key=lambda row: row[0][1:])
        if exported_at == latest[table.subject_of(window.key), window.start]
    }
    previous: _Window | None = None
    for _, window in sorted(counting.items()):
        if previous and previous.key == window.key and window.start < previous.end:
            raise MappingError(
                f"{window.path}: row {window.line}: the window of {spoken_key(window.key)} overlaps that of row "
                f"{previous.line} in {previous.path}; correct validFrom or validTo."
            )
        previous = window


def _landed(
    connection: duckdb.DuckDBPyConnection, table: ExportInput
) -> list[tuple[tuple[str, datetime, int], _Window]]:
    rows = connection.execute(
        f"""
        select path, rows.exported_at, valid_from, valid_to, line_number, {", ".join(table.key)}
        from {table.table} as rows
        inner join raw.landed_files on landed_files.file_id = rows.file_id
        where
            not is_snapshot
            and rows.file_id in (
                select max(files.file_id) from raw.landed_files as files
                where
                    files.dataset = ?
                    and files.file_id in (select file_id from {table.table} where not is_snapshot)
                group by files.path
            )
        order by rows.exported_at, rows.file_id, line_number
        """,
        [table.name],
    ).fetchall()
    return [
        ((path, exported_at, order), _window(table.key_of(key), start, end, path, line))
        for order, (path, exported_at, start, end, line, *key) in enumerate(rows)
    ]


def _window(key: tuple[str, ...], start: datetime | None, end: datetime | None, path: str, line: int) -> _Window:
    return _Window(key, start or _OPEN_START, end or datetime.max, path, line)
