"""CSV: the dialect of a file, found once from its header, and its rows one by one, for files that the vectorised reader
refuses: short and long rows, broken quotes, invalid text.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ingest.contract.landing_files import LandingFile
from ingest.contract.left_out import shown_name
from ingest.landing.file_text import DAMAGED, UNPACKED_TOO_LARGE, UnpacksTooLargeError, opened
from ingest.landing.names import Field, FieldNames, field_names
from ingest.settings import BOUNDS, Bounds
from ingest.wording import counted

_DELIMITERS = (",", ";", "\t", "|")
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_BLANK_AFTER_QUOTE = re.compile(r'"[ ]+(?:[,;\t|\r\n]|\Z)')
_QUOTED = re.compile(r'("(?:[^"]+|"")*+"|".*\Z)(?: +(?=[,;\t|\r\n]|\Z))?', re.DOTALL)
"""A text in quotes, possibly over several lines, and the blanks before the delimiter after it."""
_QUOTE_AFTER_BLANK = re.compile(r'[,;\t|][ ]+"')
_MARK = "\ufeff"
_NAME_WITHOUT_DIGITS = re.compile(r"[^\W\d]+(?:[_.-][^\W\d]+)*")
_NAMES_SHOWN = 6


@dataclass(frozen=True)
class CsvHeader:
    """The result of reading a CSV file's first lines.

    `names` are the names of its columns as written, without blanks around them; none if the file is empty.
    `lines_before` counts a line `sep=`. `skips_blanks` says whether there are blanks between a delimiter and a quote,
    on either side of it. `fault` is the reason why no row of the file can be read: `unknown_header` (no known name),
    `broken_header`, or the reason why the first line can't be read.
    """

    names: tuple[str, ...] = ()
    delimiter: str = ","
    lines_before: int = 0
    skips_blanks: bool = False
    fault: str | None = None

    @property
    def saw(self) -> str:
        """The first names in the form of a message, or only their lengths if the line may be one of values."""
        names = self.names[:_NAMES_SHOWN]
        are_names = len(self.names) > 1 and all(map(_NAME_WITHOUT_DIGITS.fullmatch, self.names))
        shown = [shown_name(name) if are_names else counted(len(name), "character") for name in names]
        more = len(self.names) - len(shown)
        return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def csv_header(file: LandingFile, fields: Iterable[Field], bounds: Bounds = BOUNDS) -> CsvHeader:
    """Find a CSV file's delimiter and columns: the delimiter with the most known names."""
    names = field_names(fields)
    with _opened_lines(file, bounds) as lines:
        try:
            return _header(lines, names)
        except _LineTooLongError:
            return CsvHeader(fault="line_too_long")


def _header(lines: _Lines, names: FieldNames) -> CsvHeader:
    first = next(lines.taken(), "")
    declared = _SEPARATOR_LINE.fullmatch(first)
    if not declared:
        lines.give_back([first])
    basis = CsvHeader(lines_before=int(declared is not None))
    candidates = dict.fromkeys([declared[1], *_DELIMITERS] if declared else _DELIMITERS)
    looks = [_look(lines, names, replace(basis, delimiter=delimiter)) for delimiter in candidates]
    known, header = max(looks, key=lambda look: look[0])
    if known:
        return header
    if not any(header.names or header.fault for _, header in looks):
        return basis
    # No delimiter finds a known name: the one that makes the most columns shows the header best.
    header = max((header for _, header in looks), key=lambda header: len(header.names))
    return replace(header, fault="unknown_header" if header.names else "broken_header")


def _look(lines: _Lines, names: FieldNames, header: CsvHeader) -> tuple[int, CsvHeader]:
    """How many known names a delimiter finds in the first row, and the header with them."""
    taken: list[str] = []
    row: Sequence[str] | None = ()
    fault: str | None = None
    while row is not None and not any(map(str.strip, row)):
        try:
            row = next(_reader(lines, replace(header, skips_blanks=True)), None)
        except csv.Error:
            row, fault = None, "broken_header"
        taken += lines.last
    lines.give_back(taken)
    found = tuple(name.strip() for name in row or ())
    skips_blanks = any(_QUOTE_AFTER_BLANK.search(line) or _BLANK_AFTER_QUOTE.search(line) for line in taken)
    return sum(map(names.is_known, found)), replace(header, names=found, skips_blanks=skips_blanks, fault=fault)


def csv_rows(
    file: LandingFile, header: CsvHeader, bounds: Bounds = BOUNDS
) -> Iterator[tuple[int, dict[str, str] | str]]:
    """Each row after the header: its line number (the header is line 1; blank lines do not count, nor does a line
    `sep=`, nor do the line ends within quotes) and its fields by name, or the reason why it can't be read.

    If a row spans several lines because a quote is not closed, only its first line is refused. Empty fields beyond the
    header's are ignored, and so are rows that consist of delimiters only. If the header can't be used, each row has its
    fault, including the first one, since it may not be a header.
    """
    number = 0
    with _opened_lines(file, bounds) as lines:
        for _ in range(header.lines_before):
            next(lines.taken(), None)
        while True:
            fault = None
            row: list[str] | None = []
            try:
                row = next(_reader(lines, header), None)
            except csv.Error:
                fault = "broken_csv"
            except _LineTooLongError:
                fault = "line_too_long"
            if row is None:
                break
            if not fault and not any(map(str.strip, row)):
                # Rows of delimiters only keep their line number, blank lines do not.
                number += len(row) > 1 and number > 0
                continue
            number += 1
            if header.fault:
                lines.give_back(lines.last[1:])
                yield number, header.fault
                continue
            if number == 1:
                continue
            while len(row) > len(header.names) and not row[-1]:
                row.pop()
            if not fault and len(row) != len(header.names):
                fault = "wrong_number_of_fields"
            if fault:
                lines.give_back(lines.last[1:])
                yield number, fault
            elif any("\udc80" <= character <= "\udcff" for value in row for character in value):
                yield number, "invalid_utf8"
            else:
                # If a name appears twice, the first column counts.
                yield number, dict(zip(reversed(header.names), reversed(row), strict=True))
        if lines.fault:
            yield max(number, 1) + 1, lines.fault


class _LineTooLongError(Exception):
    """A line is longer than its bound."""


class _TooLong(str):
    """In place of a line that is longer than its bound."""


class _Lines:
    """The lines of a text; lines can be given back. `last` are those taken since `taken` was called, and `fault` says
    why the text is cut off.
    """

    def __init__(self, text: io.TextIOWrapper, longest: int) -> None:
        self.fault: str | None = None
        self.last: list[str] = []
        self._text = text
        self._longest = longest
        self._waiting: deque[str] = deque()

    def taken(self) -> Iterator[str]:
        """The lines from here on, at most as many as one row may have.

        Raises:
            _LineTooLongError: the first one is too long, and is skipped.
        """
        self.last = []
        size = 0
        while size <= self._longest and (line := self._waiting.popleft() if self._waiting else self._next()):
            if isinstance(line, _TooLong):
                if not self.last:
                    raise _LineTooLongError
                self._waiting.appendleft(line)
                break
            size += len(line)
            self.last.append(line)
            yield line

    def give_back(self, lines: Sequence[str]) -> None:
        """The lines that were given back, then the remaining ones."""
        self._waiting.extendleft(reversed(lines))
        self.last = []

    def _next(self) -> str:
        try:
            line = "" if self.fault else self._text.readline(self._longest + 2)
            if len(line) <= self._longest or len(line.rstrip("\r\n")) <= self._longest:
                return line.removeprefix(_MARK)
            while not line.endswith(("\n", "\r")) and (line := self._text.readline(self._longest)):
                pass
            return _TooLong("long")
        except DAMAGED:
            self.fault = "damaged_compression"
        except UnpacksTooLargeError:
            self.fault = UNPACKED_TOO_LARGE
        return ""


@contextmanager
def _opened_lines(file: LandingFile, bounds: Bounds) -> Iterator[_Lines]:
    # Lines are bounded here; the csv module's own bound is for the whole process.
    csv.field_size_limit(max(csv.field_size_limit(), bounds.line + 1))
    with opened(file, bounds) as stream, io.TextIOWrapper(stream, "utf-8", "surrogateescape", newline="") as text:
        yield _Lines(text, bounds.line)


def _reader(lines: _Lines, header: CsvHeader) -> Iterator[list[str]]:
    taken = lines.taken()
    if header.skips_blanks:
        taken = (_QUOTED.sub(r"\1", line) for line in taken)
    return csv.reader(taken, delimiter=header.delimiter, strict=True, skipinitialspace=header.skips_blanks)
