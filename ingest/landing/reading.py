"""Vectorised reading: many files at once into the view `parsed`, every allow-listed field as the text it stands for.

DuckDB parses; nothing is judged here. `parsed` has the columns `file_id`, `line_number` (1 is the first line of the
file, a CSV header included) and one text column a field. JSON numbers come through a double and are therefore only
candidates: `vouching.py` keeps those that can't have lost a digit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from ingest.landing.fields import Field
from ingest.landing.files import CUSTOMER_NAMES, FileFacts, LandingFile


@dataclass(frozen=True)
class InspectedFile:
    """A file that is about to land, under the id that its rows will carry."""

    file_id: int
    file: LandingFile
    facts: FileFacts


@dataclass(frozen=True)
class Annotation:
    """What is said of each parsed row while it is read: its times as timestamps, and whether it is vouched for.

    `instants` is a select list over the text columns, `vouched` a condition over both; `now` is naive UTC.
    """

    instants: str
    vouched: str
    now: datetime

    def select(self, query: str) -> str:
        """The rows of `query` with what is said of them."""
        return f"select *, coalesce(({self.vouched}), false) as vouched from (select *, {self.instants} from ({query}))"


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A path or a name as an SQL text: table functions take no bound parameters for lists of columns."""
    return "'" + text.replace("'", "''") + "'"


def read_json_files(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[InspectedFile],
    fields: Sequence[Field],
    annotation: Annotation,
) -> list[InspectedFile]:
    """Show JSON Lines files, which spell the customer's id alike, in `parsed`; return those that it does not show.

    Left out are files whose rows can't be told line by line: blank lines between others, a line too long for the
    reader. Where one file stops the reader all are left out: the caller tries each by itself.
    """
    hidden: set[str] = set(CUSTOMER_NAMES) - set(files[0].facts.customer_names[:1] or CUSTOMER_NAMES[:1])
    paths = [str(each.file.absolute) for each in files]
    query = f"""
        select filename, {", ".join(_first_present(field, hidden) for field in fields)}
        from read_json([{", ".join(map(literal, paths))}], format = 'newline_delimited', ignore_errors = true,
                       filename = true, columns = {{{_json_columns(fields, hidden)}}})
    """
    try:
        _keep(connection, query, annotation)
    except duckdb.Error:
        return list(files)
    # The rows of a table made in one go are numbered by file and line: a file's own first row number turns them into
    # line numbers, without a window over everything.
    connection.execute(
        """
        create or replace temp table files_read as
        select landing.file_id, landing.filename, counted.first_row
        from (select unnest($ids) as file_id, unnest($paths) as filename, unnest($lines) as lines) as landing
        inner join (select filename, min(rowid) as first_row, count(*) as lines from lines_read group by all) as counted
            on counted.filename = landing.filename and counted.lines = landing.lines
        """,
        {
            "ids": [each.file_id for each in files],
            "paths": paths,
            "lines": [each.facts.lines for each in files],
        },
    )
    connection.execute(
        """
        create or replace temp view parsed as
        select files_read.file_id, lines_read.rowid - files_read.first_row + 1 as line_number, lines_read.*
        from lines_read inner join files_read on files_read.filename = lines_read.filename
        """
    )
    shown = {row[0] for row in connection.execute("select file_id from files_read").fetchall()}
    return [each for each in files if each.file_id not in shown]


def read_csv_file(
    connection: duckdb.DuckDBPyConnection,
    each: InspectedFile,
    header: Sequence[str],
    fields: Sequence[Field],
    annotation: Annotation,
) -> bool:
    """Show one CSV file with this header in `parsed`; False where the strict reader refuses any row of it."""
    if len({name.lower() for name in header}) < len(header) or len(header) < 2:
        return False
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in header)
    source = (
        f"read_csv({literal(str(each.file.absolute))}, auto_detect = false, header = true, delim = ',', quote = '\"', "
        f"escape = '\"', strict_mode = true, null_padding = false, columns = {{{columns}}})"
    )
    texts = {name: quoted(name) for name in header}
    return _show_table(connection, each, source, texts, fields, annotation, first_line=2)


def read_parquet_file(
    connection: duckdb.DuckDBPyConnection, each: InspectedFile, fields: Sequence[Field], annotation: Annotation
) -> bool:
    """Show one Parquet file in `parsed`; False where it can't be read at all."""
    source = f"read_parquet({literal(str(each.file.absolute))})"
    texts: dict[str, str] = {}
    try:
        for name, kind, *_ in connection.execute(f"describe select * from {source}").fetchall():
            texts[name] = _parquet_text(quoted(name), kind)
            if kind.startswith("STRUCT("):
                inner = connection.execute(f"describe select unnest({quoted(name)}) from {source}").fetchall()
                texts |= {f"{name}.{i[0]}": _parquet_text(f"{quoted(name)}.{quoted(i[0])}", i[1]) for i in inner}
    except duckdb.Error:
        return False
    return _show_table(connection, each, source, texts, fields, annotation, first_line=1)


def _show_table(
    connection: duckdb.DuckDBPyConnection,
    each: InspectedFile,
    source: str,
    texts: Mapping[str, str],
    fields: Sequence[Field],
    annotation: Annotation,
    *,
    first_line: int,
) -> bool:
    picked = ", ".join(
        _coalesced([texts[name] for name in field.names if name in texts], field.column) for field in fields
    )
    try:
        _keep(connection, f"select {picked} from {source}", annotation)
    except duckdb.Error:
        return False
    connection.execute(
        f"""
        create or replace temp view parsed as
        select
            {each.file_id:d}::integer as file_id,
            rowid - (select min(rowid) from lines_read) + {first_line:d} as line_number,
            *
        from lines_read
        """
    )
    return True


def _keep(connection: duckdb.DuckDBPyConnection, query: str, annotation: Annotation) -> None:
    connection.execute(
        f"create or replace temp table lines_read as {annotation.select(query)}", {"now": annotation.now}
    )


def _json_columns(fields: Sequence[Field], hidden: set[str]) -> str:
    names = [name for field in fields for name in field.names if name not in hidden]
    columns = {name: "VARCHAR" for name in names if "." not in name}
    for outer in dict.fromkeys(name.partition(".")[0] for name in names if "." in name):
        inner = (name.partition(".")[2] for name in names if name.startswith(f"{outer}."))
        columns[outer] = f"STRUCT({', '.join(f'{quoted(name)} VARCHAR' for name in inner)})"
    return ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in columns.items())


def _first_present(field: Field, hidden: set[str]) -> str:
    reached = [".".join(map(quoted, name.split("."))) for name in field.names if name not in hidden]
    return _coalesced(reached, field.column)


def _coalesced(texts: Sequence[str], column: str) -> str:
    present = ", ".join(f"nullif({text}, '')" for text in texts)
    return f"coalesce({present or 'null'}, null)::varchar as {quoted(column)}"


def _parquet_text(column: str, kind: str) -> str:
    if kind.startswith("TIMESTAMP WITH TIME ZONE"):
        return f"strftime({column} at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')"
    if kind.startswith("TIMESTAMP"):
        return f"strftime({column}::timestamp, '%Y-%m-%dT%H:%M:%S.%fZ')"
    if kind in {"BLOB", "BOOLEAN"} or (kind.endswith(("[]", ")")) and not kind.startswith("DECIMAL")):
        # Neither text nor number: shown as JSON would show an object, which is never vouched for.
        return f"case when {column} is not null then '{{}}' end"
    return f"{column}::varchar"
