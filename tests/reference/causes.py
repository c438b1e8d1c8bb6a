"""Why our sum of credits differs from Corti's: the causes of a window, one operation after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

CAUSES: tuple[str, ...] = (
    "not captured",
    "unreported",
    "double",
    "derived",
    "estimated",
    "outside the window",
    "unexplained",
)
EDGE = timedelta(hours=1)
ZERO = Decimal(0)


@dataclass(frozen=True)
class Operation:
    """What matters of an operation here. `is_second` says whether it looks like a retry of another one."""

    kind: str
    user_id: str
    at: datetime
    credits: Decimal
    is_unreported: bool = False
    is_derived: bool = False
    is_estimate: bool = False
    is_second: bool = False


@dataclass(frozen=True)
class Missing:
    """A resource that Corti lists and nobody captured."""

    kind: str
    user_id: str
    at: datetime


@dataclass(frozen=True)
class Total:
    """Corti's sum of a window, both ends included; of one user, or of all."""

    start: datetime
    end: datetime
    credits: Decimal
    user_id: str | None

    def is_about(self, one: Operation | Missing) -> bool:
        """Whether it is limited to another user."""
        return self.user_id in (None, one.user_id)


def averages(operations: Sequence[Operation]) -> dict[str, Decimal]:
    """The average credits of each kind's operations with a figure, to 9 places, half up."""
    found: dict[str, Decimal] = {}
    for kind in {one.kind for one in operations if not one.is_unreported}:
        figures = [int(one.credits * 10**9) for one in operations if one.kind == kind and not one.is_unreported]
        found[kind] = Decimal((2 * sum(figures) + len(figures)) // (2 * len(figures))).scaleb(-9)
    return found


def causes(total: Total, operations: Sequence[Operation], missing: Sequence[Missing]) -> dict[str, Decimal] | None:
    """What each cause explains of the difference, with its sign; None if there is no difference."""
    average = averages(operations)
    concerned = [one for one in operations if total.is_about(one)]
    ours = sum((one.credits for one in concerned if total.start <= one.at <= total.end), ZERO)
    gap = ours - total.credits
    if not gap:
        return None
    at_stake = dict.fromkeys(CAUSES, ZERO)
    for one in concerned:
        if cause := _cause(total, one, is_larger=gap > 0):
            at_stake[cause] += average.get(one.kind, ZERO) if one.is_unreported else one.credits
    if gap < 0:
        listed = (one for one in missing if total.is_about(one) and total.start <= one.at <= total.end)
        at_stake["not captured"] = sum((average.get(one.kind, ZERO) for one in listed), ZERO)
    return _explained(gap, at_stake)


def _cause(total: Total, one: Operation, *, is_larger: bool) -> str | None:
    if not total.start <= one.at <= total.end:
        is_near = total.start - EDGE <= one.at <= total.end + EDGE
        return "outside the window" if is_near and not is_larger else None
    if one.is_unreported:
        return None if is_larger else "unreported"
    if one.is_second and is_larger:
        return "double"
    if one.is_derived:
        return "derived"
    if one.is_estimate:
        return "estimated"
    is_near = one.at < total.start + EDGE or one.at > total.end - EDGE
    return "outside the window" if is_near and is_larger else None


def _explained(gap: Decimal, at_stake: Mapping[str, Decimal]) -> dict[str, Decimal]:
    left = abs(gap)
    found: dict[str, Decimal] = {}
    for cause in CAUSES:
        part = left if cause == "unexplained" else min(left, at_stake[cause])
        found[cause] = part if gap > 0 else -part
        left -= part
    return found
