"""Quotas, rankings and alerts of whole homes, held against an independent reckoning to the last digit."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import groupby

from tests.reference.limits import Daily, Quota, Window, consumption, ranking, unusual_days
from tests.warehouse.driving import Row, Warehouse

FIRST = datetime(2025, 11, 1)
DAYS = 230
TENANTS = ("t1", "t2", "t3")
USERS = tuple(f"u{number}" for number in range(8))
KINDS = ("document", "stream", "facts")
SNAPSHOTS = (datetime(2025, 12, 1), datetime(2026, 3, 10, 12), datetime(2026, 6, 2))
QUOTA_COLUMNS = (
    *("tenant_id", "user_id", "kind", "period", "period_start", "allowance_credits", "used_credits", "used_share"),
    *("status", "credits_per_day", "projected_credits", "projected_exhaustion_date", "exhaustion_date_low"),
    "exhaustion_date_high",
)
RANKING_COLUMNS = (
    *("period", "period_start", "entity_type", "entity_id", "credits", "share", "credits_change", "rank_in_period"),
    *("cumulative_share", "is_in_top_80_percent", "entities_in_top_80_percent"),
)


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


def random_quotas(chance: random.Random) -> tuple[list[Quota], list[list[Row]], list[Row]]:
    """Quotas, and the exports that say so: snapshots for some, dated windows for others."""
    subjects = [(t, None) for t in (*TENANTS, "nobody")] + [(None, u) for u in USERS] + [("t1", "u0"), ("t2", "u1")]
    keys = [
        (tenant, user, kind, period)
        for tenant, user in subjects
        for kind in (None, "document")
        for period in ("day", "month", "quarter", "year")
        if chance.random() < 0.5
    ]
    snapshots: list[list[Row]] = [[] for _ in SNAPSHOTS]
    dated: list[Row] = []
    quotas = []
    for key in keys:
        windows = []
        scale = {"day": 1, "month": 30, "quarter": 90, "year": 365}[key[3]]
        says = [
            (Decimal(chance.choice((0, 1, 2, 5, 8, 20)) * scale), chance.choice(("0.5", "0.8", "1"))) for _ in SNAPSHOTS
        ]
        row = dict(zip(("tenantId", "userId", "kind", "period"), (each or "" for each in key), strict=True))
        if chance.random() < 0.7:
            held = [each if chance.random() < 0.9 else None for each in says]
            starts = (datetime(1900, 1, 1), *SNAPSHOTS[1:])
            for number, said in enumerate(held):
                if said is not None:
                    snapshots[number].append({**row, "credits": str(said[0]), "warnAt": said[1]})
            runs = groupby(zip(held, starts, strict=True), key=lambda each: each[0])
            changes = [(said, next(places)[1]) for said, places in runs]
            ends = [begins for _, begins in changes[1:]] + [None]
            for (said, begins), until in zip(changes, ends, strict=True):
                if said is not None:
                    windows.append(Window(begins, until, said[0], Decimal(said[1])))
        else:
            begins = datetime(2025, 10, 15) + timedelta(days=chance.randrange(150))
            middle = begins + timedelta(days=chance.randrange(1, 60), hours=chance.choice((0, 7)))
            for start, until, said in ((begins, middle, says[0]), (middle, None, says[1])):
                windows.append(Window(start, until, said[0], Decimal(said[1])))
                instants = {"validFrom": f"{start.isoformat()}Z", "validTo": f"{until.isoformat()}Z" if until else ""}
                dated.append({**row, "credits": str(said[0]), "warnAt": said[1], **instants})
        quotas.append(Quota(*key, tuple(windows)))
    return quotas, snapshots, dated


def published_daily(warehouse: Warehouse) -> Daily:
    columns = ("reporting_date", "tenant_id", "user_id", "kind", "credits")
    return {row[:4]: row[4] for row in warehouse.table("agg_credits_daily", columns)}


def check(warehouse: Warehouse, quotas: list[Quota]) -> None:
    """Hold every row of the three marts against what the reference makes of the published days."""
    daily = published_daily(warehouse)
    expected = [row for row in consumption(daily, quotas) if row]
    assert warehouse.table("mart_quota_consumption", QUOTA_COLUMNS) == sorted(expected, key=repr)
    ranked = {row[:4]: row[4:] for row in warehouse.table("mart_user_ranking", RANKING_COLUMNS)}
    assert ranked == ranking(daily)
    columns = ("scope", "coalesce(tenant_id, user_id)", "first_seen_on", "measured", "threshold")
    assert {*warehouse.table("mart_usage_alerts", columns, "alert_type = 'unusual_day'")} == unusual_days(daily)


def test_limits_of_a_random_home_agree_with_the_reference_after_each_of_several_runs(warehouse: Warehouse) -> None:
    chance = random.Random(20261122)
    quotas, snapshots, dated = random_quotas(chance)
    for at, rows in zip(SNAPSHOTS, snapshots, strict=True):
        warehouse.deliver(f"billing/quotas/quotas-{at:%Y-%m-%dT%H-%M-%SZ}.jsonl", rows)
    warehouse.deliver("billing/quotas/history.jsonl", dated)
    zones = {"t1": "Pacific/Auckland", "t2": "America/Los_Angeles", "t3": "Europe/Berlin"}
    tenants = [{"tenantId": tenant, "name": tenant, "timezone": zone} for tenant, zone in zones.items()]
    warehouse.deliver("mappings/tenants/tenants-2025-01-01.jsonl", tenants)
    warehouse.usage("first.jsonl", *records(chance, 4000, range(DAYS)))
    warehouse.run()
    check(warehouse, quotas)
    statuses = {row[0] for row in warehouse.table("mart_quota_consumption", ("status",), "is_current")}
    assert statuses == {"ok", "warn", "over"}
    assert warehouse.table("mart_usage_alerts", where="alert_type = 'unusual_day'")
    # Late records move what is used, when that was, and the day as of which all is said.
    warehouse.usage("late.jsonl", *records(chance, 300, range(DAYS - 60, DAYS + 3)))
    warehouse.run()
    check(warehouse, quotas)
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
