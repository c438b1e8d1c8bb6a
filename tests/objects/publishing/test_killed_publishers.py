"""A publisher that is killed leaves the last version whole, and the next run brings everything together again."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.settings import CHECKOUT
from tests.objects.publishing.small_versions import (
    BASE,
    Months,
    SmallHome,
    newest_delta,
    pointer_of,
    read_in_each_way,
    total_of,
)

pytestmark = pytest.mark.objects

NEXT: Months = {**BASE, "2026-03": "50", "2026-07": "7.5"}
"""One month has changed, and one is new."""
LATER: Months = {**NEXT, "2026-04": "60"}
SEED = int(os.environ.get("CREDITS_FAULT_SEED", "14"))

STEPS = (
    "before put versions/.*/publisher.json",
    "after put versions/.*/publisher.json",
    "after put tables/fct_credit_usage/.*",
    "after put versions/.*/credits.duckdb",
    "before put versions/.*/manifest.json",
    "after put versions/.*/manifest.json",
    "after put publishing.json",
    "before commit fct_credit_usage",
    "after commit agg_credits_daily",
    "after commit mart_audit",
    "before put versions/.*/pointer.json",
    "after put versions/.*/pointer.json",
    "before put current.json",
    "after put current.json",
    "before clean",
    "before switch here",
    "after switch here",
)


def start(home: SmallHome, months: Months, *step: str) -> subprocess.Popen[str]:
    """A publisher that has read what is published, and waits for a line."""
    return subprocess.Popen(
        [
            sys.executable,
            str(Path(__file__).with_name("publisher.py")),
            str(home.settings.home),
            str(home.settings.publish_to),
            json.dumps(months),
            *step,
        ],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def ended(publisher: subprocess.Popen[str]) -> dict[str, str]:
    """What it said at its end; nothing if it was killed."""
    out, _ = publisher.communicate("\n")
    lines = [line for line in out.splitlines() if line != "ready"]
    return json.loads(lines[-1]) if lines else {}


def whole(home: SmallHome) -> Decimal:
    """The credits that readers see, which must be the same in each way."""
    found = read_in_each_way(home.storage, home.settings.home)
    assert len({*found.values()}) == 1, found
    return found["by_polars"]


def require_agreement(home: SmallHome) -> None:
    """The bucket, its Delta tables and this disk hold the same version."""
    pointer = pointer_of(home.storage)
    assert pointer["version"] == home.current
    assert pointer["delta"] == newest_delta(home.storage)


@pytest.mark.parametrize("step", STEPS)
def test_publisher_killed_at_a_step_leaves_a_whole_version_and_the_next_run_heals(
    small_home: SmallHome, step: str
) -> None:
    first = small_home.publish(BASE)
    killed = ended(start(small_home, NEXT, step))
    assert killed == {}, "it was not killed"
    is_switched = step in ("after put current.json", "before clean") or "switch here" in step
    assert whole(small_home) == total_of(NEXT if is_switched else BASE)
    assert small_home.current == first or step == "after switch here"
    later = small_home.publish(LATER)
    assert pointer_of(small_home.storage)["version"] == later
    assert whole(small_home) == total_of(LATER)
    require_agreement(small_home)


def test_run_after_a_kill_between_the_two_switches_does_the_second_one(small_home: SmallHome) -> None:
    from orchestration.publish.elsewhere import is_to_be_sent
    from orchestration.publish.settling import settle_switching

    first = small_home.publish(BASE)
    assert ended(start(small_home, NEXT, "before switch here")) == {}
    assert small_home.current == first and is_to_be_sent(small_home.settings, first)
    settle_switching(small_home.settings)
    require_agreement(small_home)
    assert small_home.current != first and not is_to_be_sent(small_home.settings, str(small_home.current))


def test_version_that_was_never_switched_in_is_current_nowhere(small_home: SmallHome) -> None:
    from orchestration.publish.settling import settle_switching

    first = small_home.publish(BASE)
    assert ended(start(small_home, NEXT, "before put current.json")) == {}
    settle_switching(small_home.settings)
    assert small_home.current == first == pointer_of(small_home.storage)["version"]


def test_repeat_after_a_kill_sends_no_data_again_and_commits_nothing(small_home: SmallHome) -> None:
    small_home.publish(BASE)
    assert ended(start(small_home, NEXT, "before put current.json")) == {}
    before = {entry.key: entry for entry in small_home.storage.list("tables")}
    small_home.publish(NEXT)
    after = {entry.key: entry for entry in small_home.storage.list("tables")}
    # The audit table names its version, so it differs each time.
    assert {key for key in after.keys() - before.keys() if "/mart_audit/" not in key} == set()
    assert {key: after[key].e_tag for key in before} == {key: entry.e_tag for key, entry in before.items()}


def test_publisher_killed_at_20_random_moments_leaves_whole_versions(small_home: SmallHome) -> None:
    chance = random.Random(SEED)
    months: Months = BASE
    small_home.publish(months)
    started = time.monotonic()
    publisher = start(small_home, {**months, "2026-01": "1"})
    assert publisher.stdout and publisher.stdout.readline() == "ready\n"
    ready = time.monotonic()
    assert "version" in ended(publisher), started
    months = {**months, "2026-01": "1"}
    usual = time.monotonic() - ready
    for number in range(20):
        wanted: Months = {**months, "2026-02": f"{number}.5", f"2027-{number % 12 + 1:02}": str(number + 1)}
        publisher = start(small_home, wanted)
        assert publisher.stdout and publisher.stdin and publisher.stdout.readline() == "ready\n"
        publisher.stdin.write("\n")
        publisher.stdin.flush()
        time.sleep(chance.uniform(0, usual))
        publisher.kill()
        publisher.communicate()
        seen = whole(small_home)
        assert seen in (total_of(months), total_of(wanted)), f"seed {SEED}, round {number}"
        if seen == total_of(wanted):
            months = wanted
    small_home.publish(LATER)
    assert whole(small_home) == total_of(LATER)
    require_agreement(small_home)
