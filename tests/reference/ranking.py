"""Who uses most, and how few make up most of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .charges import Figures, figures
from .facts import Fact
from .periods import MONTHS, months_later, period_start
from .quotas import ratio

_MOST = Decimal("0.8")


@dataclass(frozen=True)
class Place:
    """One user or tenant in one period."""

    credits: Decimal
    estimated: Decimal
    read: Decimal
    fallback: Decimal
    share: Decimal | None
    before: Decimal
    change: Decimal
    rank: int
    cumulative_share: Decimal | None
    is_in_top: bool
    in_top: int
    entities: int


PlaceKey = tuple[str, date, str, str]
"""Period, its start, entity type and entity."""


def ranking(facts: list[Fact]) -> dict[PlaceKey, Place]:
    """Every user and tenant in each month, quarter and year in which they used something."""
    found: dict[PlaceKey, Place] = {}
    for period in MONTHS:
        for entity_type in ("user", "tenant"):
            sums = _sums(facts, period, entity_type)
            for start in sums:
                before = sums.get(months_later(start, -MONTHS[period]), {})
                for entity, place in _places(sums[start], before):
                    found[period, start, entity_type, entity] = place
    return found


def _sums(facts: list[Fact], period: str, entity_type: str) -> dict[date, dict[str, Figures]]:
    sums: dict[date, dict[str, Figures]] = {}
    for fact in facts:
        of_period = sums.setdefault(period_start(period, fact.reporting_date), {})
        entity = fact.user_id if entity_type == "user" else fact.tenant_id
        of_period[entity] = of_period.get(entity, Figures()) + figures(fact)
    return sums


def _places(used: dict[str, Figures], before: dict[str, Figures]) -> Iterator[tuple[str, Place]]:
    total = sum((member.credits for member in used.values()), Decimal(0))
    order = sorted(used, key=lambda entity: (-used[entity].credits, entity))
    running, in_top = Decimal(0), set[str]()
    cumulative: dict[str, Decimal] = {}
    for entity in order:
        if running < _MOST * total:
            in_top.add(entity)
        running += used[entity].credits
        cumulative[entity] = running
    for entity in order:
        own = used[entity]
        earlier = before.get(entity, Figures()).credits
        yield (
            entity,
            Place(
                *(own.credits, own.estimated, own.read, own.fallback),
                share=ratio(own.credits, total),
                before=earlier,
                change=own.credits - earlier,
                rank=1 + sum(member.credits > own.credits for member in used.values()),
                cumulative_share=ratio(cumulative[entity], total),
                is_in_top=entity in in_top,
                in_top=len(in_top),
                entities=len(used),
            ),
        )
