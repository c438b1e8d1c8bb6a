"""One row dropped, doubled or altered behind the pipeline's back, where the next delivery touches nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.errors import CreditsError, PublishError
from orchestration.model_building import ModelsError
from tests.warehouse.comparing import expected_tables, published_tables
from tests.warehouse.driving import Warehouse

RAW = "raw.usage_records"
OBSERVATIONS = "intermediate.int_usage_observations"
FACT = "marts.marts.fct_credit_usage"
BY_INTERACTION = "marts.marts.agg_credits_by_interaction"
DAILY = "marts.marts.agg_credits_daily"
USERS = "marts.marts.agg_credits_user_monthly"
TENANTS = "marts.marts.agg_credits_tenant_monthly"
TREND = "marts.marts.agg_credits_trend_daily"
INTERACTIONS = "marts.marts.dim_interactions"

# A row of January in each table; the next delivery is of June.
VICTIM = {
    RAW: "resource_id = 'x5'",
    OBSERVATIONS: "resource_id = 'x5'",
    FACT: "resource_id = 'x5'",
    BY_INTERACTION: "interaction_id = 'i2'",
    DAILY: "reporting_date = date '2025-01-06' and user_id = 'u2'",
    USERS: "month_start = date '2025-01-01' and user_id = 'u2'",
    TENANTS: "month_start = date '2025-01-01' and tenant_id = 't2'",
    TREND: "reporting_date = date '2025-01-06' and tenant_id = 't2'",
    INTERACTIONS: "interaction_id = 'i2'",
}
ALTERATIONS = {
    RAW: ("credits = credits + 1",),
    OBSERVATIONS: ("counted_credits = counted_credits + 1", "credits = credits + 1", "is_effective = false"),
    FACT: ("credits = credits + 1", "usage_date = usage_date + 1", "tenant_id = 't1'"),
    BY_INTERACTION: ("credits = credits + 1", "operations = operations + 1"),
    DAILY: ("credits = credits + 1", "operations = operations + 1", "estimated_credits = estimated_credits + 1"),
    USERS: ("credits = credits + 1", "operations = operations + 1"),
    TENANTS: ("credits = credits + 1", "operations = operations + 1"),
    TREND: ("credits = credits + 1", "operations = operations + 1"),
    INTERACTIONS: ("user_id = 'u1'",),
}
DAMAGES = {
    f"{table.rpartition('.')[2]}: {what}": statement
    for table, row in VICTIM.items()
    for what, statement in {
        "dropped": f"delete from {table} where {row}",
        "doubled": f"insert into {table} select * from {table} where {row}",
        **{change: f"update {table} set {change} where {row}" for change in ALTERATIONS[table]},
    }.items()
}
# What no later model rests on and every run makes anew, or what landing is read again for.
HEALED = ("usage_records", "agg_credits_trend_daily")


@pytest.fixture(scope="module")
def sound_home(shared_home: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of a home with one published version of usage in January and February."""
    shared_home.empty()
    rows = [
        {
            "id": f"x{n}",
            "interactionId": f"i{n % 3}",
            "userId": f"u{n % 3}",
            "tenantId": f"t{n % 3}",
            "credits": f"{n}.25",
            "status": "estimate" if n % 2 else "final",
            "createdAt": f"2025-0{1 + n // 10}-0{1 + n % 10}T10:00:00Z",
        }
        for n in range(18)
        if n % 10 < 9
    ]
    shared_home.usage("january-and-february.jsonl", *rows)
    shared_home.run()
    copy = tmp_path_factory.mktemp("sound") / "home"
    shutil.copytree(shared_home.home, copy, symlinks=True)
    yield copy
    shutil.rmtree(copy)


@pytest.fixture
def damaged(warehouse: Warehouse, sound_home: Path) -> Warehouse:
    """That home, ready to be damaged."""
    warehouse.empty()
    shutil.copytree(sound_home, warehouse.home, symlinks=True, dirs_exist_ok=True)
    return warehouse


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_row_is_healed_or_nothing_is_published(damaged: Warehouse, damage: str) -> None:
    before = damaged.published_bytes()
    damaged.damage(DAMAGES[damage])
    damaged.usage("june.jsonl", {"id": "new", "interactionId": "i9", "credits": 1, "createdAt": "2025-06-15"})
    try:
        damaged.run()
    except (ModelsError, PublishError) as refusal:
        assert not damage.startswith(HEALED), refusal
        assert "not published" in str(refusal)
        assert "credits rebuild" in str(refusal)
        assert damaged.published_bytes() == before
    else:
        assert damage.startswith(HEALED)
        assert published_tables(damaged) == expected_tables(damaged.home)


def test_every_damage_hits_a_row(damaged: Warehouse) -> None:
    counts = {table: damaged.inside(f"select count(*) from {table} where {row}") for table, row in VICTIM.items()}
    assert counts == dict.fromkeys(VICTIM, [(1,)])


def test_a_rebuild_mends_what_a_run_refused_to_publish(damaged: Warehouse) -> None:
    damaged.damage(DAMAGES["fct_credit_usage: credits = credits + 1"])
    damaged.usage("june.jsonl", {"id": "new", "credits": 1, "createdAt": "2025-06-15"})
    with pytest.raises(CreditsError):
        damaged.run()
    damaged.run(rebuild=True)
    assert published_tables(damaged) == expected_tables(damaged.home)


def test_damage_between_the_checks_and_the_publication_is_refused(damaged: Warehouse) -> None:
    damaged.usage("june.jsonl", {"id": "new", "credits": 1, "createdAt": "2025-06-15"})
    damaged.land()
    damaged.build()
    before = damaged.published_bytes()
    damaged.damage(DAMAGES["agg_credits_daily: credits = credits + 1"])
    with pytest.raises(PublishError, match="agg_credits_daily"):
        damaged.publish()
    damaged.damage(DAMAGES["usage_records: dropped"])
    with pytest.raises(PublishError, match="ledger"):
        damaged.publish()
    assert damaged.published_bytes() == before
