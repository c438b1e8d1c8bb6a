"""One row is dropped, doubled or altered without the pipeline, in a place that the next delivery does not touch, or on
its day.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

import pytest

from ingest.errors import PublishError
from orchestration.change_detection import has_news
from orchestration.models import build_notes, building
from orchestration.models.building import ModelsError
from tests.end_to_end.billing_homes import rates
from tests.end_to_end.comparing import expected_tables, published_tables
from tests.end_to_end.driving import Warehouse
from tests.end_to_end.test_statements import is_what_a_rebuild_makes

# A row of January in each table; the next delivery is of June.
VICTIMS = {
    "raw.usage_records": "resource_id = 'x5'",
    "intermediate.int_usage_observations": "resource_id = 'x5'",
    "marts.marts.fct_credit_usage": "resource_id = 'x5'",
    "marts.marts.agg_credits_daily": "reporting_date = date '2025-01-06' and user_id = 'u2'",
    "intermediate.int_charges": "reporting_date = date '2025-01-06' and tenant_id = 't2'",
    "intermediate.int_statement_charges": "reporting_date = date '2025-01-06' and tenant_id = 't2'",
    "marts.marts.agg_credits_by_interaction": "interaction_id = 'i2'",
    "marts.marts.dim_interactions": "interaction_id = 'i0'",
    "marts.marts.agg_credits_user_monthly": "month_start = date '2025-01-01' and user_id = 'u2'",
    "marts.marts.agg_credits_tenant_monthly": "month_start = date '2025-01-01' and tenant_id = 't2'",
}
ALTERED = {
    "intermediate.int_usage_observations": "counted_credits = counted_credits + 1",
    "marts.marts.agg_credits_by_interaction": "operations = operations + 1",
    "marts.marts.dim_interactions": "user_id = 'u1'",
    "marts.marts.agg_credits_tenant_monthly": "operations = operations + 1",
}
HOW = ("dropped", "doubled", "altered")
CHECKED_BY = {
    "intermediate.int_usage_observations": "assert_no_landed_record_is_lost_or_doubled",
    "marts.marts.fct_credit_usage": "assert_effective_credits_equal_the_fact",
    "marts.marts.agg_credits_daily": "assert_fact_credits_equal_the_daily_aggregate",
    "intermediate.int_charges": "assert_charges_equal_the_daily_credits",
    "intermediate.int_statement_charges": "assert_statements_of_a_month_equal_its_usage",
}
# What holds this one is the check of the statements that are made from it, and its own grain.
CHECKED_LATER = [("intermediate.int_statement_charges", how) for how in HOW]
CHECKED_WHERE_IT_STANDS = [table for table in CHECKED_BY if table not in dict(CHECKED_LATER)]
# No model is built from these, so one run shows what the checks say of them all.
CHECKED_AT_THE_END = {
    "marts.marts.agg_credits_by_interaction": "assert_fact_credits_equal_the_interaction_aggregate",
    "marts.marts.dim_interactions": "assert_each_interaction_stands_in_its_dimension",
    "marts.marts.agg_credits_user_monthly": "assert_daily_credits_equal_the_user_months",
    "marts.marts.agg_credits_tenant_monthly": "assert_daily_credits_equal_the_tenant_months",
}


def damage(table: str, how: str) -> str:
    """The statement that drops, doubles or alters the table's victim."""
    where = f"where {VICTIMS[table]}"
    return {
        "dropped": f"delete from {table} {where}",
        "doubled": f"insert into {table} select * from {table} {where}",
        "altered": f"update {table} set {ALTERED.get(table, 'credits = credits + 1')} {where}",
    }[how]


@pytest.fixture(scope="module")
def sound_home(shared_home: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
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
            "createdAt": f"2025-0{1 + n // 9}-0{1 + n % 9}T10:00:00Z",
        }
        for n in range(18)
    ]
    shared_home.usage("january-and-february.jsonl", *rows)
    shared_home.run()
    copy = tmp_path_factory.mktemp("sound") / "home"
    shared_home.keep(copy)
    return copy


@pytest.fixture
def sound(warehouse: Warehouse, sound_home: Path) -> Warehouse:
    """That home, ready to be damaged, with a delivery that is far from its rows."""
    warehouse.restore(sound_home)
    warehouse.usage("june.jsonl", {"id": "new", "interactionId": "i9", "credits": 1, "createdAt": "2025-06-15"})
    return warehouse


def refusal(warehouse: Warehouse, *damages: str, check_all: bool = True) -> str:
    """What a run says that must not publish; every reader finds what was there before."""
    before = warehouse.published_bytes()
    warehouse.damage(*damages)
    with pytest.raises((ModelsError, PublishError), match=r"^not published: .*credits rebuild") as refused:
        warehouse.run(check_all=check_all)
    assert warehouse.published_bytes() == before
    return str(refused.value)


@pytest.mark.parametrize("how", HOW)
def test_a_damaged_raw_row_is_landed_again(sound: Warehouse, how: str) -> None:
    sound.damage(damage("raw.usage_records", how))
    assert sound.land().rebuilt == (
        "the raw tables differed from the ledger for usage_records/january-and-february.jsonl"
    )
    sound.build()
    sound.publish()
    assert published_tables(sound) == expected_tables(sound.home)


def failed_checks(warehouse: Warehouse, *checks: str) -> set[str]:
    """Which of these checks fail on the databases as they are, with nothing built."""
    settings = warehouse.settings
    target_path = building.manifest_path(settings).parent
    command = ["test", "--select", *checks]
    return {node.name for node in building._invoke(settings, command, target_path, whole_checks=True).failed}


def check_of(table: str, how: str) -> str:
    if (table, how) == ("intermediate.int_usage_observations", "altered"):
        return CHECKED_BY["marts.marts.fct_credit_usage"]
    if (table, how) == ("intermediate.int_statement_charges", "doubled"):
        return "int_statement_charges_has_one_row_per_key"
    return CHECKED_BY[table]


@pytest.mark.parametrize(("table", "how"), [*zip(CHECKED_WHERE_IT_STANDS, cycle(HOW), strict=False), *CHECKED_LATER])
def test_a_damaged_row_on_the_way_to_the_marts_is_not_published(sound: Warehouse, table: str, how: str) -> None:
    assert check_of(table, how) in refusal(sound, damage(table, how))


def test_a_damaged_row_of_any_aggregate_is_not_published(sound: Warehouse) -> None:
    said = refusal(sound, *(damage(table, how) for table, how in zip(CHECKED_AT_THE_END, cycle(HOW), strict=False)))
    assert [check for check in CHECKED_AT_THE_END.values() if check not in said] == []


@pytest.mark.parametrize("table", [*CHECKED_BY, "marts.marts.agg_credits_by_interaction"])
def test_lost_credits_are_not_published_by_any_run(sound: Warehouse, table: str) -> None:
    refusal(sound, damage(table, "dropped"), check_all=False)


def test_the_first_run_of_a_day_checks_all_of_history(sound: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    # Another customer's credits on the same day: the overall sums stay the same.
    sound.damage(
        "update intermediate.int_charges set tenant_id = 't2' where reporting_date = date '2025-01-05' and tenant_id = 't1'"
    )
    sound.run()

    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) + timedelta(days=1)

    monkeypatch.setattr(build_notes, "datetime", Tomorrow)
    sound.usage("july.jsonl", {"id": "newer", "interactionId": "i9", "credits": 1, "createdAt": "2025-07-15"})
    sound.land()
    with pytest.raises(ModelsError, match="assert_charges_equal_the_daily_credits failed"):
        sound.build()
    # It stays refused until the tables are made again, which checks all of history too.
    with pytest.raises(ModelsError, match="assert_charges_equal_the_daily_credits failed"):
        sound.run()
    sound.run(rebuild=True)
    sound.usage("august.jsonl", {"id": "newest", "interactionId": "i9", "credits": 1, "createdAt": "2025-08-15"})
    sound.run()
    assert published_tables(sound) == expected_tables(sound.home)


@pytest.mark.parametrize(
    "damaged",
    [
        "update marts.marts.agg_credits_daily set tenant_id = 't1' where reporting_date = date '2025-01-06'",
        "update intermediate.int_charges set tenant_id = 't1' where reporting_date = date '2025-01-06'",
    ],
)
def test_damage_on_a_touched_day_is_mended_or_refused_by_any_run(sound: Warehouse, damaged: str) -> None:
    sound.damage(damaged)
    sound.usage("late.jsonl", {"id": "late", "userId": "u2", "tenantId": "t2", "credits": 1, "createdAt": "2025-01-06"})
    sound.run()
    assert published_tables(sound) == expected_tables(sound.home)


def test_a_failed_check_of_all_history_is_repeated_until_it_passes(sound: Warehouse) -> None:
    sound.run()
    # The same credits on another day of another month: no sum over all of history shows it.
    for sign, day in (("-", "2025-01-06"), ("+", "2025-02-03")):
        sound.damage(
            f"update marts.marts.agg_credits_daily set credits = credits {sign} 0.5 where reporting_date = date '{day}'"
        )
    with pytest.raises(ModelsError, match="assert_fact_credits_equal_the_daily_aggregate"):
        sound.run(check_all=True)
    assert has_news(sound.settings)
    with pytest.raises(ModelsError, match="assert_fact_credits_equal_the_daily_aggregate"):
        sound.run()
    sound.usage("july.jsonl", {"id": "newer", "interactionId": "i9", "credits": 1, "createdAt": "2025-07-15"})
    with pytest.raises(ModelsError, match="assert_fact_credits_equal_the_daily_aggregate"):
        sound.run()
    sound.run(rebuild=True)
    assert not has_news(sound.settings)


# One column of each that no check compares with its source.
MADE_WHOLE_DAILY = {
    "intermediate.int_quota_credits": "credits = credits + 1000",
    "intermediate.int_subject_credits": "credits = credits * 30",
    "intermediate.int_unmapped_operations": "interaction_id = 'made up'",
    "intermediate.int_days_without_interaction": "first_used_at = timestamp '2024-01-01'",
    "marts.marts.mart_user_ranking": "rank_in_period = rank_in_period + 1",
    "marts.marts.agg_credits_trend_daily": "credits_trailing_28_days = credits_trailing_28_days + 1",
    "marts.marts.focus_cost_and_usage": "ServiceName = 'made up'",
}


def test_every_model_that_is_made_whole_daily_is_damaged_here(sound: Warehouse) -> None:
    nodes = json.loads(building.manifest_path(sound.settings).read_text())["nodes"].values()
    made_whole = {node["name"] for node in nodes if (node.get("meta") or {}).get("made_whole_daily")}
    assert made_whole == {table.rpartition(".")[2] for table in MADE_WHOLE_DAILY}


def test_damage_that_no_check_sees_is_gone_after_a_check_of_all_history(sound: Warehouse) -> None:
    rates(sound, "rates", ",,0.5,EUR,2024-01-01,")
    sound.deliver("billing/quotas/quotas.csv", "tenantId,period,credits\nt1,month,100\n")
    sound.usage("unmapped.jsonl", {"id": "nobody", "credits": 2, "createdAt": "2025-01-07"})
    sound.run()
    rows = {table: sound.inside(f"select count(*) > 0 from {table}") for table in MADE_WHOLE_DAILY}
    assert rows == {table: [(True,)] for table in MADE_WHOLE_DAILY}
    sound.damage(*(f"update {table} set {change}" for table, change in MADE_WHOLE_DAILY.items()))
    sound.usage("late.jsonl", {"id": "late", "interactionId": "i9", "credits": 1, "createdAt": "2025-06-16"})
    sound.run(check_all=True)
    assert is_what_a_rebuild_makes(sound)


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("table", CHECKED_WHERE_IT_STANDS)
def test_each_damage_on_the_way_to_the_marts_fails_its_check(sound: Warehouse, table: str, how: str) -> None:
    sound.damage(damage(table, how))
    check = check_of(table, how)
    assert failed_checks(sound, check) == {check}


@pytest.mark.parametrize("how", HOW)
def test_each_damage_of_an_aggregate_fails_its_check(sound: Warehouse, how: str) -> None:
    sound.damage(*(damage(table, how) for table in CHECKED_AT_THE_END))
    checks = {*CHECKED_AT_THE_END.values()}
    assert failed_checks(sound, *checks) == checks


def test_every_damage_hits_one_row(sound: Warehouse) -> None:
    found = {table: sound.inside(f"select count(*) from {table} where {row}") for table, row in VICTIMS.items()}
    assert found == {table: [(1,)] for table in VICTIMS}


def test_a_rebuild_mends_what_a_run_refused_to_publish(sound: Warehouse) -> None:
    refusal(sound, damage("marts.marts.fct_credit_usage", "altered"))
    sound.run(rebuild=True)
    assert published_tables(sound) == expected_tables(sound.home)


def test_damage_between_the_checks_and_the_publication_is_refused(sound: Warehouse) -> None:
    sound.land()
    sound.build()
    before = sound.published_bytes()
    sound.damage(damage("marts.marts.agg_credits_daily", "altered"))
    with pytest.raises(PublishError, match="agg_credits_daily"):
        sound.publish()
    sound.damage(damage("raw.usage_records", "dropped"))
    with pytest.raises(PublishError, match="ledger"):
        sound.publish()
    assert sound.published_bytes() == before
