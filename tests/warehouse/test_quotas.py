"""Quotas, rankings and alerts of whole homes, held against the reference to the last digit."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product

from orchestration.alerting import deliver_alerts
from tests.orchestration.alert_receiver import receiving
from tests.reference.billing_files import read_billing
from tests.reference.exhaustion import exhaustion
from tests.reference.model import compute
from tests.reference.quotas import QuotaKey, consumption
from tests.reference.ranking import ranking
from tests.reference.unusual_days import unusual_days
from tests.warehouse.comparing_money import published_money
from tests.warehouse.driving import Row, Warehouse

FIRST = datetime(2025, 11, 1)
DAYS = 230
TENANTS = ("t1", "t2", "t3")
USERS = tuple(f"u{number}" for number in range(8))
KINDS = ("document", "stream", "facts")
SNAPSHOTS = (datetime(2025, 12, 1), datetime(2026, 3, 10, 12), datetime(2026, 6, 2))
SIZES = {"day": 1, "month": 30, "quarter": 90, "year": 365}
WARNS = ("0.5", "0.8", "1")


def records(chance: random.Random, number: int, days: range) -> list[Row]:
    """Usage of a few subjects; some without a tenant or a user, now and then a day out of the ordinary."""
    rows: list[Row] = []
    for each in range(number):
        user = chance.choice(USERS)
        size = 400 if chance.random() < 0.01 else 6
        rows.append(
            {
                "resourceId": f"{days.start}-{each}",
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
    """The rows of snapshots, and those of a dated export, which some quotas stand in alone."""
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
            # Some begin or end near the latest usage or behind it, at midnight of one zone or another.
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
    # Late records move what is used, when that was, and the day as of which all is said.
    warehouse.usage("late.jsonl", *records(chance, 300, range(DAYS - 60, DAYS + 3)))
    warehouse.run()
    check(warehouse)
    alerts = warehouse.table("mart_usage_alerts")
    consumed = warehouse.table("mart_quota_consumption")
    warehouse.run(rebuild=True)
    assert warehouse.table("mart_usage_alerts") == alerts
    assert warehouse.table("mart_quota_consumption") == consumed


def spent(day: str, credits: str, **more: object) -> Row:
    return {"createdAt": day, "creditsConsumed": credits, "tenantId": "t1", "resourceId": f"{day} {credits}", **more}


def test_a_period_is_one_of_the_tenants_own_zone_and_an_upgrade_holds_for_all_of_it(warehouse: Warehouse) -> None:
    tenant = {"tenantId": "t1", "name": "T", "timezone": "America/New_York"}
    warehouse.deliver("mappings/tenants/tenants-2025-01-01.jsonl", [tenant])
    quota = {"tenantId": "t1", "period": "month"}
    warehouse.deliver("billing/quotas/quotas-2026-01-01.jsonl", [{**quota, "credits": "10"}])
    warehouse.usage("a.jsonl", spent("2026-04-01T03:00:00Z", "9"), spent("2026-04-02T03:00:00Z", "1"))
    warehouse.run()
    columns = ("period_start", "allowance_credits", "used_credits", "status", "is_current")
    march, april = date(2026, 3, 1), date(2026, 4, 1)
    assert warehouse.table("mart_quota_consumption", columns) == [
        (march, Decimal(10), Decimal(9), "warn", False),
        (april, Decimal(10), Decimal(1), "ok", True),
    ]
    warehouse.deliver("billing/quotas/quotas-2026-03-31.jsonl", [{**quota, "credits": "20"}])
    warehouse.run()
    assert warehouse.table("mart_quota_consumption", columns) == [
        (march, Decimal(20), Decimal(9), "ok", False),
        (april, Decimal(20), Decimal(1), "ok", True),
    ]


def test_a_quota_holds_until_the_midnight_of_its_tenants_zone(warehouse: Warehouse) -> None:
    tenant = {"tenantId": "t1", "name": "T", "timezone": "Europe/Copenhagen"}
    warehouse.deliver("mappings/tenants/tenants-2025-01-01.jsonl", [tenant])
    midnight = "2026-10-01T00:00:00+02:00"
    quota = {"tenantId": "t1", "period": "month"}
    windows = [
        {**quota, "credits": "100", "validFrom": "2026-09-01", "validTo": midnight},
        {**quota, "credits": "1000", "validFrom": midnight, "validTo": ""},
    ]
    warehouse.deliver("billing/quotas/q.jsonl", windows)
    warehouse.usage("a.jsonl", spent("2026-09-28T12:00:00Z", "140"), spent("2026-09-30T22:30:00Z", "7"))
    warehouse.run()
    columns = ("period_start", "allowance_credits", "used_credits", "status", "is_current")
    assert sorted(warehouse.table("mart_quota_consumption", columns)) == [
        (date(2026, 9, 1), Decimal(100), Decimal(140), "over", False),
        (date(2026, 10, 1), Decimal(1000), Decimal(7), "ok", True),
    ]
    alerts = warehouse.table("mart_usage_alerts", ("alert_type", "period_start", "is_open"), "scope = 'tenant'")
    assert alerts == [("quota_exceeded", date(2026, 9, 1), True)]


def test_what_is_to_come_does_not_count_yet_and_what_ended_or_was_removed_counts_no_more(warehouse: Warehouse) -> None:
    quota = {"tenantId": "t1", "period": "quarter"}
    windows = [
        {**quota, "credits": "500", "validFrom": "2026-10-01", "validTo": ""},
        {**quota, "period": "month", "credits": "5", "validFrom": "2026-12-20", "validTo": ""},
        {**quota, "period": "year", "credits": "10", "validFrom": "2026-01-01", "validTo": "2026-10-05"},
        {**quota, "tenantId": "t2", "credits": "5", "validFrom": "2026-12-20", "validTo": ""},
    ]
    warehouse.deliver("billing/quotas/q.jsonl", windows)
    removed = {"tenantId": "t3", "period": "year", "credits": "10"}
    kept = {"tenantId": "t4", "period": "year", "credits": "99"}
    warehouse.deliver("billing/quotas/all-2026-01-01.jsonl", [removed, kept])
    warehouse.deliver("billing/quotas/all-2026-10-05.jsonl", [kept])
    days = ("2026-10-04T12:00:00Z", "2026-10-05T12:00:00Z", "2026-10-28T12:00:00Z")
    usage = [spent(day, f"{number}", tenantId=t) for t in ("t1", "t2", "t3") for number, day in enumerate(days, 9)]
    warehouse.usage("a.jsonl", *({**row, "resourceId": f"{row['tenantId']} {row['createdAt']}"} for row in usage))
    warehouse.run()
    columns = ("tenant_id", "period", "last_day", "is_current", "allowance_credits", "used_credits", "status")
    # The year's budgets ended on the 5th with 9 of 10 used.
    expected = [
        ("t1", "quarter", date(2026, 10, 28), True, Decimal(500), Decimal(30), "ok"),
        ("t1", "year", date(2026, 10, 4), False, Decimal(10), Decimal(9), "warn"),
        ("t3", "year", date(2026, 10, 4), False, Decimal(10), Decimal(9), "warn"),
        ("t4", "year", date(2026, 10, 28), True, Decimal(99), Decimal(0), "ok"),
    ]
    assert sorted(warehouse.table("mart_quota_consumption", columns)) == expected
    assert warehouse.table("mart_usage_alerts", ("alert_type",), "is_open and alert_type like 'quota%'") == []


def test_a_record_of_a_zone_that_is_ahead_ends_nobody_elses_month(warehouse: Warehouse) -> None:
    zones = {"t1": "Pacific/Kiritimati", "t2": "UTC", "t3": "America/New_York"}
    tenants = [{"tenantId": tenant, "name": tenant, "timezone": zone} for tenant, zone in zones.items()]
    warehouse.deliver("mappings/tenants/tenants-2025-01-01.jsonl", tenants)
    quotas = [{"tenantId": tenant, "period": "month", "credits": "10"} for tenant in zones]
    # u has no zone of its own: its quota goes by that of the customer whose credits it uses.
    quotas.append({"userId": "u", "period": "month", "credits": "10"})
    warehouse.deliver("billing/quotas/quotas-2026-01-01.jsonl", quotas)
    rows = [spent("2026-10-20T12:00:00Z", f"{n}", tenantId=t, userId=f"u{t}") for n, t in enumerate(("t2", "t3"), 8)]
    warehouse.usage("a.jsonl", *rows, spent("2026-10-31T10:00:00Z", "1", userId="u"))
    warehouse.run()
    columns = ("scope", "coalesce(tenant_id, user_id)", "period_start", "used_credits", "as_of_date")
    october, november = date(2026, 10, 1), date(2026, 11, 1)
    assert sorted(warehouse.table("mart_quota_consumption", columns, "is_current")) == [
        ("tenant", "t1", november, Decimal(1), november),
        ("tenant", "t2", october, Decimal(8), date(2026, 10, 31)),
        ("tenant", "t3", october, Decimal(9), date(2026, 10, 31)),
        ("user", "u", november, Decimal(1), november),
    ]
    open_alerts = warehouse.table("mart_usage_alerts", ("tenant_id",), "is_open and alert_type = 'quota_warned'")
    assert sorted(open_alerts) == [("t2",), ("t3",)]


def test_a_limit_that_was_raised_and_is_exceeded_again_is_told_of_again_and_once(warehouse: Warehouse) -> None:
    quota = {"tenantId": "t1", "period": "month"}
    with receiving() as receiver:
        urls = {"CREDITS_ALERT_URLS": receiver.url()}

        def told() -> list[str]:
            warehouse.run()
            before = len(receiver.bodies)
            deliver_alerts(warehouse.settings, urls)
            return receiver.bodies[before:]

        warehouse.deliver("billing/quotas/quotas-2026-09-01.jsonl", [{**quota, "credits": "5"}])
        warehouse.usage("a.jsonl", spent("2026-09-03T10:00:00Z", "6", userId="u1"))
        [first] = told()
        assert "6 of 5 credits" in first
        warehouse.deliver("billing/quotas/quotas-2026-09-04.jsonl", [{**quota, "credits": "10"}])
        assert told() == []
        warehouse.usage("b.jsonl", spent("2026-09-05T10:00:00Z", "60", userId="u1"))
        [second] = told()
        assert "66 of 10 credits" in second
        warehouse.usage("c.jsonl", spent("2026-09-06T10:00:00Z", "1", userId="u1"))
        assert told() == []


def test_an_alert_opens_and_closes_with_what_it_is_about_and_keeps_its_key(warehouse: Warehouse) -> None:
    quota = {"tenantId": "t1", "period": "month", "credits": "10"}
    warehouse.deliver("billing/quotas/quotas-2026-01-01.jsonl", [quota])
    warehouse.usage("a.jsonl", spent("2026-04-10T12:00:00Z", "8", userId="u1"))
    warehouse.run()
    columns = ("alert_type", "first_seen_on", "last_seen_on", "is_open", "alert_key")
    [warned] = warehouse.table("mart_usage_alerts", columns, "alert_type like 'quota%'")
    assert warned[:4] == ("quota_warned", date(2026, 4, 10), date(2026, 4, 10), True)
    warehouse.usage("b.jsonl", spent("2026-04-12T12:00:00Z", "3", userId="u1"))
    warehouse.run()
    exceeded, warned_before = warehouse.table("mart_usage_alerts", columns, "alert_type like 'quota%'")
    assert exceeded[:4] == ("quota_exceeded", date(2026, 4, 12), date(2026, 4, 12), True)
    assert warned_before == ("quota_warned", date(2026, 4, 10), date(2026, 4, 11), False, warned[4])
    warehouse.usage("c.jsonl", spent("2026-05-01T12:00:00Z", "1", userId="u1"))
    warehouse.run()
    # The period has ended; whoever was not told of it before still is.
    ended = warehouse.table("mart_usage_alerts", columns, "alert_type = 'quota_exceeded'")
    assert ended == [("quota_exceeded", date(2026, 4, 12), date(2026, 4, 30), True, exceeded[4])]
    warehouse.usage("d.jsonl", spent("2026-05-07T12:00:00Z", "1", userId="u1"))
    warehouse.run()
    closed = warehouse.table("mart_usage_alerts", columns, "alert_type = 'quota_exceeded'")
    assert closed == [("quota_exceeded", date(2026, 4, 12), date(2026, 4, 30), False, exceeded[4])]
    # A larger allowance takes both back.
    warehouse.deliver("billing/quotas/quotas-2026-04-20.jsonl", [{**quota, "credits": "100"}])
    warehouse.run()
    assert warehouse.table("mart_usage_alerts", columns, "alert_type like 'quota%'") == []


def test_usage_without_an_owner_and_without_a_figure_is_told_of_day_by_day(warehouse: Warehouse) -> None:
    today = datetime(2026, 4, 10, 12, tzinfo=UTC)
    rows = [spent((today - timedelta(days=back)).isoformat(), "10", userId="u1") for back in range(20)]
    rows.append({"createdAt": today.isoformat(), "creditsConsumed": "5", "resourceId": "nobody's"})
    rows.append({"createdAt": today.isoformat(), "status": "unreported", "resourceId": "lost", "userId": "u1"})
    warehouse.usage("a.jsonl", *rows)
    warehouse.run()
    columns = ("alert_type", "first_seen_on", "last_seen_on", "is_open", "measured")
    day = date(2026, 4, 10)
    assert warehouse.table("mart_usage_alerts", columns) == [
        ("unmapped_share", day, day, True, Decimal("0.066666667")),
        ("unreported_share", day, day, True, Decimal("0.111111111")),
    ]
