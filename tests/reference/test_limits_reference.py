"""The reference of quotas and rankings, on examples small enough to work out by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from .billing_files import read_billing
from .quotas import QuotaKey, consumption
from .ranking import ranking
from .test_money_reference import FEBRUARY, JANUARY, facts_of
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
    found = consumption(facts, read_billing(tmp_path / "landing").quotas)
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
