"""Quotas, rankings and alerts of a whole random home are equal to the reference to the last digit."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from itertools import product

from tests.end_to_end.comparing_money import published_money
from tests.end_to_end.driving import Row, Warehouse
from tests.reference.billing_files import read_billing
from tests.reference.exhaustion import exhaustion
from tests.reference.model import compute
from tests.reference.quotas import QuotaKey, consumption
from tests.reference.ranking import ranking
from tests.reference.unusual_days import unusual_days

FIRST = datetime(2025, 11, 1)
DAYS = 230
TENANTS = ("t1", "t2", "t3")
USERS = tuple(f"u{number}" for number in range(8))
KINDS = ("document", "stream", "facts")
SNAPSHOTS = (datetime(2025, 12, 1), datetime(2026, 3, 10, 12), datetime(2026, 6, 2))
SIZES = {"day": 1, "week": 7, "month": 30, "quarter": 90, "year": 365, "7d": 7, "28d": 28}
WARNS = ("0.5", "0.8", "1")


def records(chance: random.Random, number: int, days: range) -> list[Row]:
    """Usage of a few subjects; some without a tenant or a user, now and then a day out of the ordinary."""
    rows: list[Row] = []
    for index in range(number):
        user = chance.choice(USERS)
        size = 400 if chance.random() < 0.01 else 6
        rows.append(
            {
                "resourceId": f"{days.start}-{index}",
                "kind": chance.choice(KINDS),
                "creditsConsumed": f"{chance.randrange(size * 10**9) / 10**9:.9f}",
                "status": chance.choice(("final", "final", "estimate")),
                "createdAt": (FIRST + timedelta(days=chance.choice(days), hours=chance.random() * 24)).isoformat()
                + "Z",
                **({"userId": user} if chance.random() < 0.95 else {}),
                **({"tenantId": TENANTS[USERS.index(user) % 3]} if chance.random() < 0.9 else {}),
            }
        )
    return rows


def quotas(chance: random.Random) -> tuple[list[list[Row]], list[Row]]:
    """The rows of snapshots, and those of a dated export, which alone has some quotas."""
    subjects = [(t, None) for t in (*TENANTS, "nobody")] + [(None, u) for u in USERS] + [("t1", "u0"), ("t2", "u1")]
    snapshots: list[list[Row]] = [[] for _ in SNAPSHOTS]
    dated: list[Row] = []
    for (tenant, user), kind, period in product(subjects, (None, "document"), SIZES):
        row = {"tenantId": tenant or "", "userId": user or "", "kind": kind or "", "period": period}
        says = [
            {**row, "credits": str(chance.choice((0, 1, 2, 5, 8, 20)) * SIZES[period]), "warnAt": chance.choice(WARNS)}
            for _ in SNAPSHOTS
        ]
        where = chance.random()
        if where < 0.35:
            for snapshot, said in zip(snapshots, says, strict=True):
                if chance.random() < 0.9:
                    snapshot.append(said)
        elif where < 0.5:
            # Some begin or end near the latest usage or after it, at midnight in one zone or another.
            begins = datetime(2025, 10, 15) + timedelta(days=chance.randrange(260))
            middle = begins + timedelta(days=chance.randrange(1, 60), hours=chance.choice((0, 7)))
            ends = middle + timedelta(days=chance.randrange(1, 90))
            offset = chance.choice(("Z", "+02:00", "+13:00", "-07:00"))
            edges = [f"{edge.isoformat()}{offset}" for edge in (begins, middle, ends)]
            dated.append({**says[0], "validFrom": edges[0], "validTo": edges[1]})
            dated.append({**says[1], "validFrom": edges[1], "validTo": chance.choice(("", edges[2]))})
    return snapshots, dated


def check(warehouse: Warehouse) -> None:
    """Hold what is published of limits, ranks and unusual days against the reference."""
    truth = compute(warehouse.home, datetime.now(UTC))
    facts, tenants = truth.fact, truth.dim_tenants
    said = read_billing(warehouse.settings.landing).quotas
    found = published_money(warehouse)
    assert found["quotas"] == {
        key: tuple(vars(used).values()) for key, used in consumption(facts, said, tenants).items()
    }
    assert found["ranking"] == {key: tuple(vars(place).values()) for key, place in ranking(facts).items()}
    key = ("tenant_id", "user_id", "kind", "period", "period_start")
    dates = ("projected_exhaustion_date", "exhaustion_date_low", "exhaustion_date_high")
    rows = warehouse.table("mart_quota_consumption", (*key, *dates))
    assert {QuotaKey(*row[:5]): row[5:] for row in rows} == exhaustion(facts, said, tenants)
    for low, present, high in (
        row[-3:] for row in warehouse.table("mart_quota_consumption", (*dates[1::-1], dates[2]))
    ):
        assert (low or date.max) <= (present or date.max) <= (high or date.max)
    columns = ("scope", "coalesce(tenant_id, user_id)", "first_seen_on", "measured", "threshold")
    assert {*warehouse.table("mart_usage_alerts", columns, "alert_type = 'unusual_day'")} == unusual_days(facts)


def test_limits_of_a_random_home_agree_with_the_reference_after_each_of_several_runs(warehouse: Warehouse) -> None:
    chance = random.Random(20261122)
    snapshots, dated = quotas(chance)
    for at, rows in zip(SNAPSHOTS, snapshots, strict=True):
        warehouse.deliver(f"billing/quotas/quotas-{at:%Y-%m-%dT%H-%M-%SZ}.jsonl", rows)
    warehouse.deliver("billing/quotas/history.jsonl", dated)
    zones = {"t1": "Pacific/Auckland", "t2": "America/Los_Angeles", "t3": "Europe/Berlin"}
    tenants = [{"tenantId": tenant, "name": tenant, "timezone": zone} for tenant, zone in zones.items()]
    warehouse.deliver("mappings/tenants/tenants-2025-01-01.jsonl", tenants)
    warehouse.usage("first.jsonl", *records(chance, 4000, range(DAYS)))
    warehouse.run()
    check(warehouse)
    statuses = {row[0] for row in warehouse.table("mart_quota_consumption", ("status",), "is_current")}
    assert statuses == {"ok", "warn", "over"}
    assert warehouse.table("mart_usage_alerts", where="alert_type = 'unusual_day'")
    # Late records change the use, its time, and the as-of date.
    warehouse.usage("late.jsonl", *records(chance, 300, range(DAYS - 60, DAYS + 3)))
    warehouse.run()
    check(warehouse)
    alerts = warehouse.table("mart_usage_alerts")
    consumed = warehouse.table("mart_quota_consumption")
    warehouse.run(rebuild=True)
    assert warehouse.table("mart_usage_alerts") == alerts
    assert warehouse.table("mart_quota_consumption") == consumed
