"""The exact path: rows that the vectorised reader may have changed, validated one by one from the file's own bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from ingest.landing.csv_reading import CsvHeader, csv_rows
from ingest.landing.file_bytes import InspectedFile
from ingest.landing.line_reading import NotText, Value, json_objects, pick_fields
from ingest.landing.names import Field, folder_columns
from ingest.landing.parsed_columns import marked_reason
from ingest.landing.reading import ParsedRows
from ingest.landing.validating import Accepted, Rejected
from ingest.settings import BOUNDS, Bounds
from ingest.sql_text import quoted

Validator = Callable[[Mapping[str, Value], datetime], Accepted | Rejected]
Row = tuple[int, Mapping[str, Value] | str]
"""A line number with the line's fields, or the reason why they can't be read."""
_ROWS_AT_ONCE = 20_000


@dataclass
class Validated:
    """The rows of one file that wait to be written, in columns. `rounded` counts those whose credits were rounded,
    `without_dimensions` those that lost a cost dimension.
    """

    accepted_lines: list[int] = field(default_factory=list)
    accepted: list[dict[str, str]] = field(default_factory=list)
    rejected: list[tuple[int, str, dict[str, str]]] = field(default_factory=list)
    rounded: int = 0
    without_dimensions: int = 0

    def add(self, line_number: int, verdict: Accepted | Rejected) -> None:
        """Keep one row's verdict."""
        if isinstance(verdict, Accepted):
            self.accepted_lines.append(line_number)
            self.accepted.append(verdict.values)
            self.rounded += "credits" in verdict.not_as_written
            self.without_dimensions += "dimensions" in verdict.not_as_written
        else:
            self.rejected.append((line_number, verdict.reason, verdict.values))

    def column(self, name: str) -> list[str | None]:
        """One column of the accepted rows."""
        return [row.get(name) for row in self.accepted]


def validate_rows(
    rows: Iterator[Row],
    validate: Validator,
    now: datetime,
) -> Iterator[Validated]:
    """Validate rows in portions that fit in memory."""
    portion = Validated()
    for line_number, row in rows:
        portion.add(line_number, Rejected(row, {}) if isinstance(row, str) else validate(row, now))
        if len(portion.accepted) + len(portion.rejected) >= _ROWS_AT_ONCE:
            yield portion
            portion = Validated()
    yield portion


def json_rows(
    inspected: InspectedFile, fields: Sequence[Field], wanted: set[int] | None, bounds: Bounds = BOUNDS
) -> Iterator[Row]:
    """The rows of a JSON file, all of them or just the wanted lines."""
    stated = folder_columns(fields, inspected.file.folder_values)
    for number, row in json_objects(inspected.file, wanted, bounds):
        yield number, row if isinstance(row, str) else {**stated, **pick_fields(row, fields)}


def csv_file_rows(
    inspected: InspectedFile, header: CsvHeader, fields: Sequence[Field], bounds: Bounds = BOUNDS
) -> Iterator[Row]:
    """All rows of a CSV file, by the row-wise reader."""
    stated = folder_columns(fields, inspected.file.folder_values)
    for number, row in csv_rows(inspected.file, header, bounds):
        yield number, row if isinstance(row, str) else {**stated, **pick_fields(row, fields, flat=True)}


def rows_as_parsed(
    connection: duckdb.DuckDBPyConnection, parsed: ParsedRows, fields: Sequence[Field], wanted: Sequence[int]
) -> Iterator[Row]:
    """Some of the parsed rows unchanged: texts from CSV and Parquet, which are exact."""
    columns = ", ".join(quoted(input_field.column) for input_field in fields)
    cursor = connection.execute(
        f"select line_number, {columns} from ({parsed.query}) "
        "where line_number in (select unnest($wanted::bigint[])) and not is_blank order by line_number",
        {"wanted": wanted, **parsed.parameters},
    )
    for number, *texts in cursor.fetchall():
        row: dict[str, Value] = {
            input_field.column: text if (reason := marked_reason(text)) is None else NotText(reason)
            for input_field, text in zip(fields, texts, strict=True)
            if text is not None
        }
        yield number, row
