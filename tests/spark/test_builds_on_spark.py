"""The same models on Spark publish the same tables as on DuckDB, in whole builds and in increments."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from ingest.settings import CHECKOUT
from orchestration.engines.spark_build import lake_for_build
from orchestration.models.building import _invoke, read_manifest
from orchestration.pipeline import _require_whole_build
from tests.end_to_end.billing_homes import MARCH, adjustments, freeze, rates, used
from tests.end_to_end.driving import Row, Warehouse
from tests.reference.homes import write_home
from tests.spark.comparing import differences
from tests.spark.conftest import PROPERTIES, SAMPLE, MakeHome, in_full, on_spark, with_landing_of
from tests.spark.made_homes import corti_listings, model_calls, purchases, random_home

pytestmark = pytest.mark.spark

Pair = tuple[Warehouse, Warehouse]
"""One home on DuckDB and one on Spark."""

ISSUER = "O'Neill \\n \\"
"""A setting with what a literal may need to escape."""


@pytest.fixture(scope="module", autouse=True)
def issuer() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CREDITS_FOCUS_INVOICE_ISSUER", ISSUER)
        yield


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The sample with Corti's listings, purchases and calls of models, built on both engines."""
    pair = _pair(tmp_path_factory, "sample")
    for warehouse in pair:
        with_landing_of(warehouse, SAMPLE)
        corti_listings(warehouse)
        purchases(warehouse)
        model_calls(warehouse)
        warehouse.run()
    return pair


def _pair(tmp_path_factory: pytest.TempPathFactory, name: str) -> Pair:
    made = [MakeHome(tmp_path_factory)(f"{name}-{engine}") for engine in ("duckdb", "spark")]
    return made[0], on_spark(made[1])


def test_the_sample_with_cortis_listings_purchases_and_models_is_the_same(sample: Pair) -> None:
    assert differences(*sample) == {}
    on_spark = sample[1]
    assert on_spark.table("mart_capture_coverage")
    assert on_spark.table("mart_credit_balance", where="used_credits > 0")
    assert on_spark.table("mart_price_audit") and on_spark.table("mart_double_charges")
    assert on_spark.table("fct_credit_charges", ["distinct credits_basis"], "charge_type = 'usage'") == [
        ("derived",),
        ("reported",),
        ("unpriced",),
    ]
    assert on_spark.table("agg_cost_by_dimension", where="dimension_value = 't1'")
    assert on_spark.table("focus_cost_and_usage", ["distinct InvoiceIssuerName"], "x_PurchaseId is null") == [(ISSUER,)]
    assert on_spark.table("focus_cost_and_usage", where="x_PrepaidCredits > 0")
    assert on_spark.table("mart_reconciliation_causes", where="credits <> 0")


def test_a_day_rewrites_only_the_files_of_that_day(sample: Pair) -> None:
    (day,) = sample[1].table("fct_credit_usage", ["max(usage_date)"])[0]
    log = sample[1].settings.warehouse / "lake" / "marts" / "fct_credit_usage" / "_delta_log"
    before = set(log.glob("*.json"))
    for warehouse in sample:
        warehouse.deliver("usage_records/late/a-day.jsonl", [used("one-more", f"{day}", "1.5")])
        warehouse.run()
    assert differences(*sample) == {}
    actions = [json.loads(line) for path in set(log.glob("*.json")) - before for line in path.read_text().splitlines()]
    removed = [action["remove"]["path"] for action in actions if "remove" in action]
    added = [action["add"]["path"] for action in actions if "add" in action]
    assert len(removed) <= 1
    assert {path.split("/")[0] for path in removed + added} == {f"usage_date={day}"}


def test_every_unit_test_of_the_models_passes(sample: Pair) -> None:
    settings = sample[1].settings
    target_path = settings.warehouse / "dbt-spark" / "unit-tests"
    ran: list[Any] = []
    with lake_for_build(settings, full_refresh=False) as lake:
        # A unit test asks the relations that its model reads for their columns; views last as long as a session.
        for command in (["run", "--select", "config.materialized:view"], ["test", "--select", "test_type:unit"]):
            outcome = _invoke(settings, command, target_path, lake=lake.uri, ran=ran.extend)
            assert [(node.name, node.message) for node in outcome.failed] == []
    written = read_manifest(settings)["unit_tests"]
    assert isinstance(written, dict)
    assert {node.unique_id for node in ran if node.resource_type == "unit_test"} == written.keys()
    assert len(written) > 200


@in_full
@pytest.mark.parametrize("seed", range(3))
def test_random_homes_are_the_same(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    pair = _pair(tmp_path_factory, f"random-{seed}")
    for warehouse in pair:
        write_home(random_home(seed), warehouse.home, seed)
    # Snapshots without a time in their name are dated by their files.
    with_landing_of(pair[1], pair[0].settings.landing)
    for warehouse in pair:
        warehouse.run()
    assert differences(*pair) == {}


@in_full
def test_four_deliveries_with_a_killed_run_come_to_what_a_whole_build_makes(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    duck, spark = _pair(tmp_path_factory, "deliveries")
    for number, _ in enumerate(_deliveries(spark)):
        with_landing_of(duck, spark.settings.landing)
        if number == 2:
            _kill_half_way(spark)
        spark.run()
        duck.land()
        _require_whole_build(duck.settings)
        duck.build()
        duck.publish()
        assert differences(duck, spark) == {}, f"after delivery {number}"


def _deliveries(warehouse: Warehouse) -> Iterator[None]:
    days = [f"2025-{month:02}-{day:02}" for month in (2, 3, 4) for day in (1, 2, 15, 28)]
    rows: list[Row] = [
        used(
            f"r{n}",
            day,
            f"{n}.{n:04}",
            tenant=None,
            interactionId=f"i{n % 5}",
            capturedAt=f"{day}T12:00:01Z",
            status="estimate",
        )
        for n, day in enumerate(days)
    ]
    warehouse.deliver("usage_records/first.jsonl", rows)
    warehouse.deliver("mappings/users/users_2025-01-01.csv", "userId,tenantId\nu1,t1\nu2,t2\n")
    warehouse.deliver(
        "mappings/tenants/tenants_2025-01-01.csv",
        "tenantId,name,timezone\nt1,One,Asia/Tokyo\nt2,Two,America/New_York\n",
    )
    warehouse.deliver("mappings/interactions/interactions_2025-01-01.csv", "interactionId,userId\ni0,u1\ni1,u2\n")
    warehouse.deliver("billing/quotas/quotas_2025-01-01.csv", "tenantId,period,credits\nt1,month,5\n")
    rates(warehouse, "first", "t1,,0.15,EUR,2025-01-01,", ",,1.2345678,USD,2025-01-01,")
    yield
    late = [used("late", "2025-02-03", "0.000000001"), used("late2", "2025-01-31", "7")]
    corrected = [
        {**rows[n], "status": "final", "credits": "9.87", "capturedAt": "2025-05-01T00:00:00Z"} for n in (1, 5)
    ]
    moved = [{**rows[7], "createdAt": "2025-02-20T23:30:00Z"}]
    warehouse.deliver("usage_records/second.jsonl", [*late, *corrected, *moved, rows[2], {"id": "broken"}])
    yield
    warehouse.deliver("mappings/interactions/interactions_2025-05-01.csv", "interactionId,userId\ni0,u2\ni3,u1\n")
    warehouse.deliver("mappings/users/users_2025-03-02.csv", "userId,tenantId\nu1,t2\nu2,t2\n")
    yield
    rates(warehouse, "second", "t2,facts,0.5,EUR,2025-03-01,2025-04-01")
    adjustments(warehouse, "a", "a1,t1,-2.5,2025-03-31")
    yield
    freeze(warehouse, MARCH)
    warehouse.deliver("usage_records/third.jsonl", [used("after", "2025-03-28", "3", tenant="t2")])
    yield


def _kill_half_way(warehouse: Warehouse) -> None:
    """Kill a run as soon as it has written the fact."""
    log = warehouse.settings.warehouse / "lake" / "marts" / "fct_credit_usage" / "_delta_log"
    before, published = set(log.glob("*.json")), (warehouse.settings.published / "current").readlink()
    environment = {
        **os.environ,
        "CREDITS_HOME": str(warehouse.home),
        "CREDITS_ENGINE": "spark",
        "CREDITS_SPARK_MASTER": "local[2]",
        "CREDITS_SPARK_PROPERTIES": str(PROPERTIES),
        "PYTHONPATH": str(CHECKOUT),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli", "run"], env=environment, stdout=subprocess.DEVNULL, cwd=CHECKOUT
    )
    until = time.monotonic() + 900
    while not set(log.glob("*.json")) - before:
        assert process.poll() is None, "the run ended before it was killed"
        assert time.monotonic() < until
        time.sleep(0.05)
    process.kill()
    process.wait()
    assert (warehouse.settings.published / "current").readlink() == published
