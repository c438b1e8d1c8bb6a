"""Hypothesis strategies for homes with money in them, and for what is closed and reopened between deliveries."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import pairwise

from hypothesis import strategies as st

from .closing_steps import Step
from .files import Number, Row
from .homes import FORMATS, Export, Home

MOST_BATCHES = 3
_TENANTS = ["t1", "t2", "t3"]
_USERS = ["u1", "u2"]
_KINDS = ["transcript", "document", "stream"]
_CREDITS = ["0", "1", "2.5", "0.1", "0.333333333", "1e-9", "12.345678901", "70000.000000005", "999999999", "0.5"]
_PRICES = ["0", "1", "0.5", "0.125", "0.000000000001", "0.333333333333", "1.005", "99999.999999999999", "0.015"]
_CURRENCIES = ["EUR", "USD", "JPY", "KWD", "CLF"]
_TIMES = [
    *("2025-01-31T22:59:59.999999Z", "2025-01-31T23:00:00Z", "2025-02-01T00:00:00Z", "2025-02-01T05:00:00Z"),
    *("2025-01-05T12:00:00Z", "2025-01-20T03:00:00Z", "2025-02-10T14:59:59Z", "2025-02-14T15:00:00Z"),
    *("2025-02-28T10:00:00Z", "2025-02-28T23:59:59.999999Z", "2025-03-01T00:00:00Z", "2025-03-09T07:00:00Z"),
    *("2025-03-16T08:30:00Z", "2025-03-30T01:00:00Z", "2025-04-01T00:00:00Z", "2025-04-02T09:00:00Z"),
]
_EDGES = [
    *(datetime(2025, 1, 20), datetime(2025, 1, 31, 23), datetime(2025, 2, 1), datetime(2025, 2, 14, 15)),
    *(datetime(2025, 2, 28, 23), datetime(2025, 3, 1), datetime(2025, 3, 16, 8, 30)),
    # Midnight in New York, at the start of February and of March.
    *(datetime(2025, 2, 1, 5), datetime(2025, 3, 1, 5)),
]
_LATE_EDGES = [
    *(datetime(2025, 3, 30, 15), datetime(2025, 3, 31, 22), datetime(2025, 4, 1), datetime(2025, 4, 1, 4)),
    *(datetime(2025, 4, 2, 8), datetime(2025, 4, 2, 9), datetime(2025, 4, 10), datetime(2025, 6, 1, 4)),
]
"""Near the end of all usage and after it: midnights of the zones below, hours within a day, future dates."""
_OFFSETS = [0, 0, 2, -4, 14]
_EFFECTIVE = ["2025-01-31", "2025-02-01", "2025-02-14", "2025-02-15", "2025-03-01", "2025-04-30"]
_CORRECTIONS = ["1", "-1", "-2.5", "0.000000001", "-1000.123456789", "0"]
_ZONES = ["Europe/Copenhagen", "America/New_York", "Asia/Tokyo", "Pacific/Kiritimati", None]
_PERIODS = ["day", "month", "quarter", "year"]
RatedAs = tuple[str | None, str | None]


@st.composite
def _usage(draw: st.DrawFn) -> Row:
    row: Row = {
        "resourceId": draw(st.sampled_from([f"x{n}" for n in range(8)])),
        "kind": draw(st.sampled_from(_KINDS)),
        "creditsConsumed": Number(draw(st.sampled_from(_CREDITS))),
        "createdAt": draw(st.sampled_from(_TIMES)),
        "capturedAt": draw(st.sampled_from(_TIMES)),
        "status": draw(st.sampled_from(["final", "final", "estimate", "provisional"])),
        "source": draw(st.sampled_from(["created", "created", "read"])),
        "userId": draw(st.sampled_from([*_USERS, None])),
        "tenantId": draw(st.sampled_from([*_TENANTS, None, None, None])),
        "environment": draw(st.sampled_from(["eu", "eu", None])),
    }
    return {name: value for name, value in row.items() if value is not None}


def _cell(draw: st.DrawFn, at: datetime | None) -> str | None:
    """A time as one of the texts that mean it: in UTC, with an offset, or a date alone."""
    if at is None:
        return None
    offset = draw(st.sampled_from(_OFFSETS))
    if offset:
        return f"{at + timedelta(hours=offset):%Y-%m-%dT%H:%M:%S}{offset:+03d}:00"
    is_date = at.time() == time() and draw(st.booleans())
    return f"{at:%Y-%m-%d}" if is_date else f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _as(draw: st.DrawFn, table: str, at: datetime, rows: list[dict[str, str | None]], columns: list[str]) -> Export:
    suffix, snake = draw(st.sampled_from(FORMATS)), draw(st.booleans())
    return Export(table, at, tuple(rows), tuple(columns), suffix, snake, "billing")


@st.composite
def _windowed(
    draw: st.DrawFn, table: str, keys: list[dict[str, str | None]], values: dict[str, list[str]]
) -> list[Export]:
    """Exports of rates or quotas: dated and snapshots, of keys whose windows overlap in no choice of the files."""
    columns = [*keys[0], *values]
    valued = st.fixed_dictionaries({name: st.sampled_from(pool) for name, pool in values.items()})
    any_edge = st.sampled_from([*_EDGES, *_LATE_EDGES])
    edges = [sorted(draw(st.lists(any_edge, max_size=3, unique=True))) for _ in keys]
    starts = [draw(st.sampled_from([None, datetime(2025, 1, 1)])) for _ in keys]
    exports: list[Export] = []
    for at in draw(st.lists(any_edge, min_size=1, max_size=3, unique=True)):
        of = draw(st.lists(st.integers(0, len(keys) - 1), min_size=1, max_size=4, unique=True))
        if draw(st.booleans()):
            exports.append(_as(draw, table, at, [{**keys[n], **draw(valued)} for n in of], columns))
            continue
        rows: list[dict[str, str | None]] = []
        for n in of:
            ends = [datetime(2025, 3, 20), datetime(2025, 4, 1, 22, 30), datetime(2025, 4, 30), datetime(2026, 1, 1)]
            end = draw(st.sampled_from([None, None, *(end for end in ends if end > max([*edges[n], _EDGES[0]]))]))
            for starts_at, ends_at in pairwise([starts[n], *edges[n], end]):
                window = {"validFrom": _cell(draw, starts_at), "validTo": _cell(draw, ends_at)}
                rows.append({**keys[n], **draw(valued), **window})
        exports.append(_as(draw, table, at, rows, [*columns, "validFrom", "validTo"]))
    return exports


@st.composite
def _adjustments(draw: st.DrawFn) -> list[Export]:
    """Files of adjustments. Two of one name are the same file, delivered again with other rows."""
    row = st.fixed_dictionaries(
        {
            "adjustmentId": st.sampled_from(["a1", "a2", "a3"]),
            "tenantId": st.sampled_from(_TENANTS),
            "userId": st.sampled_from([None, "u1"]),
            "credits": st.sampled_from(_CORRECTIONS),
            "effectiveDate": st.sampled_from(_EFFECTIVE),
            "reason": st.sampled_from(["goodwill", "wrong meter"]),
        }
    )
    names = list[tuple[datetime, str]]()
    exports: list[Export] = []
    for rows in draw(
        st.lists(st.lists(row, min_size=1, max_size=3, unique_by=lambda r: r["adjustmentId"]), max_size=3)
    ):
        at = draw(st.sampled_from(_EDGES))
        suffix = next((known for when, known in names if when == at), draw(st.sampled_from(FORMATS)))
        names.append((at, suffix))
        exports.append(Export("adjustments", at, tuple(rows), tuple(rows[0]), suffix, folder="billing"))
    return exports


@st.composite
def _mappings(draw: st.DrawFn) -> list[Export]:
    exports: list[Export] = []
    for at in draw(st.lists(st.sampled_from(_EDGES), max_size=2, unique=True)):
        users: list[dict[str, str | None]] = [
            {"userId": user, "tenantId": draw(st.sampled_from(_TENANTS))} for user in _USERS
        ]
        exports.append(Export("users", at, tuple(users), ("userId", "tenantId")))
    for at in draw(st.lists(st.sampled_from(_EDGES), max_size=2, unique=True)):
        tenants = tuple(
            {
                "tenantId": tenant,
                "name": draw(st.sampled_from(["North", "South"])),
                "timezone": draw(st.sampled_from(_ZONES)),
            }
            for tenant in draw(st.lists(st.sampled_from(_TENANTS), min_size=1, unique=True))
        )
        exports.append(Export("tenants", at, tenants, ("tenantId", "name", "timezone")))
    return exports


def _rate_keys() -> list[dict[str, str | None]]:
    """What rates are for; none is for t3 alone, so it is unrated if no rate is for everybody."""
    keys: list[RatedAs] = [("t1", None), ("t1", "document"), ("t2", None), ("t2", "Stream"), (None, "transcript")]
    return [{"tenantId": tenant, "kind": kind} for tenant, kind in [*keys, (None, None)]]


def _quota_keys() -> list[dict[str, str | None]]:
    subjects: list[RatedAs] = [("t1", None), (None, "u1"), ("t2", "u2")]
    return [
        {"tenantId": tenant, "userId": user, "kind": kind, "period": period}
        for (tenant, user), period in zip(subjects * 2, [*_PERIODS, "day", "month"], strict=True)
        for kind in (None, "document")
    ]


@st.composite
def books(draw: st.DrawFn) -> list[Step]:
    """A home delivered in several steps, each with what is closed or reopened after its run."""
    lines = draw(st.lists(_usage(), min_size=10, max_size=40))
    exports = [
        *draw(_mappings()),
        *draw(_windowed("rates", _rate_keys(), {"pricePerCredit": _PRICES, "currency": _CURRENCIES})),
        *draw(_windowed("quotas", _quota_keys(), {"credits": ["0", "2.5", "1000"], "warnAt": ["0.8", "0.5", "1"]})),
        *draw(_adjustments()),
    ]
    steps = draw(st.integers(2, MOST_BATCHES))
    return [
        Step(
            Home(tuple(lines[n::steps]), tuple(exports[n::steps])),
            draw(st.sampled_from(["close", "close", "reopen", "nothing"])),
            draw(st.integers(0, 5)),
        )
        for n in range(steps)
    ]
