"""Writes the whole sample: bulk records, rarer forms, special cases, mappings, billing inputs and Corti's totals."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from ingest.sample import broken, lifecycle, mappings, oddities
from ingest.sample.billing import write_billing
from ingest.sample.example_records import line
from ingest.sample.landing_files import LandingFiles, SampleSummary
from ingest.sample.observations import observe, pick
from ingest.sample.operations import draw_operations
from ingest.sample.plan import InteractionPlan, draw_plan
from ingest.sample.provider_totals import write_provider_totals
from ingest.sample.shapes import lines_sql, with_words
from ingest.sample.timeline import MINUTE_MS, Window, window_ending_last_day
from ingest.sample.variants import variant_count, write_variants
from ingest.sample.world import GUIDE_USERS, World, build_world

LINES_PER_FILE = 125_000
FEWEST_RECORDS = 100
FEWEST_DAYS, MOST_DAYS = 14, 3650

_LINES_PER_OPERATION = 1.045
_GUIDE_CREDITS = (120, 75, 300)


def write_sample(out: Path, *, records: int, days: int, seed: int) -> SampleSummary:
    """Write invented usage records, mapping exports and billing inputs below `out/landing`.

    `records` is the exact number of lines drawn at random, including duplicates and corrections; about two hundred
    hand-made lines, and backfilled ones (one in two thousand), are added. The `days` end with 2026-10-31. Raises
    `ValueError` if an argument is too small or `out/landing` is not empty.
    """
    landing = out / "landing"
    _check(landing, records, days, seed)
    window = window_ending_last_day(days)
    world = build_world(seed, records, window)
    files = LandingFiles(landing)
    variants = variant_count(records)
    bulk = _plan("bulk", 2, world, window, int((records - variants) / _LINES_PER_OPERATION))
    variant = _plan("variant", 3, world, window, variants)
    backfill = _plan("backfill", 4, world, _backfill_window(window), min(5000, max(24, records // 2000)))
    _write_bulk(files, world, window, bulk, records - variants)
    write_variants(files, world, variant, np.random.default_rng([seed, 6]))
    _write_backfill(files, world, window, backfill)
    _write_special_cases(files, world, window)
    mappings.write_users(files, world, window)
    mappings.write_tenants(files, world, window)
    mappings.write_guide_interactions(files)
    mappings.write_interactions(files, world, variant, 0, len(variant.start_ms), number=2)
    mappings.write_late_interactions(files, world, window, [bulk, variant], backfill)
    write_billing(files, world, window, [bulk, variant])
    write_provider_totals(files)
    return files.summary()


def _check(landing: Path, records: int, days: int, seed: int) -> None:
    if records < FEWEST_RECORDS:
        raise ValueError(f"a sample needs at least {FEWEST_RECORDS} records, not {records}")
    if not FEWEST_DAYS <= days <= MOST_DAYS:
        raise ValueError(f"a sample covers {FEWEST_DAYS} to {MOST_DAYS} days, not {days}")
    if seed < 0:
        raise ValueError(f"a seed is not negative: {seed}")
    if landing.exists() and (not landing.is_dir() or any(landing.iterdir())):
        raise ValueError(f"{landing} is not empty; name another directory")


def _plan(label: str, stream: int, world: World, window: Window, operations: int) -> InteractionPlan:
    rng = np.random.default_rng([world.seed, stream])
    return draw_plan(label, world, window, operations, rng, busy_day=label == "bulk")


def _backfill_window(window: Window) -> Window:
    """Ninety days that ended a month before the window begins."""
    return Window(window.first_day - timedelta(days=120), 90)


def _write_bulk(files: LandingFiles, world: World, window: Window, plan: InteractionPlan, lines: int) -> None:
    """Exactly `lines` canonical lines, in files of consecutive times; repeated lines of a file are in the next one."""
    sql = lines_sql(world.seed, plan.label)
    last_ms = window.end_ms - 10 * MINUTE_MS
    rest = lines
    carried: list[pd.DataFrame] = []
    for number, (begin, end) in enumerate(plan.cuts(max(4, -(-lines // LINES_PER_FILE)))):
        rng = np.random.default_rng([world.seed, 5, number])
        operations = draw_operations(world, plan, begin, end, rng)
        seen = observe(operations, last_ms, rng)
        rows = pd.concat([seen.now, *carried], ignore_index=True)
        zipped = ".gz" if number % 8 == 2 else ""
        files.usage_lines(f"capture/part-{number:04d}.jsonl{zipped}", _lines(files, world, rows, sql))
        mappings.write_interactions(files, world, plan, begin, end, number)
        carried = [seen.later]
        rest -= len(rows)
        if end == len(plan.start_ms):
            carried.append(pick(operations, rest - len(seen.later), rng))
    rows = pd.concat(carried, ignore_index=True)
    files.usage_lines("capture/redelivered.jsonl", _lines(files, world, rows, sql))


def _write_backfill(files: LandingFiles, world: World, window: Window, plan: InteractionPlan) -> None:
    """Records that arrive months after their calls."""
    rows = draw_operations(world, plan, 0, len(plan.start_ms), np.random.default_rng([world.seed, 8]))
    sql = lines_sql(world.seed, plan.label)
    last_day = window.first_day + timedelta(days=window.days - 1)
    files.usage_lines(f"late/backfill-{last_day}.jsonl", _lines(files, world, rows, sql))


def _write_special_cases(files: LandingFiles, world: World, window: Window) -> None:
    files.usage_lines("guide.jsonl", _guide_lines())
    first, later = lifecycle.draw_lifecycles(world, window)
    files.usage_lines("lifecycle/seen-first.jsonl", [line(record) for record in first])
    files.usage_lines("lifecycle/seen-later.jsonl.gz", [line(record) for record in later])
    files.usage_lines("batch/old-recordings.jsonl", oddities.batch_lines(world, window))
    files.usage_lines("odd/spellings.jsonl", oddities.odd_lines(world, window))
    text, count = oddities.odd_csv(world, window)
    files.usage_text("odd/numbers.csv", text, lines=count)
    for name, mixed in (
        ("good-and-broken.jsonl", broken.mixed_lines(world, window)),
        ("torn.jsonl.gz", broken.torn_lines(world, window)),
        ("good-and-broken.csv", broken.mixed_csv(world, window)),
    ):
        files.usage_text(f"mixed/{name}", mixed.text, lines=mixed.lines, broken=mixed.broken)


def _guide_lines() -> list[str]:
    """The guide's three records, in its own five fields."""
    tenants = dict(GUIDE_USERS)
    return [
        line(
            {
                "interactionId": interaction,
                "userId": user,
                "tenantId": tenants[user],
                "creditsConsumed": credits,
                "createdAt": created_at,
            }
        )
        for (interaction, user, created_at), credits in zip(mappings.GUIDE_INTERACTIONS, _GUIDE_CREDITS, strict=True)
    ]


def _lines(files: LandingFiles, world: World, rows: pd.DataFrame, sql: str) -> list[str]:
    return files.query_lines(with_words(world, rows), sql)
