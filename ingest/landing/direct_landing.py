"""Lands JSON Lines directly: one statement reads, checks and writes them, if the result is certain to be exact.

DuckDB's reader gives exactly one row for each line that is not blank, valid or not. So a batch has as many rows as
lines exactly if its last line has the last place. If that can't be seen, nothing is kept, and the batch is read into a
separate table and counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import duckdb

from ingest.landing.file_bytes import InspectedFile
from ingest.landing.input_types import LineInput
from ingest.landing.raw_writing import SUSPECT_LINES, suspect_lines_of, target
from ingest.landing.reading import Reader, ReaderStoppedError, refuse_unless_the_files_fault


def land_directly(
    connection: duckdb.DuckDBPyConnection,
    dataset: LineInput,
    load_id: int,
    reader: Reader,
    files: Sequence[InspectedFile],
) -> dict[int, set[int]] | None:
    """Write the exact rows of JSON Lines files; return the lines of the others by file, or None if nothing was written.

    Raises:
        ReaderStoppedError: a file could not be read.
    """
    exported_at = "files.exported_at," if dataset.keeps_export_time else ""
    parameters = {
        "file_ids": [inspected.file_id for inspected in files],
        "paths": [str(inspected.file.absolute) for inspected in files],
        "lines_before": [0, *accumulate(inspected.facts.lines for inspected in files[:-1])],
        "times": [inspected.file.exported_at for inspected in files],
        **suspect_lines_of(files),
    }
    try:
        connection.execute(
            f"""
            insert into {target(dataset)}
            select $load_id, files.file_id, rows.place - files.lines_before, {exported_at}
                {dataset.sound_values("rows.")}
            from ({reader.annotation.select(reader.json_query(files))}) as rows
            inner join (
                select
                    unnest($file_ids::integer[]) as file_id, unnest($paths::varchar[]) as filename,
                    unnest($lines_before::bigint[]) as lines_before, unnest($times::timestamp[]) as exported_at
            ) as files on files.filename = rows.filename
            where
                rows.is_exact
                and (files.file_id, rows.place - files.lines_before) not in ({SUSPECT_LINES})
            """,
            {
                "load_id": load_id,
                "now": reader.annotation.now,
                "as_written": False,
                "quoted": all(inspected.facts.texts_are_quoted for inspected in files),
                **parameters,
            },
        )
    except Exception as error:
        refuse_unless_the_files_fault(error)
        raise ReaderStoppedError from error
    if not _numbering_is_proven(connection, dataset, load_id, files[-1]):
        connection.execute(
            f"delete from {dataset.table} where load_id = ? and file_id in (select unnest(?::integer[]))",
            [load_id, parameters["file_ids"]],
        )
        return None
    return _other_lines(connection, dataset, load_id, files)


def _numbering_is_proven(
    connection: duckdb.DuckDBPyConnection, dataset: LineInput, load_id: int, last: InspectedFile
) -> bool:
    row = connection.execute(
        f"select max(line_number) from {dataset.table} where load_id = ? and file_id = ?", [load_id, last.file_id]
    ).fetchone()
    return row == (last.facts.lines,)


def _other_lines(
    connection: duckdb.DuckDBPyConnection, dataset: LineInput, load_id: int, files: Sequence[InspectedFile]
) -> dict[int, set[int]]:
    """The lines of the files that are not in the raw table."""
    rows = connection.execute(
        f"""
        with files as (
            select unnest($file_ids::integer[]) as file_id, unnest($lines::bigint[]) as lines
        ),

        kept as (
            select file_id, line_number from {dataset.table}
            where load_id = $load_id and file_id in (select file_id from files)
        ),

        not_whole as (
            select file_id, lines from files
            where lines > (select count(*) from kept where kept.file_id = files.file_id)
        )

        select numbered.file_id, numbered.line_number
        from (select file_id, unnest(range(1, lines + 1)) as line_number from not_whole) as numbered
        anti join kept on kept.file_id = numbered.file_id and kept.line_number = numbered.line_number
        """,
        {
            "load_id": load_id,
            "file_ids": [inspected.file_id for inspected in files],
            "lines": [inspected.facts.lines for inspected in files],
        },
    ).fetchall()
    others: dict[int, set[int]] = {}
    for file_id, line_number in rows:
        others.setdefault(file_id, set()).add(line_number)
    return others
