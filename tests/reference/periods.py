"""Calendar periods of reporting dates, and rolling ones."""

from __future__ import annotations

from datetime import date, timedelta

MONTHS = {"month": 1, "quarter": 3, "year": 12}
ROLLING = {"7d": 7, "28d": 28}
"""Periods that end on each day, with the number of their days."""
_DAYS = {"day": 1, "week": 7, **ROLLING}


def period_start(period: str, day: date) -> date:
    """The first day of the period that a day lies in, or of the rolling one that ends on it."""
    if period in ROLLING:
        return day - timedelta(days=ROLLING[period] - 1)
    if period == "week":
        return day - timedelta(days=day.weekday())
    if period == "day":
        return day
    months = MONTHS[period]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def period_end(period: str, start: date) -> date:
    """The first day after the period that begins on a day."""
    return start + timedelta(days=_DAYS[period]) if period in _DAYS else months_later(start, MONTHS[period])


def months_later(first_of_month: date, months: int) -> date:
    """The first day of the month some months after another one, or before it if the number is negative."""
    whole = first_of_month.year * 12 + first_of_month.month - 1 + months
    return date(whole // 12, whole % 12 + 1, 1)


def periods_between(period: str, first: date, last: date) -> list[date]:
    """The starts of all periods that have a day from the first to the last; of rolling ones, those that end there."""
    if period in ROLLING:
        return [period_start(period, first + timedelta(days)) for days in range((last - first).days + 1)]
    starts = [period_start(period, first)]
    while (following := period_end(period, starts[-1])) <= last:
        starts.append(following)
    return starts
