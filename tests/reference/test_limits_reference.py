"""The reference of quotas and rankings, on examples small enough to work out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from .billing_files import read_billing
from .model import compute
from .quotas import QuotaKey, consumption
from .ranking import ranking
from .test_money_reference import FEBRUARY, JANUARY, NOW, facts_of
from .test_reference import land


def test_quotas(tmp_path: Path) -> None:
    facts = facts_of(
        tmp_path,
        {"creditsConsumed": 6},
        {"creditsConsumed": 2, "createdAt": "2025-02-16"},
        {"creditsConsumed": 1, "createdAt": "2025-01-02", "userId": "u1"},
        {"creditsConsumed": 50, "tenantId": "t2", "createdAt": "2025-02-11"},
    )
    land(
        tmp_path,
        "billing/quotas/q-2025-01-01.csv",
        "tenantId,userId,period,credits,warnAt\nt1,,month,10,\n,u1,year,0,1\n",
    )
    found = consumption(facts, read_billing(tmp_path / "landing").quotas, [])
    february = found[QuotaKey("t1", None, None, "month", FEBRUARY)]
    assert (february.used, february.remaining, february.share, february.status) == (8, 2, Decimal("0.8"), "warn")
    # Of the last 7 days, to the 16th, the 10th and the 16th: 8 credits. 12 days of February are left.
    assert february.credits_per_day == Decimal("1.142857143")
    assert february.projected == Decimal("21.714285716")
    january = found[QuotaKey("t1", None, None, "month", JANUARY)]
    assert (january.used, january.status, january.credits_per_day, january.is_current) == (1, "ok", None, False)
    year = found[QuotaKey(None, "u1", None, "year", JANUARY)]
    assert (year.used, year.share, year.status, year.remaining) == (1, None, "over", -1)
    assert len(found) == 3


def test_weekly_and_rolling_quotas(tmp_path: Path) -> None:
    facts = facts_of(
        tmp_path,
        {"creditsConsumed": 6, "createdAt": "2025-02-03"},
        {"creditsConsumed": 2, "createdAt": "2025-02-09"},
        {"creditsConsumed": 1, "createdAt": "2025-02-10"},
        {"creditsConsumed": 0, "tenantId": "t2", "createdAt": "2025-02-12"},
    )
    quotas = "tenantId,period,credits\nt1,week,10\nt1,7d,10\nt1,28d,10\n"
    land(tmp_path, "billing/quotas/q-2025-01-01.csv", quotas)
    found = consumption(facts, read_billing(tmp_path / "landing").quotas, [])
    used = {(key.period, row.last_day.isoformat()): (row.used, row.is_current) for key, row in found.items()}
    assert used == {
        ("week", "2025-02-09"): (8, False),
        ("week", "2025-02-12"): (1, True),
        ("7d", "2025-02-03"): (6, False),
        ("7d", "2025-02-09"): (8, False),
        ("7d", "2025-02-10"): (3, False),
        ("7d", "2025-02-12"): (3, True),
        ("28d", "2025-02-03"): (6, False),
        ("28d", "2025-02-09"): (8, False),
        ("28d", "2025-02-10"): (9, False),
        ("28d", "2025-02-12"): (9, True),
    }


def test_a_quota_holds_for_the_days_at_whose_end_it_is_in_force(tmp_path: Path) -> None:
    land(
        tmp_path,
        "mappings/tenants/t-2025-01-01.csv",
        "tenantId,name,timezone\nt1,A,Europe/Copenhagen\nt2,B,Pacific/Kiritimati\n",
    )
    land(
        tmp_path,
        "billing/quotas/q-2025-01-01.csv",
        "tenantId,period,credits,validFrom,validTo\n"
        "t1,month,10,,2025-02-01T00:00:00+01:00\n"
        "t1,month,20,2025-02-01T00:00:00+01:00,2025-02-10T12:00:00+01:00\n"
        "t1,quarter,30,2025-02-16T00:00:00+01:00,\n"
        "t1,year,40,2025-02-17,\n"
        "t2,day,50,,2025-02-16\n",
    )
    rows = [
        {"creditsConsumed": 1, "createdAt": "2025-01-31T22:59:59Z"},
        {"creditsConsumed": 2, "createdAt": "2025-02-09T22:59:59Z"},
        {"creditsConsumed": 4, "createdAt": "2025-02-09T23:00:00Z"},
        {"creditsConsumed": 8, "createdAt": "2025-02-15T09:00:00Z", "tenantId": "t2"},
        {"creditsConsumed": 0, "createdAt": "2025-02-15T12:00:00Z", "tenantId": "t3"},
    ]
    usual = {"kind": "document", "tenantId": "t1"}
    land(tmp_path, "usage_records/a.jsonl", [{**usual, **row} for row in rows])
    home = compute(tmp_path, NOW)
    found = consumption(home.fact, read_billing(tmp_path / "landing").quotas, home.dim_tenants)
    assert {(key.tenant_id, key.period, key.period_start.isoformat()): row for key, row in found.items()}.keys() == {
        ("t1", "month", "2025-01-01"),
        ("t1", "month", "2025-02-01"),
        ("t2", "day", "2025-02-15"),
    }
    january = found[QuotaKey("t1", None, None, "month", JANUARY)]
    assert (january.allowance, january.used, january.last_day) == (10, 1, date(2025, 1, 31))
    # It ended at noon of the 10th: the 9th is the last day at whose end it was in force.
    february = found[QuotaKey("t1", None, None, "month", FEBRUARY)]
    assert (february.allowance, february.used, february.is_current) == (20, 2, False)
    assert (february.last_day, february.as_of_date) == (date(2025, 2, 9), date(2025, 2, 15))
    # At the latest operation it is two o'clock of the 16th in Kiritimati, where the quota has ended by then.
    day = found[QuotaKey("t2", None, None, "day", date(2025, 2, 15))]
    assert (day.used, day.is_current, day.as_of_date) == (8, False, date(2025, 2, 16))


def test_ranking(tmp_path: Path) -> None:
    facts = facts_of(
        tmp_path,
        {"creditsConsumed": 5, "tenantId": "a"},
        {"creditsConsumed": 3, "tenantId": "b"},
        {"creditsConsumed": 1, "tenantId": "c"},
        {"creditsConsumed": 1, "tenantId": "d"},
        {"creditsConsumed": 9, "tenantId": "b", "createdAt": "2025-01-10"},
    )
    found = ranking(facts)
    places = [found["month", FEBRUARY, "tenant", tenant] for tenant in "abcd"]
    assert [place.rank for place in places] == [1, 2, 3, 3]
    assert [place.cumulative_share for place in places] == [*map(Decimal, ("0.5", "0.8", "0.9", "1"))]
    assert [place.is_in_top for place in places] == [True, True, False, False]
    assert (places[1].before, places[1].change, places[1].in_top, places[1].entities) == (9, -6, 2, 4)
