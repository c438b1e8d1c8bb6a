"""Totals that Corti reported, each with the facts in its window and cut."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from .facts import Fact
from .files import Row
from .mappings import read_exports
from .records import PLACES, parse_credits, parse_time, text

Total = tuple[datetime, datetime, str | None, str | None, str | None, str | None]
"""First and last instant, user, tenant, environment, Corti tenant; None if it is not limited to one."""

_CUTS = (("userId", "user_id"), ("tenantId", "tenant_id"), ("environment",), ("cortiTenant", "corti_tenant"))
_TOLERANCE = Decimal("0.001")


def reconciled(folder: Path, facts: list[Fact]) -> dict[Total, tuple[Decimal, Decimal, int, str]]:
    """For each total Corti's credits, the credits and number of the facts, and the result."""
    said: dict[Total, Decimal] = {}
    for _, table in read_exports(folder):
        for _, row in table.rows:
            if row is not None and (read := _total(row)) is not None:
                said[read[0]] = read[1]
    return {total: _beside(theirs, _within(total, facts)) for total, theirs in said.items()}


def _total(row: Row) -> tuple[Total, Decimal] | None:
    credits = parse_credits(text(row, "credits"))
    first, last = (parse_time(text(row, name)) for name in ("from", "to"))
    if credits is None or first is None or last is None or last < first:
        return None
    user, tenant, environment, corti_tenant = (text(row, *names) for names in _CUTS)
    return (first, last, user, tenant, environment, corti_tenant), credits.quantize(PLACES, ROUND_HALF_UP)


def _within(total: Total, facts: list[Fact]) -> list[Fact]:
    first, last, user, tenant, environment, corti_tenant = total
    return [
        fact
        for fact in facts
        if first <= fact.occurred_at <= last
        and user in (None, fact.user_id)
        and tenant in (None, fact.tenant_id)
        and (None in (environment, fact.environment) or environment == fact.environment)
        and (None in (corti_tenant, fact.corti_tenant) or corti_tenant == fact.corti_tenant)
    ]


def _beside(theirs: Decimal, facts: list[Fact]) -> tuple[Decimal, Decimal, int, str]:
    ours = sum((fact.credits for fact in facts), Decimal(0))
    if not facts and theirs > 0:
        status = "no records"
    elif abs(ours - theirs) <= theirs * _TOLERANCE:
        status = "matched"
    else:
        status = "over" if ours > theirs else "under"
    return theirs, ours, len(facts), status
