"""The quarantine folder: the refused lines with reason and place, in one JSON Lines file for each load."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from ingest.errors import HomeError
from ingest.settings import Settings


@dataclass(frozen=True)
class RefusedLine:
    """One refused line. `fields` has the allow-listed values that could be read.

    For a file with very many refused lines the last entries have no `line`: each counts for `lines` of them.
    """

    load: int
    dataset: str
    file: str
    line: int | None
    reason: str
    fields: dict[str, str]
    lines: int = 1


def refused_lines(connection: duckdb.DuckDBPyConnection, load_id: int | None = None) -> Iterator[RefusedLine]:
    """The refused lines of one load, or of all."""
    cursor = connection.execute(
        """
        with refused as (
            select load_id, file_id, line_number, reason, coalesce(fields, '{}') as fields, 1 as lines
            from raw.rejected_lines
            union all
            select load_id, file_id, null, reason, '{}', lines from raw.rejected_counts
        )

        select refused.load_id, dataset, path, line_number, reason, fields, refused.lines
        from refused inner join raw.landed_files on landed_files.file_id = refused.file_id
        where $load_id is null or refused.load_id = $load_id
        order by refused.load_id, path, line_number nulls last, reason
        """,
        {"load_id": load_id},
    )
    while rows := cursor.fetchmany(1000):
        for load, dataset, file, line, reason, fields, lines in rows:
            yield RefusedLine(load, dataset, file, line, reason, json.loads(fields), lines)


def clear_quarantine(settings: Settings) -> None:
    """Remove all files: a build database that is made again numbers its loads from 1.

    Raises:
        HomeError: the quarantine folder can't be written.
    """
    _remove(settings, settings.quarantine.glob("load-*.jsonl"))


def clear_quarantine_of(settings: Settings, loads: Iterable[int]) -> None:
    """Remove the files of these loads, so that they are written again from the raw tables.

    Raises:
        HomeError: the quarantine folder can't be written.
    """
    _remove(settings, (_file_of(settings, load_id) for load_id in loads))


def _file_of(settings: Settings, load_id: int) -> Path:
    return settings.quarantine / f"load-{load_id:06d}.jsonl"


def _remove(settings: Settings, paths: Iterable[Path]) -> None:
    try:
        for path in paths:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise HomeError(f"{settings.quarantine} cannot be written ({error.strerror}): check the folder.") from None


def write_quarantine(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[Path]:
    """Write the file of each load that refused lines and has none yet; return the new ones.

    Raises:
        HomeError: the quarantine folder can't be written.
    """
    loads = connection.execute(
        "select load_id from raw.rejected_lines union select load_id from raw.rejected_counts order by 1"
    ).fetchall()
    written = []
    for (load_id,) in loads:
        path = _file_of(settings, load_id)
        if path.exists():
            continue
        partial = path.with_suffix(".partial")
        try:
            with partial.open("w", encoding="utf-8") as file:
                for refused in refused_lines(connection, load_id):
                    entry = asdict(refused)
                    if refused.line is not None:
                        del entry["lines"]
                    file.write(json.dumps(entry, ensure_ascii=False) + "\n")
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except OSError as error:
            raise HomeError(f"{path} cannot be written ({error.strerror}): free space or check the folder.") from None
        written.append(path)
    return written
