"""Ninety days of usage and heartbeats of several sources, made from a seed, with nights, weekends and holidays."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

FIRST_DAY = date(2026, 3, 2)
DAYS = 90
LEARNT = FIRST_DAY + timedelta(days=28)
"""From here on outages are planted: three weeks are needed, and a source of its own for four."""
HOLIDAYS = frozenset(
    (
        *(date(2026, 4, 3), date(2026, 4, 6)),  # Good Friday and Easter Monday
        *(date(2026, 5, 1), date(2026, 5, 14), date(2026, 5, 15), date(2026, 5, 25)),
    )
)
HAND_OVER = timedelta(minutes=15)
"""How old a file of heartbeats grows before landing sees it."""


@dataclass(frozen=True)
class PlantedSource:
    """A capturing process: when usage comes there (UTC), how much of it, and whether it is stopped in the evening."""

    name: str
    opens: int
    closes: int
    an_hour: float
    weekdays: frozenset[int] = frozenset(range(5))
    keeps_holidays: bool = True
    at_night: float = 0
    stopped_in_the_evening: bool = False
    closes_for_good: date | None = None
    lunch: int | None = None

    def works_on(self, day: date) -> bool:
        """Whether usage comes on this day."""
        is_open = self.closes_for_good is None or day < self.closes_for_good
        return is_open and day.weekday() in self.weekdays and not (self.keeps_holidays and day in HOLIDAYS)

    def records(self, chance: random.Random) -> Iterator[datetime]:
        """When its records are captured."""
        for day in days():
            for hour in range(24):
                works = self.works_on(day) and self.opens <= hour < self.closes
                rate = self.an_hour if works and hour != self.lunch else self.at_night
                rate *= chance.uniform(0.7, 1.3)
                count = int(rate) + (chance.random() < rate % 1)
                start = datetime(day.year, day.month, day.day, hour)
                yield from (start + timedelta(seconds=chance.uniform(0, 3600)) for _ in range(count))

    def heartbeats(self, chance: random.Random) -> Iterator[tuple[datetime, bool]]:
        """When it says that it lives, once a minute, and whether it says that it stops."""
        offset = timedelta(seconds=chance.uniform(0, 60))
        for day in days():
            midnight = datetime(day.year, day.month, day.day) + offset
            if not self.stopped_in_the_evening:
                yield from ((midnight + timedelta(minutes=minute), False) for minute in range(1440))
            elif self.works_on(day):
                first, last = self.opens * 60 - chance.randint(5, 40), self.closes * 60 + chance.randint(-20, 40)
                yield from ((midnight + timedelta(minutes=minute), minute == last) for minute in range(first, last + 1))


def days() -> list[date]:
    return [FIRST_DAY + timedelta(days=number) for number in range(DAYS)]


SOURCES = (
    PlantedSource("gw-1/gateway", 7, 17, 12),
    PlantedSource("gw-2/gateway", 6, 16, 3, lunch=11),
    PlantedSource("hospital/gateway", 6, 20, 15, frozenset(range(7)), keeps_holidays=False, at_night=0.5),
    PlantedSource("desk/practice", 8, 16, 1.5, frozenset((0, 1, 3, 4)), stopped_in_the_evening=True),
    PlantedSource("late/practice", 7, 15, 5, stopped_in_the_evening=True, closes_for_good=date(2026, 5, 6)),
    PlantedSource("pacific/gateway", 16, 24, 8, closes_for_good=date(2026, 5, 12)),
)


@dataclass(frozen=True)
class Outage:
    """A time in working hours in which a source neither captures nor says that it lives."""

    source: str
    start: datetime
    end: datetime
    stops: bool


def outages(chance: random.Random, count: int) -> Sequence[Outage]:
    """Outages of 2 hours and more in working hours, each by itself."""
    found: list[Outage] = []
    while len(found) < count:
        source = chance.choice(SOURCES)
        day = chance.choice([day for day in days() if day >= LEARNT and source.works_on(day)])
        opening = datetime(day.year, day.month, day.day) + timedelta(hours=source.opens)
        length = timedelta(hours=2) if chance.random() < 0.3 else timedelta(minutes=chance.uniform(120, 300))
        room = timedelta(hours=source.closes - source.opens) - length
        start = opening + room * chance.random()
        found.append(Outage(source.name, start, start + length, chance.random() < 0.2))
    return found
