"""Hypothesis strategies for random homes: small pools of ids, times and figures, so that records often meet."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import strategies as st

from .files import Row
from .homes import FORMATS, Export, Home, Line, shuffled, snake_case, split_into_batches, write_home
from .pools import ABSENT, LOGGED, LOW, MOMENTS, ODD_VALUES, POOLS, PRIVATE, RAW, TABLES

__all__ = ["PRIVATE", "Export", "Home", "homes", "records", "shuffled", "split_into_batches", "write_home"]


def _shaped(fields: Row, shape: str) -> Row:
    """A record with the field names that one kind of writer uses."""
    if shape == "snake":
        return {snake_case(name): value for name, value in fields.items()}
    if shape == "logged":
        return {LOGGED.get(name, name): value for name, value in fields.items()}
    if shape == "api" and "creditsConsumed" in fields:
        kept: Row = {LOGGED.get(k, k): v for k, v in fields.items() if k != "creditsConsumed"}
        return {**kept, "usageInfo": {"creditsConsumed": fields["creditsConsumed"]}}
    return {**LOW, **fields} if shape == "low" else fields


@st.composite
def records(draw: st.DrawFn, base: Row | None = None, now: datetime | None = None) -> Row:
    """The fields of one record, by their camelCase names; with a base, that record with a few fields changed."""
    names = [*POOLS] if base is None else draw(st.lists(st.sampled_from([*POOLS]), max_size=4, unique=True))
    changed: Row = {}
    for name in names:
        pool = POOLS[name]
        if base is not None:
            pool = [*pool, *ODD_VALUES.get(name, [])]
        if name in ("createdAt", "capturedAt") and now is not None:
            latest = now + timedelta(days=2)
            pool = [*pool, f"{latest.isoformat()}Z", f"{(latest + timedelta(microseconds=1)).isoformat()}Z"]
        changed[name] = draw(st.sampled_from(pool))
    return {name: value for name, value in {**(base or {}), **changed}.items() if value is not ABSENT}


@st.composite
def _usage(draw: st.DrawFn, max_lines: int, now: datetime | None) -> tuple[Line, ...]:
    bases = draw(st.lists(records(now=now), min_size=1, max_size=6))
    lines: list[Line] = []
    for _ in range(draw(st.integers(0, max_lines))):
        base = draw(st.sampled_from([*bases, *bases, *bases, None]))
        if base is None:
            lines.append(draw(st.sampled_from(RAW)))
        else:
            shape = draw(st.sampled_from(["camel", "camel", "snake", "logged", "api", "low"]))
            lines.append(_shaped(draw(records(base=base, now=now)), shape))
    return tuple(lines)


@st.composite
def _interactions(draw: st.DrawFn) -> list[Export]:
    columns = {
        "interactionId": ["i1", "i2", "i3", "\u00ef-4", None],
        "userId": ["u1", "u2", "u1", None],
        "tenantId": [None, None, "t1", "t3"],
        "createdAt": [None, "2025-03-01T00:00:00Z"],
    }
    rows = st.fixed_dictionaries({name: st.sampled_from(pool) for name, pool in columns.items()})
    times = draw(st.lists(st.sampled_from(MOMENTS), max_size=3, unique=True))
    return [_export(draw, "interactions", at, draw(st.lists(rows, min_size=1, max_size=5)), [*columns]) for at in times]


@st.composite
def _totals(draw: st.DrawFn) -> list[Export]:
    columns = {
        "credits": ["0", "1", "2.5", "3", "1e1", "1000", "-1", None],
        "userId": ["u1", "u2", None, None],
        "tenantId": ["t1", "t2", None, None],
        "environment": ["eu", None, None],
        "cortiTenant": ["base", None, None],
    }
    cuts = st.fixed_dictionaries({name: st.sampled_from(pool) for name, pool in columns.items()})
    exports: list[Export] = []
    for at in draw(st.lists(st.sampled_from(MOMENTS), max_size=3, unique=True)):
        bounds = draw(st.lists(st.tuples(st.sampled_from(MOMENTS), st.sampled_from(MOMENTS)), min_size=1, max_size=4))
        rows = [{"from": _stamp(first), "to": _stamp(last), **draw(cuts)} for first, last in bounds]
        exports.append(_export(draw, "consumption", at, rows, ["from", "to", *columns]))
    return exports


def _export(draw: st.DrawFn, table: str, at: datetime, rows: list[dict[str, str | None]], columns: list[str]) -> Export:
    suffix, snake = draw(st.sampled_from(FORMATS)), draw(st.booleans())
    folder = "provider" if table == "consumption" else "mappings"
    return Export(table, at, tuple(rows), tuple(columns), suffix, snake, folder)


@st.composite
def _table(draw: st.DrawFn, table: str) -> list[Export]:
    ids, pools = TABLES[table]
    key = {"users": "userId", "tenants": "tenantId"}[table]
    attributes = st.fixed_dictionaries({name: st.sampled_from(pool) for name, pool in pools.items()})
    dated_ids = draw(st.lists(st.sampled_from(ids), max_size=2, unique=True))
    edges = {
        i: sorted(draw(st.lists(st.sampled_from(MOMENTS), min_size=1, max_size=3, unique=True))) for i in dated_ids
    }
    open_start = {i: draw(st.booleans()) for i in dated_ids}
    exports: list[Export] = []
    for at in draw(st.lists(st.sampled_from(MOMENTS), max_size=4, unique=True)):
        rows: list[dict[str, str | None]] = []
        if dated_ids and draw(st.integers(0, 2)) == 0:
            for i in dated_ids:
                bounds = [None if open_start[i] else datetime(2023, 1, 1), *edges[i], None]
                for start, end in pairwise(bounds):
                    window = {"validFrom": _stamp(start), "validTo": _stamp(end)}
                    if draw(st.integers(0, 4)) or not rows:
                        rows.append({key: i, **draw(attributes), **window})
                        if table == "users" and (beside := _in_another_tenant(draw, rows[-1], pools["tenantId"])):
                            rows.append(beside)
            exports.append(_export(draw, table, at, rows, [key, *pools, "validFrom", "validTo"]))
        else:
            present = draw(st.lists(st.sampled_from(ids), min_size=1, unique=True))
            rows = [{key: i, **draw(attributes)} for i in present]
            if table == "users":
                rows += [beside for row in rows if (beside := _in_another_tenant(draw, row, pools["tenantId"]))]
            exports.append(_export(draw, table, at, rows, [key, *pools]))
    return exports


def _in_another_tenant(
    draw: st.DrawFn, row: dict[str, str | None], tenants: list[str | None]
) -> dict[str, str | None] | None:
    """The same user in another tenant at that time, or None."""
    other = draw(st.sampled_from(tenants)) if draw(st.integers(0, 3)) == 0 else None
    return None if other in (None, row["tenantId"]) else {**row, "tenantId": other}


def _stamp(at: datetime | None) -> str | None:
    return None if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}"


@st.composite
def homes(draw: st.DrawFn, max_lines: int = 40, now: datetime | None = None) -> Home:
    """A random home; with `now` (naive UTC), some times lie on the edge of what is usable then."""
    exports = [*draw(_table("users")), *draw(_table("tenants")), *draw(_interactions()), *draw(_totals())]
    return Home(draw(_usage(max_lines, now)), tuple(exports))
