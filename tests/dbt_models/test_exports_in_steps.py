"""Mapping exports that come again or in parts: the models make of them, in steps, what a rebuild makes at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pytest

from ingest.settings import load_settings
from orchestration.pipeline import build
from tests.end_to_end.driving import Warehouse

OWNERS = ("resource_id", "user_id", "tenant_id")
FEBRUARY = "mappings/interactions/interactions-2025-02-01.csv"


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    home = tmp_path_factory.mktemp("exports") / "home"
    return Warehouse(load_settings({"CREDITS_HOME": str(home), "CREDITS_LOCK_WAIT_SECONDS": "0"}))


@pytest.fixture
def warehouse(shared_home: Warehouse) -> Warehouse:
    shared_home.empty()
    return shared_home


def test_a_corrected_interactions_export_takes_back_what_it_no_longer_says(warehouse: Warehouse) -> None:
    warehouse.usage("a.jsonl", *({"id": f"x{n}", "interactionId": f"i{n}", "credits": n} for n in (1, 2, 3)))
    warehouse.deliver("mappings/interactions/interactions-2025-01-01.csv", "interactionId,userId,tenantId\ni2,u1,t1\n")
    warehouse.deliver(FEBRUARY, "interactionId,userId,tenantId\ni3,u8,t8\ni2,u8,t8\ni1,u8,t8\n")
    warehouse.run()
    assert warehouse.table("fct_credit_usage", OWNERS) == [(f"x{n}", "u8", "t8") for n in (1, 2, 3)]
    warehouse.deliver(FEBRUARY, "interactionId,userId,tenantId\ni1,u2,t2\n")
    warehouse.run()
    in_steps = warehouse.table("fct_credit_usage", OWNERS)
    assert in_steps == [("x1", "u2", "t2"), ("x2", "u1", "t1"), ("x3", "(unmapped)", "(unmapped)")]
    warehouse.run(rebuild=True)
    assert warehouse.table("fct_credit_usage", OWNERS) == in_steps


def test_two_files_of_one_export_name_both_tenants_whichever_came_first(warehouse: Warehouse) -> None:
    warehouse.usage("a.jsonl", {"id": "x", "userId": "u1", "credits": 1})
    warehouse.deliver("mappings/users/b-2025-01-01.csv", "userId,tenantId\nu1,t_b\n")
    warehouse.run()
    warehouse.deliver("mappings/users/a-2025-01-01.csv", "userId,tenantId\nu1,t_a\n")
    warehouse.run()
    assert warehouse.table("fct_credit_usage", OWNERS) == [("x", "u1", "(unmapped)")]
    warehouse.run(rebuild=True)
    assert warehouse.table("fct_credit_usage", OWNERS) == [("x", "u1", "(unmapped)")]


def test_a_run_checks_the_data_and_leaves_the_rules_to_the_tests_of_the_project(warehouse: Warehouse) -> None:
    warehouse.usage("a.jsonl", {"id": "x", "userId": "u1", "credits": 1})
    warehouse.land()
    outcome = build(warehouse.settings)
    infos = [cast(Mapping[str, Any], event["data"])["node_info"] for event in outcome.events]
    assert {info["resource_type"] for info in infos} == {"model", "test"}
