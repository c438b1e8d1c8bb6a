"""Runs that are killed at any moment: the published version stays whole, and the next run gives the right tables."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ingest.settings import CHECKOUT
from orchestration.models import building
from tests.end_to_end.commands import ended, started
from tests.end_to_end.comparing import expected_tables, published_tables
from tests.end_to_end.driving import Warehouse

Moment = Callable[[Warehouse], bool]
"""Whether the moment has come at which a run is killed."""
KILLED = -9


def once(name: str) -> Moment:
    """As soon as a new file below the home matches a name or glob."""
    seen: dict[Path, set[Path]] = {}

    def appeared(warehouse: Warehouse) -> bool:
        now = set(warehouse.home.glob(name))
        return bool(now - seen.setdefault(warehouse.home, now))

    return appeared


def later(moment: Moment, seconds: float) -> Moment:
    """Some time after another moment."""
    due: list[float] = []

    def is_over(warehouse: Warehouse) -> bool:
        if not due and moment(warehouse):
            due.append(time.monotonic() + seconds)
        return bool(due) and time.monotonic() >= due[0]

    return is_over


def moments() -> list[Moment]:
    """From the first look at the files to the moment after the switch."""
    landed = "quarantine/load-*.jsonl"
    rng = random.Random(7)
    return [
        once("warehouse/build.duckdb.wal"),
        once(landed),
        *(later(once(landed), rng.uniform(0.5, 4)) for _ in range(3)),
        once("published/versions/.*.partial"),
        once("published/versions/.*.partial/credits.duckdb"),
        once("published/.current.*"),
    ]


def deliver(warehouse: Warehouse, number: int) -> None:
    """Something new of each sort: an operation, one that moves to another date, a broken line, an owner, a mapping."""
    moved = {"id": "moved", "interactionId": "i", "credits": number, "capturedAt": f"2025-02-{20 - number:02}"}
    warehouse.deliver(
        f"usage_records/{number}.jsonl",
        [
            {
                "id": f"x{number}",
                "interactionId": f"i{number}",
                "credits": "0.1",
                "createdAt": f"2025-01-{number + 1:02}",
            },
            {**moved, "createdAt": f"2025-02-{20 - number:02}"},
            {"id": f"broken{number}"},
        ],
    )
    owners = f"interactionId,userId\ni,v{number}\ni{number},u1\n"
    warehouse.deliver(f"mappings/interactions/2025-03-{number + 1:02}.csv", owners)
    users = f"userId,tenantId\nu1,t{number}\nv{number},t9\n"
    warehouse.deliver(f"mappings/users/2025-01-{2 * number + 1:02}.csv", users)


@pytest.mark.parametrize("keeps_history", [False, True])
def test_runs_killed_at_any_moment_lose_and_double_nothing(
    warehouse: Warehouse, tmp_path: Path, keeps_history: bool
) -> None:
    shutil.copy(CHECKOUT / "dagster.yaml", tmp_path)
    history = {"DAGSTER_HOME": str(tmp_path)} if keeps_history else {}
    deliver(warehouse, 0)
    warehouse.run()
    killed = 0
    for number, moment in enumerate(moments(), start=1):
        deliver(warehouse, number)
        moment(warehouse)
        process = started(warehouse, "run", **history)
        while process.poll() is None and not moment(warehouse):
            time.sleep(0.002)
        process.kill()
        code, _, err = ended(process)
        assert code in (0, KILLED), err
        killed += code == KILLED
        facts = warehouse.table("fct_credit_usage", ("resource_id", "credits"))
        assert len({row[0] for row in facts}) == len(facts)
        assert sum(row[1] for row in facts) == sum(row[0] for row in warehouse.table("agg_credits_daily", ("credits",)))
    assert killed >= len(moments()) - 2
    deliver(warehouse, 9)
    code, _, err = ended(started(warehouse, "run", **history))
    assert code == 0, err
    assert published_tables(warehouse) == expected_tables(warehouse.home)
    assert not [*warehouse.settings.published.glob("versions/.*")]


@pytest.mark.parametrize(
    "last", ["int_usage_observations", "int_touched_operations", "fct_credit_usage", "agg_credits_daily"]
)
def test_a_run_cut_off_between_two_models_is_completed_by_the_next(warehouse: Warehouse, last: str) -> None:
    first = {"id": "moved", "interactionId": "i1", "credits": 5, "createdAt": "2025-03-31", "tenantId": "t1"}
    warehouse.deliver("mappings/users/2025-01-01.csv", "userId,tenantId\nu1,t1\n")
    mapped = {"id": "mapped", "userId": "u1", "credits": 1, "createdAt": "2025-05-05"}
    warehouse.usage("a.jsonl", first, mapped, {"id": "other", "interactionId": "i1", "credits": 2})
    warehouse.run()
    # The operation's earliest time, and with it its date and month, is another one now; so is an owner.
    warehouse.usage("b.jsonl", {**first, "credits": 7, "createdAt": "2024-12-31", "capturedAt": "2025-04-01"})
    warehouse.deliver("mappings/users/2025-05-01.csv", "userId,tenantId\nu1,t2\n")
    warehouse.land()
    cut_off(warehouse, last)
    warehouse.usage("c.jsonl", {"id": "later", "credits": 11, "createdAt": "2025-06-01"})
    warehouse.land()
    cut_off(warehouse, last)
    warehouse.run()
    assert published_tables(warehouse) == expected_tables(warehouse.home)
    days = warehouse.table("agg_credits_daily", ("reporting_date", "tenant_id", "credits"))
    assert (date(2024, 12, 31), "t1", 7) in days
    assert date(2025, 3, 31) not in {row[0] for row in days}


def cut_off(warehouse: Warehouse, last: str) -> None:
    """Build the models up to one of them, as a run does that is killed after it."""
    settings = warehouse.settings
    target_path = building.manifest_path(settings).parent
    models = ["run", "--select", f"+{last}"]
    assert not building._invoke(settings, models, target_path).failed
