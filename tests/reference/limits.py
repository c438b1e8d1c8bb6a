"""Quotas, rankings and unusual days recomputed from daily credits, with `Decimal` and nothing of the project."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from statistics import median

Daily = Mapping[tuple[date, str, str, str], Decimal]
"""Credits by reporting date, tenant, user and kind."""
_PLACES = Decimal("0.000000001")
_SIGHT = 400
UNMAPPED = "(unmapped)"


@dataclass(frozen=True)
class Window:
    """What a quota says from an instant to another, in naive UTC."""

    begins: datetime
    ends: datetime | None
    allowance: Decimal
    warn_at: Decimal


@dataclass(frozen=True)
class Quota:
    """Whom and what it is for, and its windows."""

    tenant: str | None
    user: str | None
    kind: str | None
    period: str
    windows: tuple[Window, ...]

    def counts(self, tenant: str, user: str, kind: str) -> bool:
        return self.tenant in (None, tenant) and self.user in (None, user) and self.kind in (None, kind)


def period_start(period: str, day: date) -> date:
    """The first day of the calendar period that a day lies in."""
    if period == "day":
        return day
    month = {"month": day.month, "quarter": (day.month - 1) // 3 * 3 + 1, "year": 1}[period]
    return date(day.year, month, 1)


def period_end(period: str, start: date) -> date:
    """The day after a period's last."""
    if period == "day":
        return start + timedelta(1)
    months = start.year * 12 + start.month - 1 + {"month": 1, "quarter": 3, "year": 12}[period]
    return date(months // 12, months % 12 + 1, 1)


def shared(part: Fraction | Decimal, whole: Fraction | Decimal | int) -> Decimal | None:
    """A ratio, half-up to 9 places; None of nothing."""
    if not whole:
        return None
    ratio = Fraction(part) / Fraction(whole)
    units = (ratio * 10**9 * 2 + 1) // 2
    return Decimal(units).scaleb(-9).quantize(_PLACES)


def consumption(daily: Daily, quotas: Sequence[Quota]) -> list[tuple[object, ...]]:
    """Rows of each quota and period: subject, kind, period, start, allowance, used, share, status, and for a current
    one the pace, what it comes to, and when the allowance is reached at the present, a fast and a slow pace.
    """
    as_of = max(day for day, *_ in daily)
    rows = []
    for quota in quotas:
        used: dict[date, Decimal] = defaultdict(Decimal)
        for (day, *subject), credits in daily.items():
            if quota.counts(*subject):
                used[day] += credits
        for start in _starts(quota, min(used, default=as_of), as_of):
            rows.append(_row(quota, start, used, as_of))
    return rows


def _starts(quota: Quota, first: date, as_of: date) -> Iterator[date]:
    start = period_start(quota.period, first)
    while start <= as_of:
        yield start
        start = period_end(quota.period, start)


def _row(quota: Quota, start: date, used: Mapping[date, Decimal], as_of: date) -> tuple[object, ...]:
    end = period_end(quota.period, start)
    midnight, next_midnight = datetime.combine(start, datetime.min.time()), datetime.combine(end, datetime.min.time())
    held = [
        window
        for window in quota.windows
        if window.begins < next_midnight and (window.ends is None or window.ends > midnight)
    ]
    if not held:
        return ()
    window = max(held, key=lambda each: each.begins)
    allowance = window.allowance
    total, reached = Decimal(0), None
    for day in sorted(day for day in used if start <= day < end):
        total += used[day]
        if reached is None and total > 0 and total >= allowance:
            reached = day
    near = allowance > 0 and total >= window.warn_at * allowance
    status = "over" if total > allowance else "warn" if near else "ok"
    row = (
        quota.tenant,
        quota.user,
        quota.kind,
        quota.period,
        start,
        allowance,
        total,
        shared(total, allowance),
        status,
    )
    if end <= as_of:
        return (*row, None, None, None, None, None)
    weeks = [_week(used, as_of - timedelta(back)) for back in range(28)]
    ranked = sorted(weeks)
    paces = [weeks[0], max(weeks[0], ranked[22]), min(weeks[0], ranked[5])]
    daily_paces = [shared(pace, 7) or Decimal(0) for pace in paces]
    projected = total + daily_paces[0] * ((end - as_of).days - 1)
    dates = [reached or _reached(allowance - total, pace, as_of) for pace in daily_paces]
    return (*row, daily_paces[0], projected, *dates)


def _week(used: Mapping[date, Decimal], last: date) -> Decimal:
    return sum((used.get(last - timedelta(back), Decimal(0)) for back in range(7)), Decimal(0))


def _reached(left: Decimal, pace: Decimal, as_of: date) -> date | None:
    return next((as_of + timedelta(days) for days in range(1, _SIGHT + 1) if pace * days >= max(left, _PLACES)), None)


def ranking(daily: Daily) -> dict[tuple[object, ...], tuple[object, ...]]:
    """By period, start, kind of entity and entity: credits, share, change, rank, cumulative share, whether it is one of
    the fewest who have four fifths, and how many these are.
    """
    sums: dict[tuple[str, date, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for (day, tenant, user, _), credits in daily.items():
        for period in ("month", "quarter", "year"):
            for entity_type, entity in (("user", user), ("tenant", tenant)):
                sums[period, period_start(period, day), entity_type][entity] += credits
    rows = {}
    for (period, start, entity_type), entities in sums.items():
        before = sums.get((period, period_start(period, start - timedelta(1)), entity_type), {})
        everything = sum(entities.values(), Decimal(0))
        so_far, few = Decimal(0), 0
        placed = sorted(entities.items(), key=lambda item: (-item[1], item[0]))
        for entity, credits in placed:
            is_one = so_far < everything * Decimal("0.8")
            few += is_one
            so_far += credits
            rank = 1 + sum(other > credits for other in entities.values())
            change = credits - before.get(entity, Decimal(0))
            share, cumulative = shared(credits, everything), shared(so_far, everything)
            rows[period, start, entity_type, entity] = (credits, share, change, rank, cumulative, is_one)
        for entity, _ in placed:
            key = (period, start, entity_type, entity)
            rows[key] = (*rows[key], few)
    return rows


def unusual_days(daily: Daily) -> set[tuple[str, str, date, Decimal, Decimal]]:
    """Kind of subject, subject, day, its credits and what it had to exceed, by the default settings."""
    as_of = max(day for day, *_ in daily)
    all_credits: dict[date, Decimal] = defaultdict(Decimal)
    sums: dict[tuple[str, str], dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for (day, tenant, user, _), credits in daily.items():
        all_credits[day] += credits
        sums["tenant", tenant][day] += credits
        sums["user", user][day] += credits
    found = set()
    for (scope, subject), used in sums.items():
        for day, credits in used.items():
            floor = max(Decimal(20), all_credits[day] * Decimal("0.01"))
            if subject == UNMAPPED or credits <= floor or day <= as_of - timedelta(92):
                continue
            weekdays = [day - timedelta(7 * week) for week in range(1, 13)]
            earlier = [used.get(each, Decimal(0)) for each in weekdays if each >= min(used)]
            if len(earlier) < 6:
                continue
            middle = _places(median(earlier))
            deviation = max(_places(median(abs(each - middle) for each in earlier)), middle / 10)
            robust = middle + (shared(_places(Decimal("3.5") * deviation), Decimal("0.6745")) or Decimal(0))
            most = max(3 * middle, robust)
            if credits > most:
                found.add((scope, subject, day, credits, _places(max(most, floor))))
    return found


def _places(amount: Decimal) -> Decimal:
    return amount.quantize(_PLACES, ROUND_HALF_UP)
