"""When a quota holds: its period, its window, and the zone that both go by."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.end_to_end.driving import Warehouse
from tests.end_to_end.spent_credits import spent


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
