"""Silence is distinguished from failure: no alarm at night, on holidays or if a clinic closes, and every outage is
found.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from tests.dbt_models.planted_sources import HOLIDAYS, LEARNT, SOURCES, days, outages
from tests.dbt_models.source_clock import SourceClock, source_clock

SEED = int(os.environ.get("CREDITS_TEST_SEED", "20260601"))
IN_FULL = bool(os.environ.get("CREDITS_TEST_IN_FULL"))
"""Look at every day, not at holidays, the days after them and some others."""
SOME_DAYS = 3


@pytest.fixture
def planted(tmp_path: Path) -> Iterator[SourceClock]:
    chance = random.Random(SEED)
    records = [(source.name, at) for source in SOURCES for at in source.records(chance)]
    heartbeats = [(source.name, at, stops) for source in SOURCES for at, stops in source.heartbeats(chance)]
    with source_clock(tmp_path, records, heartbeats) as clock:
        yield clock


def test_no_alarm_at_night_on_weekends_on_holidays_or_where_a_clinic_closes(planted: SourceClock) -> None:
    looked = 0
    alarms: list[tuple[datetime, str]] = []
    for day in _days_looked_at():
        # Between two looks a state can change at its own `state_until` alone: these are all looks there can be.
        clock: datetime | None = datetime(day.year, day.month, day.day)
        end = clock + timedelta(days=1)
        while clock and clock < end:
            planted.go_to(clock)
            states = planted.states()
            looked += 1
            alarms += [(clock, source) for source, (state, _) in states.items() if state == "silent"]
            ahead = [until for state, until in states.values() if state == "expected" and until and until > clock]
            clock = min(ahead, default=None)
    print(f"seed {SEED}: {len(alarms)} false alarms in {looked} looks on {len(_days_looked_at())} days")
    assert alarms == []


def test_every_outage_of_two_hours_and_more_in_working_hours_is_found(planted: SourceClock) -> None:
    found = 0
    missed = []
    others = []
    for outage in sorted(outages(random.Random(SEED), 100), key=lambda missed: missed.end):
        planted.go_to(outage.end)
        states = planted.states(outage)
        found += states[outage.source][0] == "silent"
        missed += [outage] if states[outage.source][0] != "silent" else []
        others += [(outage.end, name) for name, (state, _) in states.items() if state == "silent"]
    print(f"seed {SEED}: {found} of 100 outages found, {len(others) - found} other alarms")
    assert (missed, len(others) - found) == ([], 0)


def _days_looked_at() -> list[date]:
    learnt = [day for day in days() if day >= LEARNT]
    if IN_FULL:
        return learnt
    striking = {day + timedelta(days=after) for day in HOLIDAYS for after in (0, 1)}
    some = random.Random(SEED).sample(learnt, SOME_DAYS)
    return [day for day in learnt if day in striking or day in some]
