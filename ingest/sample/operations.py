"""The billable operations of a range of interactions, one row each, drawn by column."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest.sample.plan import SHOWS_BOTH, SHOWS_USER, InteractionPlan
from ingest.sample.timeline import MINUTE_MS
from ingest.sample.world import World

KINDS = (
    "stream", "transcribe", "transcript", "document", "guided_document", "facts", "codes", "agent_task",
    "letter",
)  # fmt: skip
"""Every known kind, and one that is not known."""
STREAM, TRANSCRIBE, TRANSCRIPT, DOCUMENT, GUIDED, FACTS, CODES, AGENT_TASK, LETTER = range(9)

FINAL, PROVISIONAL, ESTIMATE, UNREPORTED = range(4)
STATUSES = ("final", "provisional", "estimate", "unreported")
CREATED, READ = range(2)
SOURCES = ("created", "read")

CREDIT_UNIT = 100_000
"""Credits are drawn as whole numbers of this many parts."""

_KIND_SHARES = np.array(
    [
        [0.62, 0.08, 0.30, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00],
        [0.00, 0.00, 0.45, 0.35, 0.00, 0.20, 0.00, 0.00, 0.00],
        [0.00, 0.00, 0.00, 0.24, 0.21, 0.26, 0.17, 0.10, 0.02],
    ]
)
"""Shares of the kinds for the first, the second and every further operation of an interaction."""
_MEDIAN_CREDITS = np.array([0.9, 0.2, 0.35, 0.42, 0.9, 0.07, 0.021, 0.16, 0.11])
_SPREAD = np.array([0.6, 0.5, 0.5, 0.4, 0.35, 0.35, 0.3, 0.6, 0.4])
_RETURNS_ID = np.isin(np.arange(9), [TRANSCRIPT, DOCUMENT, GUIDED, AGENT_TASK])
_HAS_CREATED_AT = np.isin(np.arange(9), [DOCUMENT, GUIDED, AGENT_TASK, LETTER])


def draw_operations(
    world: World,
    plan: InteractionPlan,
    begin: int,
    end: int,
    rng: np.random.Generator,
    *,
    reported: bool = False,
) -> pd.DataFrame:
    """Operations of the interactions from `begin` up to `end`, numbers throughout, -1 for none.

    `owner_user` and `owner_tenant` are the true owners, `user` and `tenant` those in the record. With `reported` every
    operation has its final credits.
    """
    sizes = np.diff(plan.first_operation[begin : end + 1])
    interaction = np.repeat(np.arange(begin, end), sizes)
    operation = np.arange(plan.first_operation[begin], plan.first_operation[end])
    count = len(operation)
    position = operation - plan.first_operation[interaction]
    kind = _draw_kinds(rng, position)
    credits = _draw_credits(rng, kind) * np.where(plan.busy[interaction], 2, 1)
    status = np.zeros(count, dtype=np.int64) if reported else _draw_statuses(rng, kind)
    minutes = (6 + 9 * position) * MINUTE_MS + rng.integers(0, 8 * MINUTE_MS, count)
    captured = plan.start_ms[interaction] + minutes
    created = (captured - rng.integers(150, 2500, count)) // 1000 * 1000
    loose = (kind == TRANSCRIBE) | ((kind == AGENT_TASK) & (rng.random(count) < 0.4))
    ownership = plan.ownership[interaction]
    shows_user = np.isin(ownership, [SHOWS_USER, SHOWS_BOTH]) | (loose & (rng.random(count) < 0.85))
    owner_user, owner_tenant = plan.user[interaction], plan.tenant[interaction]
    tokens = np.where(kind == AGENT_TASK, rng.integers(800, 30_000, count), -1)
    return pd.DataFrame(
        {
            "operation": operation,
            "record": operation,
            "interaction": np.where(loose, -1, interaction),
            "kind": kind,
            "returns_id": _RETURNS_ID[kind],
            "status": status,
            "source": np.zeros(count, dtype=np.int64),
            "credits": np.where(status == UNREPORTED, -1, credits),
            "created_ms": np.where(_HAS_CREATED_AT[kind] & (status == FINAL), created, -1),
            "captured_ms": captured,
            "region": world.region[owner_tenant],
            "owner_user": owner_user,
            "owner_tenant": owner_tenant,
            "user": np.where(shows_user, owner_user, -1),
            "tenant": np.where(ownership == SHOWS_BOTH, owner_tenant, -1),
            "input_tokens": tokens,
            "output_tokens": np.where(tokens >= 0, tokens // 8 + rng.integers(5, 400, count), -1),
        }
    )


def _draw_kinds(rng: np.random.Generator, position: NDArray[np.int64]) -> NDArray[np.int64]:
    limits = np.cumsum(_KIND_SHARES, axis=1)[np.minimum(position, 2)]
    drawn = (rng.random(len(position))[:, None] >= limits).sum(axis=1)
    return np.minimum(drawn, len(KINDS) - 1)


def _draw_credits(rng: np.random.Generator, kind: NDArray[np.int64]) -> NDArray[np.int64]:
    """Credits with four or five decimals, from a hundredth up to three."""
    credits = np.exp(np.log(_MEDIAN_CREDITS[kind]) + _SPREAD[kind] * rng.standard_normal(len(kind)))
    parts = np.rint(np.clip(credits, 0.01, 3.0) * CREDIT_UNIT).astype(np.int64)
    return np.where(rng.random(len(kind)) < 0.5, parts // 10 * 10, parts)


def _draw_statuses(rng: np.random.Generator, kind: NDArray[np.int64]) -> NDArray[np.int64]:
    """A few calls whose usage was not reported, and a few sockets with only an estimate."""
    chance = rng.random(len(kind))
    socket = (kind == STREAM) | (kind == TRANSCRIBE)
    return np.where(chance < 0.002, UNREPORTED, np.where(socket & (chance < 0.008), ESTIMATE, FINAL))
