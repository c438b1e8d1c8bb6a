"""The rows of a users or tenants export as they stand: every text and number as written, every fault by its row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import pyarrow
import pyarrow.parquet

from ingest.errors import MappingError
from ingest.landing.csv_reading import CsvHeader, csv_header, csv_rows
from ingest.landing.fields import Field
from ingest.landing.files import LandingFile
from ingest.landing.left_out import Notice
from ingest.landing.line_reading import NOT_TEXT, NumberText, Value, json_objects, pick_fields

_FAULTS = {
    "broken_csv": "a quote is out of place; quote it, or export the file again",
    "broken_header": "a quote is out of place in the header; export the file again",
    "unknown_header": "it should be the header, and has no name that is known; give the columns their names",
    "line_too_long": "it is longer than a line may be; export the file again",
    "unpacks_too_large": "the compressed file unpacks to more than it may; export it again",
    "json_array": "it is an array; write one object a line, or let the file's name end in .json",
    "several_objects": "several objects stand on it; write one object a line",
    "wrong_number_of_fields": "it has more or fewer fields than the header; quote the field that holds a comma",
    "invalid_utf8": "it is not UTF-8; export the file in that encoding",
    "broken_json": "it is no JSON; export the file again",
    "not_an_object": "it is no JSON object; write one object a line",
    "damaged_compression": "the compressed file breaks off there; export it again",
}


@dataclass(frozen=True)
class MappingTable:
    """An export as read: its column names, and its rows by the names of the given fields. Rows are numbered from 1, a
    CSV file's from 2, behind its header. `notices` are what a person should look at in the file.
    """

    names: frozenset[str]
    rows: Sequence[tuple[int, Mapping[str, Value]]]
    notices: tuple[Notice, ...] = ()


def read_mapping_table(file: LandingFile, fields: Sequence[Field]) -> MappingTable:
    """Read an export.

    Raises:
        MappingError: names the file, and the row where there is one.
    """
    if file.form == "parquet":
        names, objects = _parquet(file)
    elif file.form == "csv":
        header = csv_header(file, fields)
        names, objects = set(header.names), list(_csv(file, header))
    else:
        objects = list(_json(file))
        names = {name for _, row in objects for name in row}
    if not objects:
        raise MappingError(f"{file.path}: the file is empty; export it with its header and all its rows.")
    return MappingTable(frozenset(names), [(number, pick_fields(row, fields, flat=True)) for number, row in objects])


def _csv(file: LandingFile, header: CsvHeader) -> Iterator[tuple[int, Mapping[str, object]]]:
    for number, row in csv_rows(file, header):
        if isinstance(row, str):
            raise _fault(file, number, row)
        yield number, row


def _json(file: LandingFile) -> Iterator[tuple[int, Mapping[str, object]]]:
    for number, row in json_objects(file):
        if isinstance(row, str):
            raise _fault(file, number, row)
        yield number, row


def _fault(file: LandingFile, number: int, reason: str) -> MappingError:
    return MappingError(f"{file.path}: row {number} can't be read: {_FAULTS[reason]}.")


def _parquet(file: LandingFile) -> tuple[set[str], list[tuple[int, dict[str, object]]]]:
    try:
        # Not by the path, whose folders would be read as columns.
        with file.absolute.open("rb") as stream:
            table = pyarrow.parquet.ParquetFile(stream).read()
            rows = table.to_pylist()
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise MappingError(f"{file.path}: can't be read ({type(error).__name__}); export it again.") from None
    return set(table.column_names), [(n, dict(_as_json(row.items()))) for n, row in enumerate(rows, 1)]


def _as_json(items: Iterable[tuple[str, object]]) -> Iterator[tuple[str, object]]:
    for name, value in items:
        if isinstance(value, (date, datetime)):
            yield name, value.isoformat()
        elif isinstance(value, float) and value != value:
            yield name, None
        elif isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
            yield name, NumberText(value)
        else:
            yield name, value if value is None or isinstance(value, str) else NOT_TEXT
