"""Vectorised reading: many files at once, with every allow-listed field as its text.

DuckDB parses; nothing is validated here. JSON numbers were converted to doubles, so they are only candidates:
`exact_conditions.py` keeps those that can't have lost a digit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate
from pathlib import Path

import duckdb
import pyarrow

from ingest.contract.landing_files import LandingFile
from ingest.error_lines import raise_if_interrupted, storage_fault
from ingest.errors import CreditsError
from ingest.landing.csv_reading import CsvHeader
from ingest.landing.file_bytes import InspectedFile
from ingest.landing.joined_files import are_joined, joined
from ingest.landing.names import Field, field_names, folder_columns
from ingest.landing.parquet_reading import ParquetTable
from ingest.landing.parsed_columns import coalesced, first_present, json_columns, json_names, not_blank
from ingest.sql_text import literal, path_as_text, quoted

_NOT_THE_FILES_FAULT = (duckdb.OutOfMemoryException, duckdb.FatalException, duckdb.InternalException, MemoryError)
_LINES_READ = "lines_read"
"""The temporary table of a reader."""
_MOST_SPELLINGS = 100
"""The most known names in a CSV header; a file with more is read row by row."""


class ReaderStoppedError(Exception):
    """A file stopped DuckDB's reader, and with it the transaction: roll back, and probe each file the next time."""


class FileStoppedError(Exception):
    """Reading one file failed with an unexpected error, which is the cause. `kind` is its class, which stays known if
    the error comes from another process.
    """

    def __init__(self, file: LandingFile, kind: str | None = None) -> None:
        super().__init__(file.path)
        self.file = file
        self._kind = kind

    @property
    def kind(self) -> str:
        """The name of the class of the unexpected error."""
        return self._kind or type(self.__cause__ or self).__name__

    def __reduce__(self) -> tuple[type[FileStoppedError], tuple[LandingFile, str]]:
        return FileStoppedError, (self.file, self.kind)


@contextmanager
def naming(file: LandingFile) -> Iterator[None]:
    """Name the file whose reading fails with an unexpected error; faults of the disk and of memory are raised
    unchanged.

    Raises:
        FileStoppedError: reading failed.
    """
    try:
        yield
    except (CreditsError, ReaderStoppedError, FileStoppedError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        refuse_unless_the_files_fault(error)
        raise FileStoppedError(file) from error


@dataclass(frozen=True)
class Annotation:
    """What is added to each parsed row while it is read: its times as timestamps, and whether it is exact.

    `instants` is a select list over the text columns, `is_exact` a condition over both with `now` (naive UTC),
    `as_written` (whether all values are texts as they were written) and `quoted` (whether the texts are).
    """

    instants: str
    is_exact: str
    now: datetime

    def select(self, query: str) -> str:
        """The rows of `query` with these additions, numbered in the order of the files and their lines.

        The row numbers make DuckDB use one thread, which costs no more in total. Several threads would write the parts
        of a JSON file into a table in any order, and so would `rowid`.
        """
        return (
            f"select *, coalesce(({self.is_exact}), false) as is_exact, row_number() over () as place "
            f"from (select *, {self.instants} from ({query}))"
        )


def _path(path: Path) -> str:
    """A file's path as SQL, with DuckDB's special characters escaped."""
    return literal(path_as_text(path))


@dataclass(frozen=True)
class ParsedRows:
    """Rows that DuckDB has read, as a query with its parameters; `rows` is how many it returns. They exist until the
    next files are read on the same connection.

    The columns are `file_id`, `line_number` (1 is the first line of the file, a CSV header included), `exported_at`,
    one text for each field, the times as timestamps, and `is_exact`; rows of CSV and Parquet files have `is_blank` too.
    """

    query: str
    parameters: Mapping[str, object]
    rows: int


@dataclass(frozen=True)
class Reader:
    """Reads files of one dataset within the caller's transaction; any error of DuckDB ends the transaction.

    With `probing`, each file is first read on a separate connection, so that no broken file ends the transaction.

    Raises:
        ReaderStoppedError: without `probing`, a file could not be read.
    """

    connection: duckdb.DuckDBPyConnection
    fields: Sequence[Field]
    annotation: Annotation
    probing: bool

    def json_query(self, files: Sequence[InspectedFile], joined_as: Path | None = None) -> str:
        """The rows of JSON Lines files of the same form, with the `filename` of each. `joined_as` is a file with the
        lines of all of them.
        """
        paths = [joined_as] if joined_as else [inspected.file.absolute for inspected in files]
        facts = files[0].facts
        names = json_names(self.fields, facts.spellings, facts.absent)
        stated = folder_columns(self.fields, files[0].file.folder_values)
        picked = (
            first_present(names.get(field.column, ()), field.column, stated.get(field.column)) for field in self.fields
        )
        return f"""
            select filename, {", ".join(picked)}
            from read_json([{", ".join(map(_path, paths))}], format = 'newline_delimited', ignore_errors = true,
                           filename = true, hive_partitioning = false, compression = '{facts.compression}',
                           columns = {{{json_columns(names)}}})
        """

    def read_json(self, files: Sequence[InspectedFile]) -> tuple[ParsedRows | None, list[InspectedFile]]:
        """Read JSON Lines files of the same form; return their rows, and the files that are left out.

        Files with blank lines between others are left out, because their rows can't be numbered. If one file stops the
        reader, there are no rows and all files are left out: the caller tries each one separately.
        """
        if are_joined(files):
            with joined(files) as path:
                if path and (parsed := self._read_joined(files, path)):
                    return parsed, []
            if not all(inspected.file.has_own_path for inspected in files):
                return None, list(files)
        if not self._keep(self.json_query(files), as_written=False):
            return None, list(files)
        # The place of a file's first row turns places into line numbers.
        counted = self.connection.execute(
            f"select filename, min(place), count(*) from {_LINES_READ} group by all"
        ).fetchall()
        found = {(filename, lines): first_place for filename, first_place, lines in counted}
        shown = [inspected for inspected in files if _filename_and_lines(inspected) in found]
        parsed = ParsedRows(
            f"""
            select
                files.file_id, rows.place - files.first_place + 1 as line_number, files.exported_at, rows.*
            from {_LINES_READ} as rows
            inner join (
                select
                    unnest($file_ids::integer[]) as file_id, unnest($paths::varchar[]) as filename,
                    unnest($first_places::bigint[]) as first_place, unnest($times::timestamp[]) as exported_at
            ) as files on files.filename = rows.filename
            """,
            {
                "file_ids": [inspected.file_id for inspected in shown],
                "paths": [str(inspected.file.absolute) for inspected in shown],
                "first_places": [found[_filename_and_lines(inspected)] for inspected in shown],
                "times": [inspected.file.exported_at for inspected in shown],
            },
            sum(inspected.facts.lines for inspected in shown),
        )
        return parsed, [inspected for inspected in files if _filename_and_lines(inspected) not in found]

    def _read_joined(self, files: Sequence[InspectedFile], path: Path) -> ParsedRows | None:
        """Read the lines of all files from one file; None if not every line is a row, or if the reader stopped."""
        if not self._keep(self.json_query(files, path), as_written=False):
            return None
        lines = [inspected.facts.lines for inspected in files]
        [(rows,)] = self.connection.execute(f"select count(*) from {_LINES_READ}").fetchall()
        if rows != sum(lines):
            return None
        return ParsedRows(
            f"""
            select files.file_id, files.line_number, files.exported_at, rows.*
            from {_LINES_READ} as rows
            inner join (
                select
                    file_id, exported_at, unnest(range(1, lines + 1)) as line_number,
                    unnest(range(lines_before + 1, lines_before + lines + 1)) as place
                from (
                    select
                        unnest($file_ids::integer[]) as file_id, unnest($lines::bigint[]) as lines,
                        unnest($lines_before::bigint[]) as lines_before, unnest($times::timestamp[]) as exported_at
                )
            ) as files on files.place = rows.place
            """,
            {
                "file_ids": [inspected.file_id for inspected in files],
                "lines": lines,
                "lines_before": [0, *accumulate(lines[:-1])],
                "times": [inspected.file.exported_at for inspected in files],
            },
            rows,
        )

    def read_csv(self, inspected: InspectedFile, header: CsvHeader) -> ParsedRows | None:
        """Read one CSV file with this header; return None if not every line is a proper row."""
        names = field_names(self.fields)
        if len({name.lower() for name in header.names}) < len(header.names) or len(header.names) < 2:
            return None
        if header.skips_blanks or len(header.delimiter) > 1 or any(map(names.is_object, header.names)):
            return None
        found = names.strongest_first(header.names)
        known = [name for of_column in found.values() for name in of_column]
        # Names and delimiters that are not UTF-8 can't be given to DuckDB, and the SQL for very many names takes
        # quadratic time.
        if not _is_utf8(header.delimiter, *header.names) or len(known) > _MOST_SPELLINGS:
            return None
        columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in header.names)
        source = (
            f"read_csv({_path(inspected.file.absolute)}, auto_detect = false, header = true, "
            f"skip = {header.lines_before:d}, delim = {literal(header.delimiter)}, quote = '\"', escape = '\"', "
            f"strict_mode = true, null_padding = false, ignore_errors = true, hive_partitioning = false, "
            f"compression = '{inspected.facts.compression}', columns = {{{columns}}})"
        )
        stated = folder_columns(self.fields, inspected.file.folder_values)
        picked = [
            coalesced(map(quoted, found.get(field.column, ())), field.column, stated.get(field.column))
            for field in self.fields
        ]
        # A row of delimiters only is not a row.
        texts = [quoted(name) for name in known]
        if others := [quoted(name) for name in header.names if name not in {*known}]:
            texts.append(f"concat({', '.join(others)})")
        picked.append(f"coalesce({', '.join(map(not_blank, texts))}, null) is null as is_blank")
        parsed = self._table(inspected, f"select {', '.join(picked)} from {source}", first_line=2)
        # A row that the reader skips, a blank line and a line end within quotes all make fewer rows than lines.
        is_whole = parsed is not None and parsed.rows + header.lines_before + 1 == inspected.facts.lines
        return parsed if is_whole else None

    def read_parquet(self, inspected: InspectedFile, table: ParquetTable) -> ParsedRows:
        """Read an open Parquet file.

        Raises:
            UnreadableParquetError: it is cut off or damaged.
        """
        batches = table.batches()
        texts = {kind.name: _as_text(kind) for kind in batches.schema}
        # Fetched completely, since nothing can be registered while a statement still has rows.
        self.connection.execute(f"drop table if exists {_LINES_READ}").fetchall()
        self.connection.register("parquet_rows", batches)
        try:
            picked = [f"{texts[field.column]} as {quoted(field.column)}" for field in self.fields]
            # Its rows can be read only once, and an error in them ends them, not the transaction.
            query = f"select {', '.join(picked)}, false as is_blank from parquet_rows"
            parsed = replace(self, probing=False)._table(inspected, query, first_line=1)
        finally:
            self.connection.unregister("parquet_rows")
        if parsed is None:
            raise ReaderStoppedError
        table.check(parsed.rows)
        return parsed

    def _table(self, inspected: InspectedFile, query: str, *, first_line: int) -> ParsedRows | None:
        if not self._keep(query, as_written=True):
            return None
        # Fetched completely: see `read_parquet`.
        [(rows,)] = self.connection.execute(f"select count(*) from {_LINES_READ}").fetchall()
        return ParsedRows(
            f"""
            select
                $file_id::integer as file_id, place + {first_line - 1:d} as line_number,
                $exported_at::timestamp as exported_at, *
            from {_LINES_READ}
            """,
            {"file_id": inspected.file_id, "exported_at": inspected.file.exported_at},
            rows,
        )

    def _keep(self, query: str, *, as_written: bool) -> bool:
        statement = f"create or replace temp table {_LINES_READ} as {self.annotation.select(query)}"
        parameters = {"now": self.annotation.now, "as_written": as_written, "quoted": False}
        if self.probing:
            try:
                with self.connection.cursor() as probe:
                    probe.execute(statement, parameters)
            except Exception as error:
                refuse_unless_the_files_fault(error)
                return False
        try:
            self.connection.execute(statement, parameters)
        except Exception as error:
            refuse_unless_the_files_fault(error)
            raise ReaderStoppedError from error
        return True


def _filename_and_lines(inspected: InspectedFile) -> tuple[str, int]:
    return str(inspected.file.absolute), inspected.facts.lines


def _as_text(column: pyarrow.Field) -> str:
    name = quoted(column.name)
    is_time = pyarrow.types.is_timestamp(column.type)
    return f"strftime({name}, '%Y-%m-%dT%H:%M:%S.%fZ')" if is_time else f"{name}::varchar"


def refuse_unless_the_files_fault(error: Exception) -> None:
    """Raise the error again if it is not about the bytes that were read, or if a signal asked to stop."""
    raise_if_interrupted(error)
    if isinstance(error, _NOT_THE_FILES_FAULT) or storage_fault(error, Path()):
        raise error


def _is_utf8(*texts: str) -> bool:
    try:
        for text in texts:
            text.encode()
    except UnicodeEncodeError:
        return False
    return True
