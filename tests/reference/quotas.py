"""How much of each quota is used in each of its periods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal

from .billing_files import Quota
from .charges import Figures, figures
from .facts import Fact
from .periods import period_end, period_start, periods_between
from .records import PLACES

_CONTEXT = Context(prec=120)
_TRAILING_DAYS = 7


@dataclass(frozen=True)
class QuotaKey:
    """What a quota is for, and which period."""

    tenant_id: str | None
    user_id: str | None
    kind: str | None
    period: str
    period_start: date


@dataclass(frozen=True)
class Consumption:
    """A quota in one period; the last two only of the period that the latest usage lies in."""

    period_end: date
    is_current: bool
    allowance: Decimal
    warn_at: Decimal
    used: Decimal
    estimated: Decimal
    read: Decimal
    fallback: Decimal
    remaining: Decimal
    share: Decimal | None
    status: str
    credits_per_day: Decimal | None
    projected: Decimal | None


def ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    """A share at 9 places, rounded half-up; None where the whole is 0."""
    return None if whole == 0 else _CONTEXT.divide(part, whole).quantize(PLACES, ROUND_HALF_UP, _CONTEXT)


def consumption(facts: list[Fact], quotas: list[Quota]) -> dict[QuotaKey, Consumption]:
    """Every quota in every period from the first one in which it is used; the current period in any case."""
    if not facts:
        return {}
    found: dict[QuotaKey, Consumption] = {}
    first, as_of = min(f.reporting_date for f in facts), max(f.reporting_date for f in facts)
    for quota in sorted(quotas, key=lambda q: q.valid_from):
        used = [fact for fact in facts if _concerns(quota, fact)]
        first_used = min((period_start(quota.period, fact.reporting_date) for fact in used), default=None)
        for start in periods_between(quota.period, first, as_of):
            end = period_end(quota.period, start)
            is_current = end > as_of
            is_known = is_current or (first_used is not None and start >= first_used)
            if is_known and _overlaps(quota, start, end):
                key = QuotaKey(quota.tenant_id, quota.user_id, quota.kind, quota.period, start)
                found[key] = _consumed(quota, used, start, end, as_of)
    return found


def _concerns(quota: Quota, fact: Fact) -> bool:
    asked = ((quota.tenant_id, fact.tenant_id), (quota.user_id, fact.user_id), (quota.kind, fact.kind))
    return all(wanted in (None, there) for wanted, there in asked)


def _overlaps(quota: Quota, start: date, end: date) -> bool:
    begins, ends = datetime.combine(start, time()), datetime.combine(end, time())
    return quota.valid_from < ends and (quota.valid_to is None or quota.valid_to > begins)


def _consumed(quota: Quota, facts: list[Fact], start: date, end: date, as_of: date) -> Consumption:
    used = sum((figures(fact) for fact in facts if start <= fact.reporting_date < end), Figures())
    is_current = end > as_of
    since = as_of - timedelta(days=_TRAILING_DAYS)
    trailing = sum((fact.credits for fact in facts if since < fact.reporting_date <= as_of), Decimal(0))
    per_day = ratio(trailing, Decimal(_TRAILING_DAYS)) if is_current else None
    days_left = (end - as_of).days - 1
    return Consumption(
        *(end, is_current, quota.allowance, quota.warn_at),
        *(used.credits, used.estimated, used.read, used.fallback),
        remaining=quota.allowance - used.credits,
        share=ratio(used.credits, quota.allowance),
        status=_status(quota, used.credits),
        credits_per_day=per_day,
        projected=None if per_day is None else used.credits + per_day * days_left,
    )


def _status(quota: Quota, used: Decimal) -> str:
    if used > quota.allowance:
        return "over"
    return "warn" if quota.allowance > 0 and used >= _CONTEXT.multiply(quota.warn_at, quota.allowance) else "ok"
