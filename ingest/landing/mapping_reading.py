"""The rows of an export that people made: every text and number as written, every fault with its row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import chain

from ingest.contract.forms import comparable_name
from ingest.contract.landing_files import LandingFile
from ingest.contract.left_out import Notice, shown_name
from ingest.errors import MappingError
from ingest.landing.csv_reading import csv_header, csv_rows
from ingest.landing.excel_reading import UnreadableWorkbookError, read_sheet
from ingest.landing.line_reading import NotText, Value, json_objects, pick_fields
from ingest.landing.names import Field, field_names, folder_columns
from ingest.landing.parquet_reading import UnreadableParquetError, open_parquet
from ingest.landing.parsed_columns import marked_reason

UNKNOWN_COLUMN = "unknown_column"
MOST_FAULTS = 20
MOST_COLUMNS_NAMED = 20
_FAULTS = {
    "broken_csv": "a quote is out of place; quote it, or export the file again",
    "broken_header": "a quote is out of place in the header; export the file again",
    "unknown_header": "it should be the header, but it has no known name; name the columns",
    "line_too_long": "it is longer than a line may be; export the file again",
    "unpacked_too_large": "the compressed file unpacks to more than it may; export it again",
    "json_array": "it is an array; write one object on each line, or name the file .json",
    "several_objects": "it contains several objects; write one object on each line",
    "wrong_number_of_fields": "it has more or fewer fields than the header; quote the field that holds a comma",
    "invalid_utf8": "it is not UTF-8; export the file in that encoding",
    "broken_json": "it is not JSON; export the file again",
    "not_an_object": "it is not a JSON object; write one object on each line",
    "damaged_compression": "the compressed file breaks off there; export it again",
}
_READ_BUT_NOT_KEPT = frozenset({"email"})
"""Columns in the input contract that are never stored."""


@dataclass
class Faults:
    """Collects the faults of one export. `path` names the file."""

    path: str
    found: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def add(self, place: str, said: str) -> None:
        """Note a fault: its place (`row 2, column 'userId'`, or empty for the file) and what is wrong there.

        Raises:
            MappingError: there are as many faults as a message names.
        """
        self.found.append((place, said))
        if len(self.found) >= MOST_FAULTS:
            self.check()

    def check(self) -> None:
        """Raise if there are faults.

        Raises:
            MappingError: there are faults.
        """
        if not self.found:
            return
        lines = [f"{self.path}: {place}{said}" for place, said in self.found]
        message = lines[0]
        if others := [place.rstrip(", :") or "the file" for place, _ in self.found[1:]]:
            more = f"at least {len(others)}" if len(self.found) >= MOST_FAULTS else str(len(others))
            named = "; ".join(others[:5]) + ("; …" if len(others) > 5 else "")
            message = f"{lines[0].removesuffix('.')} (and {more} more: {named})."
        raise MappingError(message, tuple(lines))


@dataclass(frozen=True)
class MappingTable:
    """An export as read: its known columns, and its rows by the names of the given fields. Rows are numbered from 1; in
    a CSV file and in a sheet from 2, after the header. `notices` are things in the file that a person should look at.
    """

    columns: frozenset[str]
    rows: Sequence[tuple[int, Mapping[str, Value]]]
    notices: tuple[Notice, ...] = ()


def read_mapping_table(
    file: LandingFile, fields: Sequence[Field], faults: Faults, *, may_lack_rows: bool = False
) -> MappingTable:
    """Read an export; rows that can't be read are added to the faults. With `may_lack_rows` a header is enough.

    Raises:
        OSError: the file can't be read.
        MappingError: the file can't be read as a whole, or is empty; names it.
    """
    reader = {"parquet": _parquet, "csv": _csv, "xlsx": _excel}.get(file.form, _json)
    names, rows = reader(file, fields, faults)
    if not rows:
        faults.check()
        if not any(name.strip() for name in names):
            raise MappingError(f"{file.path}: the file is empty; export it with its header and all its rows.")
        if not may_lack_rows:
            raise MappingError(f"{file.path}: it has a header and no rows; export it with all its rows.")
    known = field_names(fields)
    columns = frozenset(known.strongest_first(names)) | {
        column for column in folder_columns(fields, file.folder_values) if any(column in row for _, row in rows)
    }
    return MappingTable(columns, rows, unknown_columns(names, fields))


def unknown_columns(names: Iterable[str], fields: Sequence[Field]) -> tuple[Notice, ...]:
    """A notice for each of the first unknown columns, with the nearest known name if there is one, and a notice that
    counts the others.
    """
    known = field_names(fields)
    spelt = {comparable_name(name): name for field in fields for name in reversed(field.names)}
    unknown = [
        name
        for name in dict.fromkeys(names)
        if name.strip() and not known.is_known(name) and comparable_name(name) not in _READ_BUT_NOT_KEPT
    ]
    details: dict[str, None] = {}
    for name in unknown[:MOST_COLUMNS_NAMED]:
        near = get_close_matches(comparable_name(name), spelt, n=1, cutoff=0.75)
        meant = f"; is {spelt[near[0]]!r} meant?" if near else ""
        details[f"column {shown_name(name)} is taken by no field{meant}"] = None
    if more := len(unknown) - MOST_COLUMNS_NAMED if len(unknown) > MOST_COLUMNS_NAMED else 0:
        details[f"{more} more column{'s are' if more > 1 else ' is'} taken by no field"] = None
    return tuple(Notice(UNKNOWN_COLUMN, detail) for detail in details)


_Read = tuple[list[str], list[tuple[int, dict[str, Value]]]]


def _csv(file: LandingFile, fields: Sequence[Field], faults: Faults) -> _Read:
    header = csv_header(file, fields)
    if header.fault:
        said = _FAULTS[header.fault].removesuffix("; give the columns their names")
        saw = f", but {header.saw}" if header.names else ""
        raise MappingError(f"{file.path}: row 1 can't be read: {said}{saw}; give the columns their names.")
    return [*header.names], _picked(file, csv_rows(file, header), fields, faults)


def _json(file: LandingFile, fields: Sequence[Field], faults: Faults) -> _Read:
    objects = list(json_objects(file))
    names = dict.fromkeys(chain.from_iterable(row for _, row in objects if not isinstance(row, str)))
    return [*names], _picked(file, objects, fields, faults)


def _picked(
    file: LandingFile,
    found: Iterable[tuple[int, Mapping[str, object] | str]],
    fields: Sequence[Field],
    faults: Faults,
) -> list[tuple[int, dict[str, Value]]]:
    stated = folder_columns(fields, file.folder_values)
    rows: list[tuple[int, dict[str, Value]]] = []
    for number, row in found:
        if isinstance(row, str):
            faults.add(f"row {number} ", f"can't be read: {_FAULTS[row]}.")
        else:
            rows.append((number, {**stated, **pick_fields(row, fields, flat=True)}))
    return rows


def _excel(file: LandingFile, fields: Sequence[Field], faults: Faults) -> _Read:
    try:
        sheet = read_sheet(file, fields)
    except UnreadableWorkbookError as error:
        raise MappingError(f"{file.path}: {error}.") from None
    return [*sheet.names], _picked(file, sheet.rows, fields, faults)


def _parquet(file: LandingFile, fields: Sequence[Field], faults: Faults) -> _Read:
    try:
        with open_parquet(file, fields) as table:
            names = [*table.names]
            rows = [(number, _unmarked(row)) for number, row in enumerate(table.texts(), start=1)]
    except UnreadableParquetError as error:
        raise MappingError(f"{file.path}: {error.detail}.") from None
    return names, rows


def _unmarked(row: Mapping[str, str | None]) -> dict[str, Value]:
    return {
        column: text if (reason := marked_reason(text)) is None else NotText(reason)
        for column, text in row.items()
        if text is not None
    }
