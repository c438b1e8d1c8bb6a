"""The observations of the operations: one for each, and for some another one: earlier, different or repeated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ingest.sample.operations import FINAL, PROVISIONAL, READ, TRANSCRIPT
from ingest.sample.timeline import DAY_MS, MINUTE_MS

_PROVISIONAL_RECORDS = 10**12
_CORRECTING_RECORDS = 2 * 10**12


@dataclass(frozen=True)
class Observed:
    """Rows for this file in the order of capture, and rows that arrive in a later one."""

    now: pd.DataFrame
    later: pd.DataFrame


def observe(operations: pd.DataFrame, last_ms: int, rng: np.random.Generator) -> Observed:
    """All operations, provisional observations of some transcripts, and one in a hundred delivered again later.

    One in two hundred is corrected later: half of those by another figure, half by a read; half of the reads say 0.
    Nothing is captured after `last_ms`.
    """
    provisional = _provisional(operations, rng)
    corrections = _corrections(operations, last_ms, rng)
    repeated = pick(operations, len(operations) // 100, rng)
    now = pd.concat([operations, provisional], ignore_index=True)
    return Observed(
        now=now.sort_values(["captured_ms", "record"], kind="stable", ignore_index=True),
        later=pd.concat([repeated, corrections], ignore_index=True),
    )


def pick(rows: pd.DataFrame, count: int, rng: np.random.Generator) -> pd.DataFrame:
    """This number of the rows, or all if there are fewer, in their order."""
    chosen = rng.choice(len(rows), size=min(count, len(rows)), replace=False)
    return rows.iloc[np.sort(chosen)]


def _provisional(operations: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    transcripts = operations.loc[(operations["kind"] == TRANSCRIPT) & (operations["status"] == FINAL)]
    seen = pick(transcripts, len(operations) // 40, rng)
    partial = np.where(rng.random(len(seen)) < 0.6, 0, seen["credits"] // 20 * 10)
    earlier = rng.integers(30_000, 5 * MINUTE_MS, len(seen))
    return seen.assign(
        record=seen["record"] + _PROVISIONAL_RECORDS,
        status=PROVISIONAL,
        credits=partial,
        captured_ms=seen["captured_ms"] - earlier,
    )


def _corrections(operations: pd.DataFrame, last_ms: int, rng: np.random.Generator) -> pd.DataFrame:
    seen = pick(operations.loc[operations["status"] == FINAL], len(operations) // 200, rng)
    chance = rng.random(len(seen))
    other = seen["credits"] + rng.integers(-500, 900, len(seen)) * 2 + 1
    delay = rng.integers(3_600_000, 3 * DAY_MS, len(seen))
    return seen.assign(
        record=seen["record"] + _CORRECTING_RECORDS,
        source=np.where(chance < 0.5, READ, seen["source"]),
        credits=np.where(chance < 0.25, 0, other),
        captured_ms=np.minimum(seen["captured_ms"] + delay, last_ms),
    )
