"""Purchases of credits in the FOCUS export: the standard's four questions about virtual currency, and no cost twice."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.end_to_end.billing_homes import APRIL, MARCH, close, rates, used
from tests.end_to_end.comparing import whole_version, without_sources
from tests.end_to_end.driving import Warehouse
from tests.end_to_end.worked_queries import answer

FOCUS = "focus_cost_and_usage"
ACCOUNT = {"environment": "eu", "cortiTenant": "base"}
BY_DAY = (
    "ChargePeriodStart::date::varchar",
    "BillingAccountId",
    "sum(PricingQuantity)",
    "sum(x_PrepaidCredits)",
    "sum(BilledCost)",
    "sum(EffectiveCost)",
)
BOUGHT = "p1,10,2025-03-01T08:00:00Z,2025-06-01,0.8,USD,eu,base"
GRANTED = "g1,2,2025-03-02T00:00:00Z,2025-04-01,,,eu,base"


def _purchases(warehouse: Warehouse, *rows: str) -> None:
    header = "purchaseId,credits,purchasedAt,expiresAt,pricePerCredit,currency,environment,cortiTenant\n"
    warehouse.deliver("billing/purchases/purchases.csv", header + "".join(f"{row}\n" for row in rows))


def _home(warehouse: Warehouse) -> None:
    """One account buys 10 credits and gets 2: they are enough for 5, and for 7 of the next 10. Another one buys none."""
    rates(warehouse, "rates", ",,0.8,USD,2024-01-01,")
    _purchases(warehouse, BOUGHT, GRANTED)
    warehouse.usage(
        "first.jsonl",
        used("x1", "2025-03-05", "5", **ACCOUNT),
        used("x2", "2025-03-10", "4", tenant="t2", kind="codes", **ACCOUNT),
        used("x3", "2025-03-10", "6", **ACCOUNT),
        used("x4", "2025-03-20", "2", **ACCOUNT),
        used("x5", "2025-03-05", "1", environment="us", cortiTenant="other"),
    )
    warehouse.run()


def _by_day(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    return sorted(warehouse.table(FOCUS, BY_DAY, "ChargeCategory = 'Usage' group by all"))


def _rows(warehouse: Warehouse, number: int) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in answer(warehouse, number)]


def test_the_questions_of_the_standard_about_virtual_currency_are_answered(warehouse: Warehouse) -> None:
    _home(warehouse)
    service = ("Corti API", "Natural Language Processing")
    assert _rows(warehouse, 17) == [("Corti", "Corti", "Purchase of Corti credits", "Credits", "USD", 10, 8)]
    assert _rows(warehouse, 18) == [
        ("Corti", "Corti", "Corti API", "Corti facts credits", 14),
        ("Corti", "Corti", "Corti API", "Corti codes credits", 4),
    ]
    assert _rows(warehouse, 19) == [("Corti", datetime(2025, 3, 1), 18)]
    assert _rows(warehouse, 20) == [
        (*service, "Grant of Corti credits", "USD", "USD", 1, 1),
        (*service, "Purchase of Corti credits", "USD", "USD", Decimal("0.2"), Decimal("0.2")),
    ]


def test_what_is_prepaid_is_billed_once_and_costs_once(warehouse: Warehouse) -> None:
    _home(warehouse)
    assert _by_day(warehouse) == [
        ("2025-03-05", "eu/base", 5, 5, 0, 4),
        ("2025-03-05", "us/other", 1, 0, Decimal("0.8"), Decimal("0.8")),
        ("2025-03-10", "eu/base", 10, 7, Decimal("2.4"), 8),
        ("2025-03-20", "eu/base", 2, 0, Decimal("1.6"), Decimal("1.6")),
    ]
    # Paid were 8 for the purchase and 0.8 each for the 6 credits that it was not enough for.
    assert warehouse.table(FOCUS, ["sum(BilledCost)"]) == [(Decimal("12.8"),)]
    # What was used costs what it was bought for. The 2 credits of the grant stand for the difference.
    assert warehouse.table(FOCUS, ["sum(EffectiveCost)"]) == [(Decimal("14.4"),)]


def test_late_use_and_a_withdrawn_purchase_change_what_is_billed(warehouse: Warehouse) -> None:
    _home(warehouse)
    warehouse.usage("late.jsonl", used("x6", "2025-03-03", "1.5", **ACCOUNT))
    warehouse.run()
    assert _by_day(warehouse) == [
        ("2025-03-03", "eu/base", Decimal("1.5"), Decimal("1.5"), 0, Decimal("1.2")),
        ("2025-03-05", "eu/base", 5, 5, 0, 4),
        ("2025-03-05", "us/other", 1, 0, Decimal("0.8"), Decimal("0.8")),
        ("2025-03-10", "eu/base", 10, Decimal("5.5"), Decimal("3.6"), 8),
        ("2025-03-20", "eu/base", 2, 0, Decimal("1.6"), Decimal("1.6")),
    ]
    _purchases(warehouse, GRANTED)
    warehouse.run()
    assert warehouse.table(FOCUS, ["x_PurchaseId"], "x_PurchaseId is not null") == [("g1",)]
    assert [(row[0], row[3]) for row in _by_day(warehouse) if row[1] == "eu/base"] == [
        ("2025-03-03", Decimal("1.5")),
        ("2025-03-05", Decimal("0.5")),
        ("2025-03-10", 0),
        ("2025-03-20", 0),
    ]
    version = whole_version(warehouse)
    warehouse.run(rebuild=True)
    assert without_sources(whole_version(warehouse)) == without_sources(version)


def test_a_correction_of_a_closed_month_takes_of_the_prepaid_credits_what_is_left(warehouse: Warehouse) -> None:
    _home(warehouse)
    close(warehouse, MARCH)
    closed = warehouse.table(FOCUS, ["*"], "ChargeCategory = 'Usage'")
    warehouse.usage("late.jsonl", used("x6", "2025-03-10", "1", kind="stream", **ACCOUNT))
    warehouse.run()
    correction = f"BillingPeriodStart = '{APRIL}'"
    assert warehouse.table(FOCUS, ["x_PrepaidCredits", "BilledCost"], correction) == [(0, Decimal("0.8"))]
    assert warehouse.table(FOCUS, ["*"], f"ChargeCategory = 'Usage' and not {correction}") == closed

    # It is paid for by a purchase that was forgotten, as is the rest of that day and of the next.
    _purchases(warehouse, BOUGHT, GRANTED, "p2,100,2025-03-02T08:00:00Z,,0.9,USD,eu,base")
    warehouse.run()
    assert warehouse.table(FOCUS, ["x_PrepaidCredits", "BilledCost"], correction) == [(1, 0)]
    assert [row[2:5] for row in _by_day(warehouse) if row[1] == "eu/base"] == [(5, 5, 0), (11, 11, 0), (2, 2, 0)]
    version = whole_version(warehouse)
    warehouse.run(rebuild=True)
    assert without_sources(whole_version(warehouse)) == without_sources(version)
