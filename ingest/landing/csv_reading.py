"""CSV row by row, for what the vectorised reader refuses: short and long rows, broken quotes, what is no text."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO

from ingest.landing.file_bytes import DAMAGED, opened
from ingest.landing.files import LandingFile

_LONGEST_FIELD = 16 * 1024 * 1024
csv.field_size_limit(_LONGEST_FIELD)


def csv_header(file: LandingFile) -> list[str]:
    """The names in a CSV file's first line; none where there is no readable first line."""
    try:
        with opened(file) as stream, _text(stream, "replace") as text:
            return _names(next(csv.reader(text), []))
    except (csv.Error, *DAMAGED):
        return []


def csv_rows(file: LandingFile) -> Iterator[tuple[int, dict[str, str] | str]]:
    """Each row behind the header: its line number (the header is line 1, blank rows do not count, nor do the line ends
    within quotes) and its fields by name, or the reason why it can't be read.

    A row that should go over several lines and is none, since a quote is not closed, costs its first line only. Empty
    fields beyond the header's are passed over.
    """
    number = 1
    header: list[str] | None = None
    with opened(file) as stream, _text(stream, "surrogateescape") as text:
        lines = _Lines(text)
        while True:
            fault = "wrong_number_of_fields"
            try:
                row = next(csv.reader(lines.taken(), strict=True), None)
            except csv.Error:
                row, fault = ["", *(header or ()), "broken"], "broken_csv"
            if row is None:
                break
            if not row:
                continue
            if header is None:
                if fault == "broken_csv":
                    yield number, "broken_header"
                    return
                header = _names(row)
                continue
            number += 1
            while len(row) > len(header) and not row[-1]:
                row.pop()
            if len(row) != len(header):
                lines.give_back_all_but_the_first()
                yield number, fault
            elif any("\udc80" <= character <= "\udcff" for value in row for character in value):
                yield number, "invalid_utf8"
            else:
                # Of a name that stands twice the first column counts.
                yield number, dict(zip(reversed(header), reversed(row), strict=True))
        if lines.damaged:
            yield number + 1, "damaged_compression"


class _Lines:
    """The lines of a text, of which the last ones taken can be given back; `damaged` where the text breaks off."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self.damaged = False
        self._text = text
        self._waiting: deque[str] = deque()
        self._last: list[str] = []

    def taken(self) -> Iterator[str]:
        """The lines from here on, each remembered until the next call."""
        self._last = []
        while line := self._waiting.popleft() if self._waiting else self._next():
            self._last.append(line)
            yield line

    def give_back_all_but_the_first(self) -> None:
        """Of the lines taken since the last call of `taken`."""
        self._waiting.extendleft(reversed(self._last[1:]))
        self._last = []

    def _next(self) -> str:
        try:
            return "" if self.damaged else self._text.readline()
        except DAMAGED:
            self.damaged = True
            return ""


def _text(stream: BinaryIO, errors: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(stream, encoding="utf-8-sig", errors=errors, newline="")


def _names(row: list[str]) -> list[str]:
    return [name.strip() for name in row]
