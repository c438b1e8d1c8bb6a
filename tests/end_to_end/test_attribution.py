"""Who is charged: as of the operation's own time, by what is known now, and only what a mapping concerns is rewritten."""

from __future__ import annotations

import os
from datetime import date
from decimal import Decimal
from typing import Any

from tests.end_to_end.comparing import expected_tables, published_tables
from tests.end_to_end.driving import Warehouse

OWNERS = ("resource_id", "user_id", "user_source", "tenant_id", "tenant_source")


def touched(warehouse: Warehouse) -> set[str]:
    """The operations that the last build rewrote, by resource."""
    rows = warehouse.inside(
        "select distinct fact.resource_id from intermediate.int_touched_operations as touched"
        " inner join marts.marts.fct_credit_usage as fact on fact.operation_key = touched.operation_key"
    )
    return {row[0] for row in rows}


def others(warehouse: Warehouse, but: set[str]) -> list[tuple[Any, ...]]:
    """All rows of the fact but some, as the build database has them."""
    named = ", ".join(f"'{name}'" for name in sorted(but))
    return warehouse.inside(f"select * from marts.marts.fct_credit_usage where resource_id not in ({named})")


def agrees(warehouse: Warehouse) -> None:
    assert published_tables(warehouse) == expected_tables(warehouse.home)


def test_a_late_interactions_export_re_attributes_only_the_operations_concerned(warehouse: Warehouse) -> None:
    rows = [{"id": f"x{n}", "interactionId": f"i{n % 3}", "credits": n + 1} for n in range(9)]
    warehouse.usage("a.jsonl", *rows, {"id": "y", "credits": 1, "userId": "u9", "tenantId": "t9"})
    warehouse.run()
    before = others(warehouse, but={"x1", "x4", "x7"})
    assert [row[1:] for row in warehouse.table("fct_credit_usage", OWNERS, "resource_id = 'x1'")] == [
        ("(unmapped)", "unmapped", "(unmapped)", "unmapped")
    ]
    warehouse.deliver("mappings/interactions/2025-04-01.csv", "interactionId,userId,tenantId\ni1,u1,t1\n")
    warehouse.run()
    assert touched(warehouse) == {"x1", "x4", "x7"}
    assert others(warehouse, but={"x1", "x4", "x7"}) == before
    assert warehouse.table("fct_credit_usage", OWNERS, "interaction_id = 'i1'") == [
        (f"x{n}", "u1", "interaction", "t1", "interaction") for n in (1, 4, 7)
    ]
    agrees(warehouse)


def test_a_record_that_names_its_owner_is_not_re_attributed_by_an_export(warehouse: Warehouse) -> None:
    warehouse.usage("a.jsonl", {"id": "x", "interactionId": "i", "credits": 1, "userId": "u1", "tenantId": "t1"})
    warehouse.run()
    warehouse.deliver("mappings/interactions/2025-04-01.csv", "interactionId,userId,tenantId\ni,u2,t2\n")
    warehouse.run()
    assert warehouse.table("fct_credit_usage", OWNERS) == [("x", "u1", "record", "t1", "record")]


def test_a_user_who_moves_is_charged_to_the_tenant_of_each_time(warehouse: Warehouse) -> None:
    days = ("2025-02-28T23:59:59Z", "2025-03-01T00:00:00Z", "2025-03-31T12:00:00Z", "2025-04-02T00:00:00Z")
    warehouse.usage("a.jsonl", *({"id": day, "userId": "u1", "credits": 1, "createdAt": day} for day in days))
    warehouse.usage("b.jsonl", {"id": "other", "userId": "u2", "credits": 1})
    warehouse.deliver("mappings/users/users-2025-01-01.csv", "userId,tenantId\nu1,t1\nu2,t1\n")
    warehouse.run()
    assert {row[0] for row in warehouse.table("fct_credit_usage", ("tenant_id",))} == {"t1"}
    before = others(warehouse, but={*days})
    warehouse.deliver("mappings/users/users-2025-03-01T00-00-00Z.csv", "userId,tenantId\nu1,t2\nu2,t1\n")
    warehouse.deliver("mappings/users/users-2025-04-01.csv", "userId,tenantId\nu2,t1\n")
    warehouse.run()
    assert touched(warehouse) == {*days}
    assert others(warehouse, but={*days}) == before
    tenants = warehouse.table("fct_credit_usage", ("tenant_id",), "user_id = 'u1' order by occurred_at")
    assert sorted(tenants) == [("(unmapped)",), ("t1",), ("t2",), ("t2",)]
    months = warehouse.table("agg_credits_tenant_monthly", ("month_start", "tenant_id", "credits"))
    assert (date(2025, 2, 1), "t1", Decimal(1)) in months
    assert (date(2025, 3, 1), "t2", Decimal(2)) in months
    agrees(warehouse)


def test_a_tenant_whose_zone_changes_has_its_usage_reported_under_other_dates(warehouse: Warehouse) -> None:
    late = "2025-02-28T23:30:00Z"
    warehouse.usage("a.jsonl", {"id": "x", "tenantId": "t1", "userId": "u1", "credits": 2, "createdAt": late})
    warehouse.usage("b.jsonl", {"id": "y", "tenantId": "t2", "userId": "u1", "credits": 3, "createdAt": late})
    warehouse.run()
    dates = ("reporting_date", "tenant_id", "credits")
    february = date(2025, 2, 28)
    assert warehouse.table("agg_credits_daily", dates) == [(february, "t1", 2), (february, "t2", 3)]
    warehouse.deliver("mappings/tenants/2025-03-01.csv", "tenantId,name,timezone\nt1,One,Europe/Copenhagen\n")
    warehouse.run()
    assert touched(warehouse) == {"x"}
    assert warehouse.table("agg_credits_daily", dates) == [(february, "t2", 3), (date(2025, 3, 1), "t1", 2)]
    assert warehouse.table("agg_credits_tenant_monthly", ("month_start", "tenant_id", "credits")) == [
        (date(2025, 2, 1), "t2", 3),
        (date(2025, 3, 1), "t1", 2),
    ]
    agrees(warehouse)


def test_unmapped_usage_is_in_sight_in_every_mart(warehouse: Warehouse) -> None:
    warehouse.usage("a.jsonl", {"id": "x", "interactionId": "i", "credits": 5}, {"kind": "facts", "credits": "0.5"})
    warehouse.usage("b.jsonl", {"id": "z", "userId": "u1", "credits": 1})
    publication = warehouse.run()
    assert publication.totals.credits_unmapped == Decimal("6.5")
    nobody = "(unmapped)"
    assert warehouse.table("mart_unmapped_usage", ("interaction_id", "kind", "credits", "operations", "why")) == [
        ("i", None, Decimal(5), 1, "no interactions export names the interaction"),
        (None, "facts", Decimal("0.5"), 1, "the record names neither user nor interaction"),
        (None, "unspecified", Decimal(1), 1, "no users export gives the user a tenant at that time"),
    ]
    assert warehouse.table("agg_credits_user_monthly", ("user_id", "credits")) == [(nobody, Decimal("5.5")), ("u1", 1)]
    assert warehouse.table("agg_credits_tenant_monthly", ("tenant_id", "credits")) == [(nobody, Decimal("6.5"))]
    assert {row[0] for row in warehouse.table("agg_credits_trend_daily", ("tenant_id",))} == {nobody}
    assert warehouse.table("dim_interactions", ("interaction_id", "user_id")) == [
        ("(none)", "(multiple)"),
        ("i", nobody),
    ]
    assert warehouse.table("dim_users", ("user_id", "tenant_id", "is_current")) == [(nobody, nobody, True)]


def test_a_corrected_export_re_attributes_what_the_faulty_one_had_attributed(warehouse: Warehouse) -> None:
    warehouse.usage("a.jsonl", {"id": "x", "userId": "u1", "credits": 5}, {"id": "y", "userId": "u2", "credits": 1})
    first = "mappings/users/users-2025-01-01.csv"
    warehouse.deliver(first, "userId,tenantId\nu1,t1\nu2,t1\n")
    warehouse.deliver("mappings/users/users-2025-04-01.csv", "userId,tenantId\nu1,t2\nu2,t1\n")
    warehouse.run()
    assert warehouse.table("fct_credit_usage", ("tenant_id",)) == [("t1",), ("t1",)]
    warehouse.deliver(first, "userId,tenantId\nu1,t2\nu2,t1\n")
    warehouse.run()
    assert warehouse.table("fct_credit_usage", ("resource_id", "tenant_id")) == [("x", "t2"), ("y", "t1")]
    agrees(warehouse)


def test_who_is_gone_from_a_corrected_export_is_unmapped_again(warehouse: Warehouse) -> None:
    warehouse.usage("a.jsonl", {"id": "x", "userId": "u1", "credits": 5}, {"id": "y", "userId": "u2", "credits": 1})
    warehouse.deliver("mappings/users/users-2025-01-01.csv", "userId,tenantId\nu1,t1\nu2,t1\n")
    warehouse.run()
    warehouse.deliver("mappings/users/users-2025-01-01.csv", "userId,tenantId\nu2,t1\n")
    warehouse.run()
    assert warehouse.table("fct_credit_usage", ("resource_id", "tenant_id")) == [("x", "(unmapped)"), ("y", "t1")]
    agrees(warehouse)


def test_an_export_put_back_to_what_it_was_holds_again(warehouse: Warehouse) -> None:
    warehouse.usage("a.jsonl", {"id": "x", "interactionId": "i", "credits": 1})
    for user in ("u1", "u2", "u1"):
        warehouse.deliver("mappings/interactions/2025-04-01.csv", f"interactionId,userId\ni,{user}\n")
        warehouse.deliver("mappings/users/2025-04-01.csv", f"userId,tenantId\nu1,t-{user}\nu2,t2-{user}\n")
        warehouse.run()
        tenant = f"t-{user}" if user == "u1" else f"t2-{user}"
        assert warehouse.table("fct_credit_usage", OWNERS) == [("x", user, "interaction", tenant, "user")]
        agrees(warehouse)


def test_a_dated_export_overwritten_under_a_name_without_a_time_stands_alone(warehouse: Warehouse) -> None:
    warehouse.usage("a.jsonl", {"id": "x", "userId": "u1", "credits": 1}, {"id": "y", "userId": "u2", "credits": 2})
    head = "userId,tenantId,validFrom,validTo\n"
    path = warehouse.deliver("mappings/users/current.csv", f"{head}u1,t1,2025-01-01,\nu2,t2,2025-01-01,\n")
    os.utime(path, (1_740_000_000, 1_740_000_000))
    warehouse.run()
    path = warehouse.deliver("mappings/users/current.csv", f"{head}u1,t9,2024-01-01,2026-01-01\n")
    os.utime(path, (1_750_000_000, 1_750_000_000))
    warehouse.run()
    assert warehouse.table("fct_credit_usage", OWNERS) == [
        ("x", "u1", "record", "t9", "user"),
        ("y", "u2", "record", "(unmapped)", "unmapped"),
    ]
    agrees(warehouse)


def test_usage_of_a_user_of_several_tenants_is_unmapped_unless_the_record_or_its_interaction_says(
    warehouse: Warehouse,
) -> None:
    rows = [
        {"id": "alone", "userId": "u2", "credits": 1},
        {"id": "shared", "userId": "u1", "credits": 2},
        {"id": "stated", "userId": "u1", "credits": 4, "tenantId": "t2"},
        {"id": "of interaction", "interactionId": "i", "credits": 8},
        {"id": "before", "userId": "u3", "credits": 16, "createdAt": "2025-02-28T23:59:59Z"},
        {"id": "within", "userId": "u3", "credits": 32, "createdAt": "2025-03-01T00:00:00Z"},
        {"id": "nobody's", "userId": "u9", "credits": 64},
    ]
    warehouse.usage("a.jsonl", *rows)
    warehouse.deliver("mappings/interactions/2025-01-01.csv", "interactionId,userId,tenantId\ni,u1,t1\n")
    warehouse.deliver("mappings/users/s_2025-01-01.csv", "userId,tenantId\nu1,t1\nu2,t2\nu1,t2\n")
    windows = "userId,tenantId,validFrom,validTo\nu3,t1,2025-01-01,\nu3,t2,2025-03-01,2025-04-01\n"
    warehouse.deliver("mappings/users/d_2025-01-01.csv", windows)
    warehouse.run()
    assert dict(warehouse.table("fct_credit_usage", ("resource_id", "tenant_id"))) == {
        "alone": "t2",
        "shared": "(unmapped)",
        "stated": "t2",
        "of interaction": "t1",
        "before": "t1",
        "within": "(unmapped)",
        "nobody's": "(unmapped)",
    }
    assert warehouse.table("mart_unmapped_usage", ("credits", "why")) == [(Decimal(98), "several reasons")]
    agrees(warehouse)
    warehouse.deliver("mappings/users/s_2025-01-01.csv", "userId,tenantId\nu1,t1\nu2,t2\n")
    warehouse.run()
    assert touched(warehouse) == {"shared"} | {"stated", "of interaction"}
    assert warehouse.table("fct_credit_usage", ("tenant_id",), "resource_id = 'shared'") == [("t1",)]
    agrees(warehouse)


def test_a_mapping_put_back_after_a_build_that_was_not_published_leaves_no_trace(warehouse: Warehouse) -> None:
    export = "mappings/tenants/2025-03-01.csv"
    late = {"userId": "u1", "tenantId": "t1", "credits": 1}
    warehouse.usage(
        "a.jsonl", *({"id": f"x{day}", "createdAt": f"2025-03-{day}T23:30:00Z", **late} for day in (10, 12))
    )
    warehouse.deliver(export, "tenantId,name,timezone\nt1,One,UTC\n")
    warehouse.run()
    warehouse.deliver(export, "tenantId,name,timezone\nt1,One,Asia/Tokyo\n")
    warehouse.land()
    warehouse.build()
    warehouse.deliver(export, "tenantId,name,timezone\nt1,One,UTC\n")
    warehouse.run()
    assert published_tables(warehouse) == expected_tables(warehouse.home)
