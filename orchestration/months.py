"""Months as people type them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from ingest.errors import ArgumentError

_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_OTHER_WAYS = (
    re.compile(r"(?P<year>\d{4})[-/. ]?(?P<month>\d{1,2})([-/. ]\d{1,2})?", re.ASCII),
    re.compile(r"(?P<month>\d{1,2})[-/. ](?P<year>\d{4})", re.ASCII),
    re.compile(r"(?P<name>[a-z]{3})[a-z]*[-/. ,]*(?P<year>\d{4})", re.ASCII | re.IGNORECASE),
    re.compile(r"(?P<year>\d{4})[-/. ]*(?P<name>[a-z]{3})[a-z]*", re.ASCII | re.IGNORECASE),
)
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def month_of(text: str) -> date:
    """The first day of a month written as `2026-10`.

    Raises:
        ArgumentError: it is not a month; the message suggests what may be meant.
    """
    found = _MONTH.fullmatch(text.strip())
    month = _first_day(int(found[1]), int(found[2])) if found else None
    if month is None:
        raise ArgumentError(f"{text[:40]!r} is not a month: {_suggestion(text.strip())}")
    return month


def listed_months(months: Sequence[str]) -> str:
    """Months in order, written briefly."""
    return ", ".join(months) if len(months) <= 6 else f"{months[0]} … {months[-1]}, {len(months)} in all"


def _suggestion(text: str) -> str:
    for way in _OTHER_WAYS:
        if found := way.fullmatch(text):
            parts = found.groupdict()
            name = (parts.get("name") or "").lower()
            number = _NAMES.index(name) + 1 if name in _NAMES else int(parts.get("month") or 0)
            if month := _first_day(int(parts["year"]), number):
                return f"did you mean {month:%Y-%m}?"
            if number > 12:
                return f"a year has the months 01 to 12; give one such as {parts['year']}-12."
    return "give one such as 2026-10."


def _first_day(year: int, month: int) -> date | None:
    return date(year, month, 1) if year >= 1 and 1 <= month <= 12 else None
