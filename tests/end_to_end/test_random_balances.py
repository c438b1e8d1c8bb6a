"""A thousand random histories of purchases, use and expiry: every day's balance is equal to the reference."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

from tests.end_to_end.billing_homes import rates
from tests.end_to_end.driving import Row, Warehouse
from tests.reference.balances import Purchase, balances

HISTORIES = 1000
FIRST = datetime(2025, 3, 1)
DAYS = 90
COLUMNS = (
    *("environment", "corti_tenant", "balance_date", "bought_credits", "used_credits", "expired_credits"),
    *("remaining_credits", "overdrawn_credits", "next_expiry_date", "next_expiring_credits"),
)
PREPAID = (
    *("BillingAccountId", "ChargePeriodStart::date", "sum(x_PrepaidCredits)"),
    "sum(EffectiveCost - BilledCost)",
)
PRICE = Decimal("0.5")

Account = tuple[str, str]
Used = dict[Account, dict[date, Decimal]]


def moment(chance: random.Random, first: int, last: int) -> datetime:
    """A random time between two days; often midnight, so that times fall together."""
    hours = 0 if chance.random() < 0.5 else chance.random() * 24
    return (FIRST + timedelta(days=chance.randrange(first, last), hours=hours)).replace(microsecond=0)


def purchases(chance: random.Random) -> list[Purchase]:
    """A few purchases; some without an expiry, some that expire together, some that are never used."""
    found: list[Purchase] = []
    for number in range(chance.randrange(1, 9)):
        purchased = moment(chance, 0, DAYS)
        lasts = timedelta(days=chance.choice((1, 2, 5, 10, 20, 40, 400)), hours=chance.choice((0, 0, 1, 13)))
        expires = None if chance.random() < 0.25 else purchased + lasts
        credits = Decimal(chance.choice((0, 1, 10**9, 20 * 10**9, chance.randrange(100 * 10**9)))).scaleb(-9)
        found.append(Purchase(str(number), credits, purchased, expires))
    return found


def usage(chance: random.Random, days: range) -> dict[datetime, Decimal]:
    """Use at random times, of many sizes; long times without any."""
    size = chance.choice((1, 5, 20)) * 10**9
    times = [moment(chance, days.start, days.stop) for _ in range(chance.choice((0, 3, 20, 60)))]
    return {at: Decimal(chance.choice((0, 10**9, chance.randrange(size)))).scaleb(-9) for at in times}


def records(used: dict[Account, dict[datetime, Decimal]], name: str) -> list[Row]:
    """The usage as records."""
    return [
        {
            "resourceId": f"{name}-{tenant}-{at.isoformat()}",
            "environment": environment,
            "cortiTenant": tenant,
            "creditsConsumed": str(credits),
            "createdAt": f"{at.isoformat()}Z",
        }
        for (environment, tenant), times in used.items()
        for at, credits in times.items()
    ]


def exported(bought: dict[Account, list[Purchase]]) -> list[Row]:
    """The purchases as rows of a file."""
    return [
        {
            "purchaseId": f"{tenant}-{one.purchase_id}",
            "credits": str(one.credits),
            "purchasedAt": one.purchased_at.isoformat(),
            **({"expiresAt": one.expires_at.isoformat()} if one.expires_at else {}),
            "environment": environment,
            "cortiTenant": tenant,
        }
        for (environment, tenant), of_account in bought.items()
        for one in of_account
    ]


def check(
    warehouse: Warehouse, bought: dict[Account, list[Purchase]], used: list[dict[Account, dict[datetime, Decimal]]]
) -> int:
    """Hold each account's balances against the reference; how many days were equal."""
    by_day: Used = defaultdict(lambda: defaultdict(Decimal))
    latest = FIRST
    for of_accounts in used:
        for account, times in of_accounts.items():
            for at, credits in times.items():
                by_day[account][at.date()] += credits
                latest = max(latest, at)
    latest = max([latest, *(one.purchased_at for of_account in bought.values() for one in of_account)])
    published = {row[:3]: row[3:] for row in warehouse.table("mart_credit_balance", COLUMNS)}
    expected = {
        (*account, day): tuple(vars(balance).values())
        for account, of_account in bought.items()
        for day, balance in balances(of_account, by_day[account], latest.date()).items()
    }
    assert published == expected
    # In the export each charge has its part of the day's prepaid credits, and is billed without it.
    prepaid = warehouse.table("focus_cost_and_usage", PREPAID, "ChargeCategory = 'Usage' group by all")
    assert {row[:2]: row[2:] for row in prepaid if row[2]} == {
        ("/".join(map(str, key[:2])), key[2]): (row[1], row[1] * PRICE) for key, row in published.items() if row[1]
    }
    return len(published)


def test_every_day_of_random_histories_agrees_with_the_reference(warehouse: Warehouse) -> None:
    chance = random.Random(20261201)
    accounts = [(chance.choice(("eu", "us")), f"t{number}") for number in range(HISTORIES)]
    bought = {account: purchases(chance) for account in accounts}
    first = {account: usage(chance, range(-5, DAYS)) for account in accounts}
    rates(warehouse, "rates", f",,{PRICE},EUR,2024-01-01,")
    warehouse.deliver("billing/purchases/p_2025-07-01.jsonl", exported(bought))
    warehouse.usage("first.jsonl", *records(first, "first"))
    # Accounts that have bought nothing have no balance.
    warehouse.usage("others.jsonl", {"resourceId": "o", "creditsConsumed": 1, "environment": "eu", "cortiTenant": "o"})
    warehouse.run()
    assert check(warehouse, bought, [first]) > HISTORIES * DAYS // 2
    # Late usage, purchases that are put right, and one that is withdrawn.
    late = {account: usage(chance, range(DAYS - 40, DAYS + 3)) for account in accounts[:50]}
    corrected = {**bought, **{account: purchases(chance) for account in accounts[25:75]}}
    warehouse.usage("late.jsonl", *records(late, "late"))
    warehouse.deliver("billing/purchases/p_2025-07-01.jsonl", exported(corrected))
    warehouse.run()
    check(warehouse, corrected, [first, late])
    balances_then = warehouse.table("mart_credit_balance")
    warehouse.run(rebuild=True)
    assert warehouse.table("mart_credit_balance") == balances_then
