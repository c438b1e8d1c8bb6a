"""Vectorised reading: many files at once into the view `parsed`, every allow-listed field as the text it stands for.

DuckDB parses; nothing is judged here. `parsed` has the columns `file_id`, `line_number` (1 is the first line of the
file, a CSV header included), one text column a field, the times as timestamps and whether the row is vouched for. JSON
numbers come through a double and are therefore only candidates: `vouching.py` keeps those that can't have lost a digit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import duckdb
import pyarrow

from ingest.landing.fields import Field
from ingest.landing.file_bytes import InspectedFile
from ingest.landing.parquet_reading import ParquetTable
from ingest.landing.parsed_columns import coalesced, first_present, json_columns, literal, quoted
from ingest.landing.suspicion import CUSTOMER_NAMES

_NOT_THE_FILES_FAULT = (duckdb.OutOfMemoryException, duckdb.FatalException, duckdb.InternalException)


class ReaderStoppedError(Exception):
    """A file stopped DuckDB's reader, and with it the transaction: roll back, and probe each file the next time."""


@dataclass(frozen=True)
class Annotation:
    """What is said of each parsed row while it is read: its times as timestamps, and whether it is vouched for.

    `instants` is a select list over the text columns, `vouched` a condition over both with `now` (naive UTC) and
    `exact` (whether the texts are as they were written).
    """

    instants: str
    vouched: str
    now: datetime

    def select(self, query: str) -> str:
        """The rows of `query` with what is said of them, numbered in the order of the files and their lines.

        The row numbers keep DuckDB to one thread, which costs no more in all: several of them put the parts of a JSON
        file into a table in any order, and so would `rowid`.
        """
        return (
            f"select *, coalesce(({self.vouched}), false) as vouched, row_number() over () as place "
            f"from (select *, {self.instants} from ({query}))"
        )


def _path(each: InspectedFile) -> str:
    """A file's path as SQL, without the meaning that DuckDB gives to some characters of a path."""
    return literal(re.sub(r"[*?\[]", r"[\g<0>]", str(each.file.absolute)))


@dataclass(frozen=True)
class Reader:
    """Reads files of one dataset within the caller's transaction, which any error of DuckDB's ends.

    With `probing`, each file is first read on a connection of its own, so that the transaction meets no broken one.

    Raises:
        ReaderStoppedError: without `probing`, a file could not be read.
    """

    connection: duckdb.DuckDBPyConnection
    fields: Sequence[Field]
    annotation: Annotation
    probing: bool

    def json_query(self, files: Sequence[InspectedFile]) -> str:
        """The rows of JSON Lines files, which spell their names alike, with the `filename` of each."""
        hidden = {*CUSTOMER_NAMES} - {*files[0].facts.customer_names}
        if not files[0].facts.snake_case:
            # To look for a name costs as much where it never stands.
            hidden |= {part for field in self.fields for name in field.names for part in name.split(".") if "_" in part}
        return f"""
            select filename, {", ".join(first_present(field, hidden) for field in self.fields)}
            from read_json([{", ".join(map(_path, files))}], format = 'newline_delimited', ignore_errors = true,
                           filename = true, hive_partitioning = false,
                           columns = {{{json_columns(self.fields, hidden)}}})
        """

    def show_json(self, files: Sequence[InspectedFile]) -> list[InspectedFile]:
        """Show JSON Lines files, which spell their names alike, in `parsed`; return those that it does not show.

        Left out are files whose rows can't be told line by line, since blank lines stand between others. Where one file
        stops the reader all are left out: the caller tries each by itself.
        """
        if not self._keep(self.json_query(files), exact=False):
            return list(files)
        # A file's own first place turns places into line numbers.
        self.connection.execute(
            """
            create or replace temp table files_read as
            select landing.file_id, landing.filename, counted.first_place
            from (select unnest($ids) as file_id, unnest($paths) as filename, unnest($lines) as lines) as landing
            inner join (
                select filename, min(place) as first_place, count(*) as lines from lines_read group by all
            ) as counted on counted.filename = landing.filename and counted.lines = landing.lines
            """,
            {
                "ids": [each.file_id for each in files],
                "paths": [str(each.file.absolute) for each in files],
                "lines": [each.facts.lines for each in files],
            },
        )
        self.connection.execute(
            """
            create or replace temp view parsed as
            select files_read.file_id, lines_read.place - files_read.first_place + 1 as line_number, lines_read.*
            from lines_read inner join files_read on files_read.filename = lines_read.filename
            """
        )
        shown = {row[0] for row in self.connection.execute("select file_id from files_read").fetchall()}
        return [each for each in files if each.file_id not in shown]

    def show_csv(self, each: InspectedFile, header: Sequence[str]) -> bool:
        """Show one CSV file with this header in `parsed`; False where not every line of it is a row as it should be."""
        if len({name.lower() for name in header}) < len(header) or len(header) < 2:
            return False
        columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in header)
        source = (
            f"read_csv({_path(each)}, auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', "
            f"strict_mode = true, null_padding = false, ignore_errors = true, hive_partitioning = false, "
            f"columns = {{{columns}}})"
        )
        if not self._show_table(each, source, {name: quoted(name) for name in header}, first_line=2):
            return False
        # A row that the reader passes over, a blank line and a line end within quotes all make fewer rows than lines.
        return self.connection.execute("select count(*) + 1 from lines_read").fetchone() == (each.facts.lines,)

    def show_parquet(self, each: InspectedFile, table: ParquetTable) -> None:
        """Show an open Parquet file in `parsed`.

        Raises:
            UnreadableParquetError: it breaks off, or is damaged.
        """
        batches = table.batches()
        texts = {kind.name: _as_text(kind) for kind in batches.schema}
        # Fetched whole, since what is registered meets no statement that still has rows to give.
        self.connection.execute("drop table if exists lines_read cascade").fetchall()
        self.connection.register("parquet_rows", batches)
        try:
            picked = ", ".join(f"{texts[field.column]} as {quoted(field.column)}" for field in self.fields)
            # Its rows come once, and whatever is wrong with them ends them rather than the transaction.
            replace(self, probing=False)._show(each, f"select {picked} from parquet_rows", first_line=1)
        finally:
            self.connection.unregister("parquet_rows")
        rows = self.connection.execute("select count(*) from lines_read").fetchone()
        table.check(rows[0] if rows else 0)

    def _show_table(self, each: InspectedFile, source: str, texts: Mapping[str, str], *, first_line: int) -> bool:
        picked = ", ".join(
            coalesced([texts[name] for name in field.names if name in texts], field.column) for field in self.fields
        )
        return self._show(each, f"select {picked} from {source}", first_line=first_line)

    def _show(self, each: InspectedFile, query: str, *, first_line: int) -> bool:
        if not self._keep(query, exact=True):
            return False
        self.connection.execute(
            f"""
            create or replace temp view parsed as
            select {each.file_id:d}::integer as file_id, place + {first_line - 1:d} as line_number, *
            from lines_read
            """
        ).fetchall()
        return True

    def _keep(self, query: str, *, exact: bool) -> bool:
        statement = f"create or replace temp table lines_read as {self.annotation.select(query)}"
        parameters = {"now": self.annotation.now, "exact": exact}
        if self.probing:
            try:
                with self.connection.cursor() as probe:
                    probe.execute(statement, parameters)
            except duckdb.Error as error:
                refuse_unless_the_files_fault(error)
                return False
        try:
            self.connection.execute(statement, parameters)
        except duckdb.Error as error:
            refuse_unless_the_files_fault(error)
            raise ReaderStoppedError from error
        return True


def _as_text(column: pyarrow.Field) -> str:
    name = quoted(column.name)
    is_time = pyarrow.types.is_timestamp(column.type)
    return f"strftime({name}, '%Y-%m-%dT%H:%M:%S.%fZ')" if is_time else f"{name}::varchar"


def refuse_unless_the_files_fault(error: duckdb.Error) -> None:
    """Raise the error again where it is not about the bytes that were read."""
    if isinstance(error, _NOT_THE_FILES_FAULT) or "space left" in str(error):
        raise error
