"""How figures, months and names are written on a statement, in every format."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_FEWEST_PLACES = 2
_AS_WIDE_AS_A_DIGIT = "\u2007"
_JOINERS = "\u200c\u200d"
"""Marks that some scripts need within a word."""


def month_name(month: date) -> str:
    """`October 2026`."""
    return f"{_MONTHS[month.month - 1]} {month.year}"


def day_name(day: date) -> str:
    """`3 November 2026`."""
    return f"{day.day} {month_name(day)}"


def days_of(month: date) -> str:
    """`1 to 31 October 2026`."""
    last = (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return f"1 to {last.day} {month_name(month)}"


def moment_name(moment: datetime) -> str:
    """`3 November 2026, 08:15 UTC`."""
    return f"{moment.day} {month_name(moment.date())}, {moment:%H:%M} UTC"


def places_needed(figures: Iterable[Decimal]) -> int:
    """As many decimal places as the longest of the figures needs, so that a column is aligned."""
    needed = (-int(figure.normalize().as_tuple().exponent) for figure in figures if figure)
    return max((_FEWEST_PLACES, *needed))


def figure(value: Decimal, places: int) -> str:
    """A figure of a column whose longest one has this number of places: without zeros at its end, but for two, and with
    blanks as wide as digits in their place, so that the points are below each other.
    """
    whole = f"{value:,.{places}f}"
    shown = plain_figure(value)
    return shown + _AS_WIDE_AS_A_DIGIT * (len(whole) - len(shown))


def plain_figure(value: Decimal) -> str:
    """A figure within a text: all its places, at least two, and commas between thousands."""
    return f"{value:,.{places_needed([value])}f}"


def amount(value: Decimal, decimals: int) -> str:
    """An amount at its currency's own number of decimals."""
    return f"{value:,.{decimals}f}"


def price(value: Decimal, decimals: int) -> str:
    """A price per credit, exact, with no fewer decimals than its currency has."""
    return f"{value:,.{max(decimals, places_needed([value])) if value else decimals}f}"


def share(part: Decimal, whole: Decimal) -> str:
    """`0.8 %`; empty if the whole is 0."""
    if whole <= 0:
        return ""
    percent = 100 * part / whole
    return f"{percent:.1f} %" if abs(percent) >= Decimal("0.05") else "< 0.1 %"


def strip_control_characters(text: str) -> str:
    """A text from an input file on one line, without characters that are invisible or change the writing direction."""
    kept = (" " if char in "\n\r\t\v\f\u2028\u2029\x85" else char for char in text)
    return "".join(char for char in kept if unicodedata.category(char) not in ("Cc", "Cf", "Cs") or char in _JOINERS)
