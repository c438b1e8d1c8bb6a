"""Excel workbooks: the rows of the first sheet, with the shown value of each cell, and formulas as last saved."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from ingest.contract.forms import LARGEST_WHOLE_FLOAT
from ingest.contract.landing_files import LandingFile
from ingest.landing.line_reading import NOT_TEXT, NotText, Value
from ingest.landing.names import Field, Role, field_names
from ingest.landing.parquet_values import value_text
from ingest.landing.parsed_columns import marked_reason

_MOST_UNPACKED = 256 * 1024 * 1024
"""The most bytes of a workbook's parts, since its texts are kept in memory."""
_MOST_COLUMNS = 1_024
_LAST_ROW = 1_048_576
_OLD_FORMAT = b"\xd0\xcf\x11\xe0"
_ERROR = object()
"""In place of a cell that shows an error, such as #N/A."""


class UnreadableWorkbookError(Exception):
    """A workbook can't be read; the message says why and what to do."""


@dataclass(frozen=True)
class Sheet:
    """The first sheet of a workbook: the names in its header, and its rows that are not blank, by their numbers in
    Excel. Values are texts in the form of their field; cells of unknown columns are left out.
    """

    names: tuple[str, ...]
    rows: Sequence[tuple[int, Mapping[str, object]]]


def read_sheet(file: LandingFile, fields: Sequence[Field]) -> Sheet:
    """Read the first sheet of a workbook; its first row that is not blank is the header.

    Raises:
        OSError: the file can't be read.
        UnreadableWorkbookError: it is not a workbook, or unpacks to too much.
    """
    rows = _all_rows(file)
    _, header = next(rows, (0, dict[int, Any]()))
    names = {at: str(name).strip() for at, name in header.items() if name is not _ERROR}
    known = field_names(fields)
    role_of: dict[str, Role] = {field.column: field.role for field in fields}
    # If a name appears twice, the first column counts.
    roles: dict[int, Role] = {
        at: role_of[place[0]] for at, name in reversed(names.items()) if (place := known.find(name))
    }
    kept = [(number, {names[at]: _cell(values.get(at), role) for at, role in roles.items()}) for number, values in rows]
    return Sheet(tuple(names.values()), kept)


def _cell(value: Any, role: Role) -> Value | None:
    if value is _ERROR:
        return NOT_TEXT
    if role == "text" and isinstance(value, (bool, date, time, timedelta)):
        # A text may look like a date or a boolean, and then a workbook stores it as one.
        return _text_of(value)
    text = value_text(value, role)
    return text if text is None or (reason := marked_reason(text)) is None else NotText(reason)


def _text_of(value: bool | date | time | timedelta) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        return str(value.date() if value.time() == time() else value)
    return str(value)


def _all_rows(file: LandingFile) -> Iterator[tuple[int, dict[int, Any]]]:
    from openpyxl import load_workbook  # it takes a while to import

    with file.open() as stream:
        if stream.read(4) == _OLD_FORMAT:
            raise UnreadableWorkbookError("it is protected by a password, or of the older form .xls; save it as .xlsx")
        stream.seek(0)
        try:
            with zipfile.ZipFile(stream) as parts:
                unpacked = sum(part.file_size for part in parts.infolist())
            if unpacked > _MOST_UNPACKED:
                raise UnreadableWorkbookError(f"it unpacks to {unpacked} bytes; save it as CSV")
            stream.seek(0)
            with warnings.catch_warnings():
                # These warnings are about the layout: styles and validations that are ignored.
                warnings.simplefilter("ignore")
                workbook = load_workbook(stream, read_only=True, data_only=True)
                try:
                    yield from _rows(workbook)
                finally:
                    workbook.close()
        except (UnreadableWorkbookError, OSError, GeneratorExit):
            raise
        except Exception as error:  # a broken workbook fails in many ways
            raise UnreadableWorkbookError(
                f"it can't be read as an Excel workbook ({type(error).__name__}); save it again as .xlsx"
            ) from None


def _rows(workbook: Any) -> Iterator[tuple[int, dict[int, Any]]]:
    """The rows that are not blank: their number and their values by column; the first row has its own width."""
    sheet = workbook.worksheets[0]
    # A sheet's information about its own size may be wrong.
    sheet.reset_dimensions()
    header = next(_filled(sheet, 1, _MOST_COLUMNS), None)
    if header is not None:
        yield header
        number, names = header
        yield from _filled(sheet, number + 1, max(names) + 1)


def _filled(sheet: Any, first: int, columns: int) -> Iterator[tuple[int, dict[int, Any]]]:
    from openpyxl.cell.read_only import EMPTY_CELL

    absent: object = None
    for number, cells in enumerate(sheet.iter_rows(min_row=first, max_row=_LAST_ROW + 1, max_col=columns), start=first):
        if number > _LAST_ROW:
            raise UnreadableWorkbookError(f"it has a row beyond {_LAST_ROW}, the last of a sheet; save it again")
        # All rows that are missing in a sheet are the same object.
        if cells is absent:
            continue
        found = ((at, _shown(cell)) for at, cell in enumerate(cells) if cell is not EMPTY_CELL)
        values = {at: value for at, value in found if value is not None}
        if values:
            yield number, values
        else:
            absent = cells


def _shown(cell: Any) -> Any:
    value = cell.value
    if isinstance(value, str):
        return _ERROR if cell.data_type == "e" else value if value.strip() else None
    # A cell contains a floating-point number, even if the file has more digits.
    is_cut = isinstance(value, int) and not isinstance(value, bool) and abs(value) > LARGEST_WHOLE_FLOAT
    return float(value) if is_cut else value
