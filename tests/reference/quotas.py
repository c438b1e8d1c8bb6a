"""How much of each quota is used in each of its periods."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal

from .billing_files import Quota
from .charges import Figures, figures
from .facts import Fact
from .mappings import Window
from .periods import ROLLING, period_end, periods_between
from .quota_days import quota_days
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
    """A quota in one period, with the use until its last day; the last two only if it is in force today."""

    period_end: date
    last_day: date
    is_current: bool
    as_of_date: date
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
    """A share with 9 places, rounded half up; None if the whole is 0."""
    return None if whole == 0 else _CONTEXT.divide(part, whole).quantize(PLACES, ROUND_HALF_UP, _CONTEXT)


def consumption(facts: list[Fact], quotas: list[Quota], tenants: list[Window]) -> dict[QuotaKey, Consumption]:
    """Every quota in every period in which it held, from the first one with usage; the current one in any case."""
    if not facts:
        return {}
    found: dict[QuotaKey, Consumption] = {}
    windows: dict[tuple[str | None, str | None, str | None, str], list[Quota]] = defaultdict(list)
    for quota in quotas:
        windows[quota.tenant_id, quota.user_id, quota.kind, quota.period].append(quota)
    for name, of_quota in windows.items():
        used = [fact for fact in facts if _concerns(of_quota[0], fact)]
        days = quota_days(of_quota, facts, used, tenants)
        first_used = min((fact.reporting_date for fact in used), default=days.today)
        for start in periods_between(name[3], first_used, days.today):
            end = period_end(name[3], start)
            last = end - timedelta(days=1)
            is_rolling = name[3] in ROLLING
            held = days.last_in_force(last if is_rolling else start, last)
            if is_rolling and last != days.today and not any(fact.reporting_date == last for fact in used):
                continue
            if held and (used or held[0] == days.today):
                found[QuotaKey(*name, start)] = _consumed(held[1], used, start, end, held[0], days.today)
    return found


def _concerns(quota: Quota, fact: Fact) -> bool:
    asked = ((quota.tenant_id, fact.tenant_id), (quota.user_id, fact.user_id), (quota.kind, fact.kind))
    return all(wanted in (None, there) for wanted, there in asked)


def _consumed(quota: Quota, facts: list[Fact], start: date, end: date, last_day: date, as_of: date) -> Consumption:
    used = sum((figures(fact) for fact in facts if start <= fact.reporting_date <= last_day), Figures())
    is_current = last_day == as_of
    since = as_of - timedelta(days=_TRAILING_DAYS)
    trailing = sum((fact.credits for fact in facts if since < fact.reporting_date <= as_of), Decimal(0))
    per_day = ratio(trailing, Decimal(_TRAILING_DAYS)) if is_current else None
    days_left = (end - as_of).days - 1
    return Consumption(
        *(end, last_day, is_current, as_of, quota.allowance, quota.warn_at),
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
