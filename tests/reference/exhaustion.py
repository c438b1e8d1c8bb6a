"""When the allowance of a current period is reached: at the present pace, at a fast one and at a slow one."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from .billing_files import Quota
from .facts import Fact
from .mappings import Window
from .periods import ROLLING
from .quotas import Consumption, QuotaKey, consumption, ratio
from .records import PLACES

_SIGHT = 400
_WEEKS = 28
_FAST, _SLOW = 22, 5
"""Places of the 80th and the 20th percentile of 28, counted from 0."""

Dates = tuple[date | None, date | None, date | None]


def exhaustion(facts: list[Fact], quotas: list[Quota], tenants: list[Window]) -> dict[QuotaKey, Dates]:
    """The three dates of every quota and period; of past ones there are none."""
    found: dict[QuotaKey, Dates] = {}
    for key, row in consumption(facts, quotas, tenants).items():
        if not row.is_current:
            found[key] = (None, None, None)
            continue
        used = _used(facts, key)
        weeks = [_week(used, row.as_of_date - timedelta(back)) for back in range(_WEEKS)]
        ranked = sorted(weeks)
        paces = (weeks[0], max(weeks[0], ranked[_FAST]), min(weeks[0], ranked[_SLOW]))
        if key.period in ROLLING:
            present, fast, slow = (_reached_ahead(used, ROLLING[key.period], row, pace) for pace in paces)
        else:
            reached = _reached(used, key.period_start, row.allowance)
            present, fast, slow = (
                reached or _projected(row.allowance - row.used, pace, row.as_of_date) for pace in paces
            )
        found[key] = (present, fast, slow)
    return found


def _used(facts: list[Fact], key: QuotaKey) -> dict[date, Decimal]:
    used: dict[date, Decimal] = defaultdict(Decimal)
    for fact in facts:
        asked = ((key.tenant_id, fact.tenant_id), (key.user_id, fact.user_id), (key.kind, fact.kind))
        if all(wanted in (None, there) for wanted, there in asked):
            used[fact.reporting_date] += fact.credits
    return used


def _week(used: dict[date, Decimal], last: date) -> Decimal:
    return sum((used.get(last - timedelta(back), Decimal(0)) for back in range(7)), Decimal(0))


def _reached(used: dict[date, Decimal], since: date, allowance: Decimal) -> date | None:
    total = Decimal(0)
    for day in sorted(day for day in used if day >= since):
        total += used[day]
        if total > 0 and total >= allowance:
            return day
    return None


def _reached_ahead(used: dict[date, Decimal], length: int, now: Consumption, week: Decimal) -> date | None:
    """The first day, from now on, whose rolling period reaches the allowance at a pace."""
    pace = ratio(week, Decimal(7)) or Decimal(0)
    for ahead in range(length + 1):
        days = (now.as_of_date - timedelta(back) for back in range(length - ahead))
        level = sum((used.get(day, Decimal(0)) for day in days), Decimal(0)) + pace * ahead
        if level >= max(now.allowance, PLACES):
            return now.as_of_date + timedelta(ahead)
    return None


def _projected(left: Decimal, week: Decimal, as_of: date) -> date | None:
    pace = ratio(week, Decimal(7)) or Decimal(0)
    days = (days for days in range(1, _SIGHT + 1) if pace * days >= max(left, PLACES))
    return next((as_of + timedelta(day) for day in days), None)
