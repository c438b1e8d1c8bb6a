"""CSV row by row, for what the vectorised reader refuses: rows of another length, broken quotes, no text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from ingest.landing.files import DAMAGED, LandingFile, opened

csv.field_size_limit(16 * 1024 * 1024)


def csv_header(file: LandingFile) -> list[str]:
    """The names in a CSV file's first line; none where there is no readable first line."""
    try:
        with opened(file) as stream:
            text = io.TextIOWrapper(io.BufferedReader(stream), encoding="utf-8-sig", errors="replace", newline="")
            return [name.strip() for name in next(csv.reader(text), [])]
    except (csv.Error, *DAMAGED):
        return []


def csv_rows(file: LandingFile) -> Iterator[tuple[int, dict[str, str] | str]]:
    """Each row behind the header: its line number (the header is line 1, blank rows do not count) and its fields by
    name, or the reason why it can't be read.
    """
    number = 1
    header: list[str] | None = None
    with opened(file) as stream:
        text = io.TextIOWrapper(io.BufferedReader(stream), encoding="utf-8-sig", errors="surrogateescape", newline="")
        rows = csv.reader(text, strict=True)
        while True:
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error:
                number += 1
                yield number, "broken_csv"
                continue
            except DAMAGED:
                yield number + 1, "damaged_compression"
                return
            if not row:
                continue
            if header is None:
                header = [name.strip() for name in row]
                continue
            number += 1
            if len(row) != len(header):
                yield number, "wrong_number_of_fields"
            elif any("\udc80" <= character <= "\udcff" for value in row for character in value):
                yield number, "invalid_utf8"
            else:
                # Of a name that stands twice the first column counts.
                yield number, dict(zip(reversed(header), reversed(row), strict=True))
