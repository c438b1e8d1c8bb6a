"""Days on which a user or customer used far more than on that weekday before, by the default settings."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from statistics import median

from .facts import UNMAPPED, Fact
from .quotas import ratio
from .records import PLACES


def unusual_days(facts: list[Fact]) -> set[tuple[str, str, date, Decimal, Decimal]]:
    """Scope, subject, day, its credits, and what it had to exceed."""
    as_of = max((fact.reporting_date for fact in facts), default=date.min)
    of_all: dict[date, Decimal] = defaultdict(Decimal)
    used: dict[tuple[str, str], dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for fact in facts:
        of_all[fact.reporting_date] += fact.credits
        used["tenant", fact.tenant_id][fact.reporting_date] += fact.credits
        used["user", fact.user_id][fact.reporting_date] += fact.credits
    found = set()
    for (scope, subject), days in used.items():
        for day, credits in days.items():
            floor = max(Decimal(20), of_all[day] * Decimal("0.01"))
            usual = _most_usual(days, day)
            is_late = as_of - timedelta(92) < day
            if subject != UNMAPPED and is_late and usual is not None and credits > max(floor, usual):
                found.add((scope, subject, day, credits, _rounded(max(floor, usual))))
    return found


def _most_usual(days: dict[date, Decimal], day: date) -> Decimal | None:
    weekdays = [day - timedelta(7 * week) for week in range(1, 13)]
    earlier = [days.get(weekday, Decimal(0)) for weekday in weekdays if weekday >= min(days)]
    if len(earlier) < 6:
        return None
    middle = _rounded(median(earlier))
    deviation = max(_rounded(median(abs(day_before - middle) for day_before in earlier)), middle / 10)
    robust = ratio(_rounded(Decimal("3.5") * deviation), Decimal("0.6745")) or Decimal(0)
    return max(3 * middle, middle + robust)


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(PLACES, ROUND_HALF_UP)
