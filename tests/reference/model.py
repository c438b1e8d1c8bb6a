"""A small second opinion on the warehouse: everything it publishes, computed in plain Python from the landed files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from .facts import Fact, Mappings, derive
from .files import read_table, ready_contents
from .mappings import TENANT_FIELDS, USER_FIELDS, Window, history, interaction_owners, named
from .records import PLACES, Observation, normalise
from .totals import Total, reconciled

MULTIPLE = "(multiple)"
NO_INTERACTION = "(none)"
K = TypeVar("K")
V = TypeVar("V")


@dataclass
class Usage:
    """What the landed usage files hold; files are named by their path below the folder of usage records."""

    accepted: list[Observation] = field(default_factory=list[Observation])
    lines: dict[str, int] = field(default_factory=dict[str, int])
    rejected: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    same_bytes: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Expected:
    """What the warehouse must hold. Of files with the same bytes the first by path is read.

    The others are in `same_bytes` (path -> path of the file that was read).
    """

    fact: list[Fact]
    daily: dict[tuple[date, str, str, str], tuple[Decimal, int, Decimal]]
    user_monthly: dict[tuple[date, str], tuple[Decimal, int]]
    tenant_monthly: dict[tuple[date, str], tuple[Decimal, int]]
    by_interaction: dict[str, tuple[Decimal, int, date, str, str]]
    dim_users: list[Window]
    dim_tenants: list[Window]
    lines: dict[str, int]
    rejected: dict[str, list[int]]
    same_bytes: dict[str, str]
    total_credits: Decimal
    rounded: int
    conflicts: set[str]
    reconciliation: dict[Total, tuple[Decimal, Decimal, int, str]]

    def settled(self) -> tuple[object, ...]:
        """The part that is the same however the inputs were split, ordered and repeated."""
        fact = sorted((replace(f, observations=0) for f in self.fact), key=repr)
        monthly = (self.user_monthly, self.tenant_monthly)
        dims = (self.dim_users, self.dim_tenants)
        return (fact, self.daily, *monthly, self.by_interaction, *dims, self.conflicts, self.reconciliation)


def compute(home: Path, now: datetime) -> Expected:
    """All that follows from the files below `home`, as of `now` (naive is UTC)."""
    landing = home / "landing"
    usage = read_usage(landing / "usage_records", now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now)
    mappings = Mappings(
        interaction_owners(landing / "mappings" / "interactions"),
        history(landing / "mappings" / "users", named("userId", "user_id"), USER_FIELDS, several=True),
        history(landing / "mappings" / "tenants", named("tenantId", "tenant_id"), TENANT_FIELDS),
    )
    operations = _grouped((o.operation_key, o) for o in usage.accepted)
    fact = [derive(observations, mappings) for observations in operations.values()]
    contents = _grouped((o.record_id, o) for o in usage.accepted if o.record_id)
    by_day = _grouped(((f.reporting_date, f.tenant_id, f.user_id, f.kind), f) for f in fact)
    return Expected(
        fact=sorted(fact, key=repr),
        daily={key: (*_totals(rows), _sum(f for f in rows if f.is_estimate)) for key, rows in by_day.items()},
        user_monthly=_monthly((f.user_id, f) for f in fact),
        tenant_monthly=_monthly((f.tenant_id, f) for f in fact),
        by_interaction=_by_interaction(fact),
        dim_users=mappings.users,
        dim_tenants=mappings.tenants,
        lines=usage.lines,
        rejected=usage.rejected,
        same_bytes=usage.same_bytes,
        total_credits=_sum(fact),
        rounded=sum(o.rounded for o in usage.accepted),
        conflicts={str(record) for record, seen in contents.items() if len(set(seen)) > 1},
        reconciliation=reconciled(landing / "provider" / "consumption", fact),
    )


def read_usage(folder: Path, now: datetime) -> Usage:
    """Every accepted line of the landed files, and what became of the others."""
    usage = Usage()
    first: dict[str, str] = {}
    for name, data in ready_contents(folder):
        original = first.setdefault(hashlib.sha256(data).hexdigest(), name)
        if original != name:
            usage.same_bytes[name] = original
            continue
        verdicts = [(n, row and normalise(row, now)) for n, row in read_table(name, data).rows]
        usage.lines[name] = len(verdicts)
        usage.rejected[name] = [number for number, verdict in verdicts if not verdict]
        usage.accepted += [verdict for _, verdict in verdicts if isinstance(verdict, Observation)]
    return usage


def _by_interaction(fact: list[Fact]) -> dict[str, tuple[Decimal, int, date, str, str]]:
    def only(values: set[str]) -> str:
        return values.pop() if len(values) == 1 else MULTIPLE

    return {
        key: (
            *_totals(rows),
            min(f.usage_date for f in rows),
            only({f.user_id for f in rows}),
            only({f.tenant_id for f in rows}),
        )
        for key, rows in _grouped((f.interaction_id or NO_INTERACTION, f) for f in fact).items()
    }


def _monthly(rows: Iterable[tuple[str, Fact]]) -> dict[tuple[date, str], tuple[Decimal, int]]:
    months = _grouped(((f.reporting_date.replace(day=1), key), f) for key, f in rows)
    return {key: _totals(facts) for key, facts in months.items()}


def _grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    groups: dict[K, list[V]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups


def _totals(fact: list[Fact]) -> tuple[Decimal, int]:
    return _sum(fact), len(fact)


def _sum(fact: Iterable[Fact]) -> Decimal:
    return sum((f.credits for f in fact), Decimal(0)).quantize(PLACES)
