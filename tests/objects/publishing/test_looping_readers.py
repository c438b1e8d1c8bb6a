"""Readers of a bucket see whole versions only, while versions are switched."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from tests.objects.publishing.small_versions import (
    BASE,
    Months,
    SmallHome,
    by_database,
    by_delta,
    by_duckdb,
    by_polars,
    total_of,
)

pytestmark = pytest.mark.objects

SWITCHES = 30


def test_looping_readers_see_whole_versions_over_30_switches(small_home: SmallHome, tmp_path: Path) -> None:
    """Each version changes two months, so that a mixture of two versions has a sum that no version has."""
    versions: list[Months] = [BASE]
    for number in range(SWITCHES):
        changed = {f"2026-{number % 4 + 1:02}": f"{100 + number}.25", f"2026-{(number + 2) % 4 + 1:02}": f"{2**number}"}
        versions.append({**versions[-1], **changed})
    totals = {total_of(months) for months in versions}
    assert len(totals) == SWITCHES + 1
    small_home.publish(versions[0])
    done = threading.Event()
    seen: dict[str, list[Decimal]] = {}
    faults: list[str] = []

    def read(way: Callable[..., Decimal], name: str) -> None:
        storage = small_home.storage
        found = seen.setdefault(name, [])
        while not done.is_set():
            try:
                found.append(way(storage, tmp_path))
            except Exception as error:
                faults.append(f"{name}: {error!r}")
            # The server has one interpreter, which the publisher needs too.
            done.wait(0.4)

    ways = (by_polars, by_duckdb, by_delta, by_database)
    readers = [threading.Thread(target=read, args=(way, way.__name__)) for way in ways]
    for reader in readers:
        reader.start()
    try:
        for months in versions[1:]:
            small_home.publish(months)
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert faults == []
    for name, found in seen.items():
        assert len(found) >= 10, name
        assert {*found} <= totals, name
        assert len({*found}) > 3, name
