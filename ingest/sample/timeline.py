"""When things happen: a window of days, weekday and hour patterns, growth, and one unusual day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

DAY_MS = 86_400_000
MINUTE_MS = 60_000
LAST_DAY = date(2026, 10, 31)
LONGEST_VISIT_MS = 75 * MINUTE_MS

_WEEKDAY_WEIGHTS = np.array([1.0, 1.05, 1.0, 0.98, 0.85, 0.22, 0.15])
_HOUR_WEIGHTS = np.array([1, 1, 1, 1, 1, 2, 6, 18, 48, 60, 58, 44, 30, 52, 56, 46, 30, 14, 8, 6, 5, 3, 2, 1.0])


@dataclass(frozen=True)
class Window:
    """A number of whole days in UTC, from `first_day` on."""

    first_day: date
    days: int

    @property
    def start_ms(self) -> int:
        """First instant, in milliseconds since 1970."""
        return to_ms(self.first_day)

    @property
    def end_ms(self) -> int:
        """First instant after the window."""
        return self.start_ms + self.days * DAY_MS

    @property
    def busy_day(self) -> date:
        """The one unusual day: a weekday a little past the middle."""
        day = self.first_day + timedelta(days=int(self.days * 0.6))
        return day + timedelta(days=7 - day.weekday()) if day.weekday() > 4 else day


def window_ending_last_day(days: int) -> Window:
    """Window of this number of days whose last one is `LAST_DAY`."""
    return Window(LAST_DAY - timedelta(days=days - 1), days)


def to_ms(day: date) -> int:
    """Start of a day in UTC, in milliseconds since 1970."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000


def rfc3339(instant_ms: int) -> str:
    """An instant in whole seconds, as `2026-10-31T09:15:00Z`."""
    return f"{datetime.fromtimestamp(instant_ms // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def export_stamp(instant_ms: int) -> str:
    """An instant as it is written in the name of an export, `2026-10-31T09-15-00Z`."""
    return rfc3339(instant_ms).replace(":", "-")


def draw_starts(rng: np.random.Generator, window: Window, offsets_ms: NDArray[np.int64]) -> NDArray[np.int64]:
    """One start for each place's offset from UTC, in its working hours, with the whole visit inside the window."""
    days = np.arange(window.days)
    weekdays = (window.first_day.weekday() + days) % 7
    weights = _WEEKDAY_WEIGHTS[weekdays] * (1 + 0.8 * days / window.days) * rng.uniform(0.9, 1.1, window.days)
    day = rng.choice(window.days, size=len(offsets_ms), p=weights / weights.sum())
    start = window.start_ms + day * DAY_MS + draw_times_of_day(rng, len(offsets_ms)) - offsets_ms
    start = np.where(start < window.start_ms, start + DAY_MS, start)
    return np.where(start >= window.end_ms - LONGEST_VISIT_MS, start - DAY_MS, start)


def draw_times_of_day(rng: np.random.Generator, count: int) -> NDArray[np.int64]:
    """Local times of day in milliseconds, mostly between eight and five with a dip at noon."""
    hour = rng.choice(24, size=count, p=_HOUR_WEIGHTS / _HOUR_WEIGHTS.sum())
    return (hour * 3600 + rng.integers(0, 3600, count)) * 1000
