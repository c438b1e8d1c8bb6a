"""Statements of open months: they follow usage, rates and adjustments by themselves, at the cost of what these touch."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.end_to_end.billing_homes import APRIL, MARCH, adjustments, lines, rates, used
from tests.end_to_end.comparing import whole_version
from tests.end_to_end.driving import Warehouse
from tests.end_to_end.test_killed_runs import cut_off


def touched(warehouse: Warehouse) -> list[date]:
    return [row[0] for row in warehouse.inside("select reporting_date from intermediate.int_touched_charge_dates")]


def is_what_a_rebuild_makes(warehouse: Warehouse) -> bool:
    in_steps = whole_version(warehouse)
    warehouse.run(rebuild=True)
    return whole_version(warehouse) == in_steps


def test_a_rate_that_comes_later_prices_what_it_concerns_and_touches_nothing_else(warehouse: Warehouse) -> None:
    warehouse.usage(
        "a.jsonl",
        used("x1", "2025-03-10", "3"),
        used("x2", "2025-03-20", "1.005"),
        used("x3", "2025-03-15", "2", tenant="t2"),
        used("x4", "2025-04-05", "1"),
        used("x5", "2025-04-06", "1", tenant=None),
    )
    warehouse.run()
    assert {row[5] for row in lines(warehouse)} == {"(unrated)"}

    rates(warehouse, "general", ",,1,EUR,2025-04-01,")
    warehouse.run()
    assert touched(warehouse) == [date(2025, 4, 5), date(2025, 4, 6)]
    rates(warehouse, "own", "t1,,0.5,EUR,2025-03-01,2025-03-15", "t1,,100,JPY,2025-03-15,2025-04-01")
    adjustments(warehouse, "notes", "adj-1,t1,-1.5,2025-03-14", "adj-2,t1,-0.005,2025-03-15")
    warehouse.run()
    assert touched(warehouse) == [date(2025, 3, 10), date(2025, 3, 20)]
    assert lines(warehouse) == [
        (MARCH, "t1", "adjustment", MARCH, None, "EUR", Decimal("-1.5"), Decimal("-0.75")),
        (MARCH, "t1", "adjustment", MARCH, None, "JPY", Decimal("-0.005"), Decimal(-1)),
        (MARCH, "t1", "usage", MARCH, "facts", "EUR", Decimal(3), Decimal("1.5")),
        (MARCH, "t1", "usage", MARCH, "facts", "JPY", Decimal("1.005"), Decimal(101)),
        (MARCH, "t2", "usage", MARCH, "facts", "(unrated)", Decimal(2), None),
        (APRIL, "(unmapped)", "usage", APRIL, "facts", "EUR", Decimal(1), Decimal(1)),
        (APRIL, "t1", "usage", APRIL, "facts", "EUR", Decimal(1), Decimal(1)),
    ]
    totals = ("tenant_id", "currency", "credits", "adjustment_credits", "amount")
    assert warehouse.table("mart_tenant_statements", totals, "month_start = '2025-03-01'") == [
        ("t1", "EUR", Decimal(3), Decimal("-1.5"), Decimal("0.75")),
        ("t1", "JPY", Decimal("1.005"), Decimal("-0.005"), Decimal(100)),
        ("t2", "(unrated)", Decimal(2), Decimal(0), None),
    ]
    assert is_what_a_rebuild_makes(warehouse)


def test_an_adjustment_is_priced_where_its_date_begins_for_the_customer_also_when_its_zone_is_put_right(
    warehouse: Warehouse,
) -> None:
    rates(
        warehouse,
        "rates",
        "t1,,1,EUR,2025-03-01T00:00:00-05:00,2025-04-01T04:00:00Z",
        "t1,,2,EUR,2025-04-01T04:00:00Z,",
    )
    adjustments(warehouse, "notes", "adj-1,t1,-10,2025-03-01", "adj-2,t1,-10,2025-04-01", "adj-3,t2,-10,2025-04-01")
    warehouse.usage("a.jsonl", used("x1", "2025-04-10", "1"))
    tenants = "mappings/tenants/tenants-2025-01-01.csv"
    warehouse.deliver(tenants, "tenantId,name,timezone\nt1,North,\nt2,South,\n")
    warehouse.run()
    columns = ("month_start", "adjustment_id", "currency", "amount")
    assert lines(warehouse, "adjustment_id is not null and tenant_id = 't1'", columns) == [
        (MARCH, "adj-1", "(unrated)", None),
        (APRIL, "adj-2", "EUR", Decimal(-10)),
    ]
    warehouse.deliver(tenants, "tenantId,name,timezone\nt1,North,America/New_York\nt2,South,\n")
    warehouse.run()
    assert lines(warehouse, "adjustment_id is not null and tenant_id = 't1'", columns) == [
        (MARCH, "adj-1", "EUR", Decimal(-10)),
        (APRIL, "adj-2", "EUR", Decimal(-20)),
    ]
    assert is_what_a_rebuild_makes(warehouse)


def test_a_rate_that_was_taken_back_before_it_was_published_leaves_nothing_behind(warehouse: Warehouse) -> None:
    rates(warehouse, "rates", "t1,,0.5,EUR,2025-01-01,")
    warehouse.usage("a.jsonl", used("x1", "2025-03-10", "3"), used("x2", "2025-04-10", "1"))
    warehouse.run()
    rates(warehouse, "rates", "t1,,0.7,EUR,2025-01-01,")
    warehouse.land()
    cut_off(warehouse, "int_charges")
    rates(warehouse, "rates", "t1,,0.5,EUR,2025-01-01,")
    warehouse.run()
    assert {row[0] for row in lines(warehouse, columns=("price_per_credit",))} == {Decimal("0.5")}
    assert is_what_a_rebuild_makes(warehouse)


def test_usage_that_moves_to_another_day_owner_or_figure_moves_on_the_statement(warehouse: Warehouse) -> None:
    rates(warehouse, "rates", ",,0.5,EUR,2025-01-01,")
    moved = used("x1", "2025-04-01", "3", tenant=None, userId="u1", capturedAt="2025-04-02T00:00:00Z")
    warehouse.usage("a.jsonl", moved, used("x2", "2025-04-10", "1"))
    warehouse.run()
    warehouse.usage("b.jsonl", {**moved, "credits": "4", "createdAt": "2025-03-31T10:00:00Z"})
    warehouse.deliver("mappings/users/users-2025-01-01.csv", "userId,tenantId\nu1,t2\n")
    warehouse.run()
    assert lines(warehouse) == [
        (MARCH, "t2", "usage", MARCH, "facts", "EUR", Decimal(4), Decimal(2)),
        (APRIL, "t1", "usage", APRIL, "facts", "EUR", Decimal(1), Decimal("0.5")),
    ]
    assert is_what_a_rebuild_makes(warehouse)
