"""The rarer forms: the same kind of operations, with one file for each form."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from ingest.sample import shapes
from ingest.sample.landing_files import LandingFiles
from ingest.sample.operations import ESTIMATE, FINAL, KINDS, STREAM, draw_operations
from ingest.sample.plan import InteractionPlan
from ingest.sample.world import World

_LINE_SHAPES: tuple[tuple[str, Callable[[int, str], str]], ...] = (
    ("logged-responses.jsonl", shapes.responses_sql),
    ("socket-messages.jsonl", shapes.sockets_sql),
    ("snake-case.jsonl", partial(shapes.lines_sql, snake_case=True)),
)
_TABLE_SHAPES: tuple[tuple[str, Callable[[int, str], str]], ...] = (
    ("five-fields.csv", shapes.five_fields_sql),
    ("canonical.csv", shapes.table_sql),
    ("snake-case.csv.gz", shapes.snake_case_sql),
    ("canonical.parquet", shapes.table_sql),
    ("snake-case.parquet", shapes.snake_case_sql),
    ("canonical.jsonl.zst", shapes.table_sql),
)
_RESPONSES, _SOCKETS, _ANY_KIND = 0, 1, 2


def variant_count(records: int) -> int:
    """How many of this number of records are written in the rarer forms: a fifth, up to a limit."""
    return min(60_000, records // 5)


def write_variants(files: LandingFiles, world: World, plan: InteractionPlan, rng: np.random.Generator) -> None:
    """One file for each form, with about as many of the plan's operations each."""
    rows = draw_operations(world, plan, 0, len(plan.start_ms), rng, reported=True)
    shape = _choose_shapes(rows)
    words = shapes.with_words(world, rows.assign(status=_socket_statuses(rows, shape)))
    for number, (name, sql) in enumerate(_LINE_SHAPES):
        lines = files.query_lines(words.loc[shape == number], sql(world.seed, plan.label))
        files.usage_lines(f"variants/{name}", lines)
    for number, (name, sql) in enumerate(_TABLE_SHAPES, start=len(_LINE_SHAPES)):
        files.usage_table(f"variants/{name}", words.loc[shape == number], sql(world.seed, plan.label))


def _choose_shapes(rows: pd.DataFrame) -> np.ndarray:
    """The forms in turn; but only kinds with a response body or a socket are written as one."""
    kind = rows["kind"].to_numpy()
    shape = np.arange(len(rows)) % (len(_LINE_SHAPES) + len(_TABLE_SHAPES))
    with_response = np.isin(kind, [KINDS.index(name) for name in shapes.RESPONSE_KINDS])
    shape = np.where((shape == _RESPONSES) & ~with_response, _ANY_KIND, shape)
    return np.where((shape == _SOCKETS) & (kind != STREAM), _ANY_KIND, shape)


def _socket_statuses(rows: pd.DataFrame, shape: np.ndarray) -> np.ndarray:
    """One socket in eight broke off and left only its last running total."""
    return np.where((shape == _SOCKETS) & (rows["operation"] % 8 == 0), ESTIMATE, FINAL)
