"""What remains of prepaid credits at the end of each day, by taking one credit after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Purchase:
    """Credits that were bought or granted; the times are UTC."""

    purchase_id: str
    credits: Decimal
    purchased_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True)
class Balance:
    """What happened to the credits of an account on one day, and what is left at its end."""

    bought: Decimal
    used: Decimal
    expired: Decimal
    remaining: Decimal
    overdrawn: Decimal
    next_expiry: date | None
    next_expiring: Decimal | None


def balances(purchases: Sequence[Purchase], used: Mapping[date, Decimal], last_day: date) -> dict[date, Balance]:
    """The balance of each day from the first purchase to the last day, given what was used on each UTC date."""
    made = sorted(purchases, key=lambda one: (one.expires_at or datetime.max, one.purchased_at, one.purchase_id))
    left = {purchase.purchase_id: NOTHING for purchase in made}
    found: dict[date, Balance] = {}
    day = min(purchase.purchased_at.date() for purchase in made)
    while day <= last_day:
        bought = expired = NOTHING
        for purchase in made:
            if purchase.purchased_at.date() == day:
                left[purchase.purchase_id] = purchase.credits
                bought += purchase.credits
            if purchase.expires_at is not None and purchase.expires_at <= datetime.combine(day, time()):
                expired += left[purchase.purchase_id]
                left[purchase.purchase_id] = NOTHING
        asked = used.get(day, NOTHING)
        for purchase in made:
            taken = min(asked, left[purchase.purchase_id])
            left[purchase.purchase_id] -= taken
            asked -= taken
        next_expiry, next_expiring = _next_expiry(made, left)
        found[day] = Balance(
            *(bought, used.get(day, NOTHING) - asked, expired),
            *(sum(left.values(), NOTHING), asked, next_expiry, next_expiring),
        )
        day += timedelta(1)
    return found


def _next_expiry(purchases: Sequence[Purchase], left: Mapping[str, Decimal]) -> tuple[date | None, Decimal | None]:
    by_date: dict[date, Decimal] = {}
    for purchase in purchases:
        if purchase.expires_at is not None and left[purchase.purchase_id] > 0:
            day = purchase.expires_at.date()
            by_date[day] = by_date.get(day, NOTHING) + left[purchase.purchase_id]
    first = min(by_date, default=None)
    return first, None if first is None else by_date[first]
