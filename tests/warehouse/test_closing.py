"""Closed months: their statements stay as they were, and what comes later stands on the next open one."""

from __future__ import annotations

from decimal import Decimal

from tests.warehouse.billing_homes import APRIL, MARCH, close, lines, rates, used
from tests.warehouse.driving import Warehouse


def test_late_usage_of_a_closed_month_is_a_correction_on_the_next_open_one(warehouse: Warehouse) -> None:
    rates(warehouse, "rates", ",,0.5,EUR,2024-01-01,")
    warehouse.usage("a.jsonl", used("x1", "2025-03-10", "3"), used("x2", "2025-04-10", "1"))
    close(warehouse, MARCH)
    closed = lines(warehouse, "period_status = 'closed'", ("*",))
    assert len(closed) == 1
    warehouse.usage("b.jsonl", used("x3", "2025-03-11", "5"))
    warehouse.run()
    assert lines(warehouse, "period_status = 'closed'", ("*",)) == closed
    assert lines(warehouse, "period_status = 'open'") == [
        (APRIL, "t1", "correction", MARCH, "facts", "EUR", Decimal(5), Decimal("2.5")),
        (APRIL, "t1", "usage", APRIL, "facts", "EUR", Decimal(1), Decimal("0.5")),
    ]
