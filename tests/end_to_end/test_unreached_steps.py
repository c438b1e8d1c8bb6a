"""A build leaves out what nothing new can reach, reports it all the same, and leaves nothing else out."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from orchestration.models import plan_run
from orchestration.models.build_plan import Step
from orchestration.pipeline import build
from tests.end_to_end.driving import Warehouse

USERS = "userId,tenantId,displayName,validFrom\nu1,{tenant},Ada,2025-01-01\n"
MAPPED = {"stg_users", "int_user_windows", "int_user_tenants"}
"""Made of the users' exports alone."""
BY_CLOCK = {"dim_users", "dim_tenants"}
"""They say what is valid now."""


@pytest.fixture
def built(shared_home: Warehouse) -> Warehouse:
    """A home with a mapping of users, whose last builds were made by a plan."""
    shared_home.empty()
    shared_home.deliver("mappings/users/users-2025-02-01.csv", USERS.format(tenant="t1"))
    for number in range(3):
        shared_home.usage(f"{number}.jsonl", {"id": str(number), "credits": 1, "userId": "u1"})
        shared_home.run()
    return shared_home


def built_steps(warehouse: Warehouse, *, check_all: bool = False) -> tuple[set[str], set[str]]:
    """Land and build: the models and checks that ran, and those that the build reports."""
    warehouse.land()
    ran: list[str] = []
    run_step = plan_run._run_step

    def noted(connection: object, step: Step) -> object:
        ran.append(step.event["data"]["node_info"]["node_name"])
        return run_step(connection, step)

    with patch.object(plan_run, "_run_step", noted):
        outcome = build(warehouse.settings, check_all=check_all)
    outcome.raise_on_failure()
    return set(ran), {event["data"]["node_info"]["node_name"] for event in outcome.events}  # type: ignore[index,call-overload]


def test_usage_alone_reaches_no_model_of_mappings_and_all_are_reported(built: Warehouse) -> None:
    built.usage("next.jsonl", {"id": "next", "credits": 2, "userId": "u1"})
    ran, reported = built_steps(built)
    assert not ran & MAPPED and ran >= BY_CLOCK | {"fct_credit_usage", "agg_credits_daily", "mart_load_audit"}
    assert reported >= ran | MAPPED | {"int_user_windows_has_one_row_per_key"}
    built.publish()
    assert built.table("agg_credits_daily", ["sum(credits)", "any_value(tenant_id)"]) == [(5, "t1")]


def test_an_export_reaches_all_that_is_made_of_it(built: Warehouse) -> None:
    built.deliver("mappings/users/users-2025-02-02.csv", USERS.format(tenant="t2"))
    ran, _ = built_steps(built)
    assert ran >= MAPPED | BY_CLOCK | {"int_user_windows_has_one_row_per_key", "int_remapped_owners"}
    assert "int_rate_windows" not in ran and "stg_usage_records" not in ran
    built.publish()
    assert built.table("agg_credits_daily", ["sum(credits)", "any_value(tenant_id)"]) == [(3, "t2")]


def test_what_has_landed_but_is_not_published_still_counts_as_new(built: Warehouse) -> None:
    built.deliver("mappings/users/users-2025-02-02.csv", USERS.format(tenant="t2"))
    built_steps(built)
    built.usage("next.jsonl", {"id": "next", "credits": 2, "userId": "u1"})
    ran, _ = built_steps(built)
    assert ran >= MAPPED
    built.publish()
    assert built.table("agg_credits_daily", ["sum(credits)", "any_value(tenant_id)"]) == [(5, "t2")]


def test_a_damaged_table_is_made_again_with_all_that_reads_it(built: Warehouse) -> None:
    built.damage("update intermediate.int_user_windows set tenant_id = 'planted'")
    built.usage("next.jsonl", {"id": "next", "credits": 2, "userId": "u1"})
    ran, _ = built_steps(built)
    assert ran >= {"int_user_windows", "int_user_tenants", "int_user_windows_has_one_row_per_key"}
    assert "stg_users" not in ran and "int_tenant_windows" not in ran
    built.publish()
    assert built.table("agg_credits_daily", ["any_value(tenant_id)", "count(distinct tenant_id)"]) == [("t1", 1)]


def test_what_another_statement_left_is_made_again(built: Warehouse) -> None:
    built.damage("update raw.left_results set content = 'of another statement' where name like '%stg_users'")
    built.usage("next.jsonl", {"id": "next", "credits": 2, "userId": "u1"})
    ran, _ = built_steps(built)
    assert ran >= MAPPED and "int_tenant_windows" not in ran


def test_checks_of_all_history_leave_nothing_out(built: Warehouse) -> None:
    built.usage("next.jsonl", {"id": "next", "credits": 2, "userId": "u1"})
    built_steps(built, check_all=True)  # dbt's, if no such plan was kept
    built.publish()
    built.usage("last.jsonl", {"id": "last", "credits": 2, "userId": "u1"})
    ran, reported = built_steps(built, check_all=True)
    assert ran == reported
