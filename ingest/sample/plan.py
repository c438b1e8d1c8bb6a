"""The interactions of the sample: when each began, its owner, and which inputs name the owner."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ingest.sample.timeline import Window, draw_starts, draw_times_of_day, to_ms
from ingest.sample.world import World

SHOWS_NOBODY, SHOWS_USER, SHOWS_BOTH, NEVER_MAPPED = range(4)
"""What an interaction's own records say about their owner."""

NOT_EXPORTED, EXPORTED, EXPORTED_LATE = range(3)
"""Whether and when the interactions export maps an interaction."""

_OWNERSHIP_SHARES = (0.72, 0.13, 0.11, 0.04)
_BUSY_TENANT = 2


@dataclass(frozen=True)
class InteractionPlan:
    """Interactions in the order of their start, one array element each.

    `label` keeps the ids of several plans apart. `first_operation` has one element more than there are
    interactions: the operations of interaction `i` are numbered from element `i` up to element `i + 1`.
    """

    label: str
    start_ms: NDArray[np.int64]
    user: NDArray[np.int64]
    tenant: NDArray[np.int64]
    ownership: NDArray[np.int64]
    export: NDArray[np.int64]
    busy: NDArray[np.bool_]
    first_operation: NDArray[np.int64]

    @property
    def operations(self) -> int:
        """The number of operations of all interactions."""
        return int(self.first_operation[-1])

    def cuts(self, parts: int) -> list[tuple[int, int]]:
        """Ranges of interactions with about as many operations each."""
        targets = [self.operations * part // parts for part in range(parts + 1)]
        edges = np.searchsorted(self.first_operation, targets)
        return [(int(begin), int(end)) for begin, end in pairwise(edges)]


def draw_plan(
    label: str,
    world: World,
    window: Window,
    operations: int,
    rng: np.random.Generator,
    *,
    busy_day: bool = False,
) -> InteractionPlan:
    """Interactions of three to six operations, exactly this number of operations in all."""
    first_operation = _draw_sizes(rng, operations)
    count = len(first_operation) - 1
    user = rng.choice(len(world.user_ids), size=count, p=world.user_weights)
    start = draw_starts(rng, window, world.home_offset_ms[user])
    busy = rng.random(count) < (0.02 if busy_day else 0.0)
    candidates = np.flatnonzero((world.membership == _BUSY_TENANT).all(axis=0))
    user = np.where(busy, rng.choice(candidates, size=count), user)
    busy_start = to_ms(window.busy_day) + draw_times_of_day(rng, count) - world.home_offset_ms[user]
    start = np.where(busy, busy_start, start)
    away = (world.tenant_at(user, start) < 0) & (rng.random(count) < 0.9)
    user = np.where(away, rng.choice(world.permanent, size=count), user)
    ownership = rng.choice(4, size=count, p=_OWNERSHIP_SHARES)
    order = np.argsort(start, kind="stable")
    start, user, busy = start[order], user[order], busy[order]
    return InteractionPlan(
        label=label,
        start_ms=start,
        user=user,
        tenant=world.tenant_at(user, start),
        ownership=ownership,
        export=_draw_export(rng, ownership),
        busy=busy,
        first_operation=first_operation,
    )


def _draw_sizes(rng: np.random.Generator, operations: int) -> NDArray[np.int64]:
    edges = np.cumsum(rng.integers(3, 7, size=operations // 3 + 1))
    edges = np.append(edges[edges < operations], operations)
    return np.concatenate([np.zeros(1, dtype=np.int64), edges])


def _draw_export(rng: np.random.Generator, ownership: NDArray[np.int64]) -> NDArray[np.int64]:
    """Which interactions are mapped: nearly all that need it, half of those that name their user, a third of those that
    name both.
    """
    share = np.array([1.0, 0.5, 0.33, 0.0])[ownership]
    exported = rng.random(len(ownership)) < share
    late = rng.random(len(ownership)) < 0.06
    return np.where(exported, np.where(late, EXPORTED_LATE, EXPORTED), NOT_EXPORTED)
