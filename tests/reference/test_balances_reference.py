"""The reference of prepaid balances, on an example small enough to work out by hand."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from .balances import Balance, Purchase, balances


def test_balances() -> None:
    bought = [
        Purchase("never", Decimal(10), datetime(2026, 1, 1), None),
        Purchase("early", Decimal(3), datetime(2026, 1, 1, 9), datetime(2026, 1, 3)),
        Purchase("late", Decimal(4), datetime(2026, 1, 2, 23), datetime(2026, 1, 3, 12)),
    ]
    used = {date(2025, 12, 31): Decimal(1), date(2026, 1, 1): Decimal(2), date(2026, 1, 4): Decimal(11)}
    found = balances(bought, used, date(2026, 1, 4))

    def balance(day: int, *figures: int) -> None:
        got = found[date(2026, 1, day)]
        assert (got.bought, got.used, got.expired, got.remaining, got.overdrawn) == figures

    balance(1, 13, 2, 0, 11, 0)
    balance(2, 4, 0, 0, 15, 0)
    balance(3, 0, 0, 1, 14, 0)
    balance(4, 0, 10, 4, 0, 1)
    assert [(found[day].next_expiry, found[day].next_expiring) for day in found] == [
        (date(2026, 1, 3), 1),
        (date(2026, 1, 3), 5),
        (date(2026, 1, 3), 4),
        (None, None),
    ]
    assert isinstance(found[date(2026, 1, 1)], Balance)
