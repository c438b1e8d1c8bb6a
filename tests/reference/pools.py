"""The values that random homes are made of: time zone changes, month ends, tricky decimals, broken lines."""

from __future__ import annotations

from datetime import datetime

from .files import Number

ABSENT = object()
PRIVATE = "private words"
"""Text of fields that must never be stored."""

_ODD: list[object] = [None, "", True, [], {}, ["x"], {"a": Number("1")}, Number("150"), Number("7"), "7"]
_CREDITS: list[object] = [
    *map(Number, ("0", "1", "2", "0.1", "0.2", "1.50", "1e-9", "5e-10", "4.9e-10", "1.0000000005", "1E2", "-0")),
    *map(Number, ("0.123456789", "0.1234567895", "0.1234567885", "999999999", "-0.0", "1e-400", "0e99")),
    *("2.5", " 3.25 ", ".5", "5.", "+7", "999999999.0000", "0.00000000049999", "00.30", "1e+1", "0", "0.1"),
]
_BAD_CREDITS: list[object] = [
    *map(Number, ("-1", "1e10", "999999999.0000000001", "-1e-10", "1e999")),
    *("abc", "NaN", "inf", "1,5", "0x10", "1_000", "1 000", "  ", "\u0661", "-0.5", ".", "1e", True, [], {}),
]
_TIMES: list[object] = [
    *("2025-03-30T00:59:59.999999Z", "2025-03-30T01:00:00Z", "2025-03-30 03:00:00+02:00", "2025-03-30t02:30:00.5z"),
    *("2025-10-26T00:30:00Z", "2025-10-26T03:00:00.1234567+02:00", "2025-10-26T01:30:00+00:00", "2025-03-09T06:59:59Z"),
    *("2025-03-09T07:00:00Z", "2025-11-02T05:30:00Z", "2025-01-31T23:30:00-05:00", "2025-02-28T23:59:59.9999999Z"),
    *("2024-02-29", "2025-03-01", "2025-03-01T00:00:00", "2024-12-31T23:59:59Z", "2025-01-01T12:00:00+14:00"),
    *("2000-01-01T00:00:00Z", "2025-03-31T15:00:00Z", "2025-03-31T14:59:59.999999Z", "2025-04-01T04:00:00-00:00"),
]
_BAD_TIMES: list[object] = [
    *("2025-02-30T00:00:00Z", "1999-12-31T23:59:59.999999Z", "2999-01-01", "yesterday", "2025-03-30T24:00:00Z"),
    *("2025-03-30T10:00:60Z", "2025-03-30T10:00:00+0100", "2025-06-01T10:00Z", "2000-01-01T00:30:00+01:00"),
    *(" 2025-03-01", "2025-3-1", "20250301", Number("1743300000"), "2025-03-30T10:00:00+24:00", "0001-01-01", True),
]
_IDS: list[object] = ["x1", "x2", "x3", "y,1"]
_OVERLONG: list[object] = ["x" * 129, "\u00e9" * 128]
POOLS: dict[str, list[object]] = {
    "recordId": [*[ABSENT] * 5, "r1", "r2", "r3", "x1"],
    "kind": [*[ABSENT] * 2, *["transcript", "document"] * 4, "Transcript", "STREAM", "new_kind"],
    "type": [*[ABSENT] * 10, "usage", "delta_usage"],
    "interactionId": [*[ABSENT] * 3, *["i1", "i2", "i3", "\u00ef-4"] * 2],
    "resourceId": [*[ABSENT] * 5, *_IDS * 2],
    "operationId": [*[ABSENT] * 8, *_IDS, "o1", "o2"],
    "creditsConsumed": _CREDITS,
    "status": [*[ABSENT] * 4, *["final", "provisional", "estimate", "unreported"] * 2, "completed", "processing"],
    "source": [*[ABSENT] * 3, "created", "read", "read"],
    "createdAt": [*[ABSENT] * 8, *_TIMES],
    "capturedAt": [*[ABSENT] * 5, *_TIMES],
    "environment": [*[ABSENT] * 8, "eu", "us"],
    "cortiTenant": [*[ABSENT] * 8, "base"],
    "userId": [*[ABSENT] * 6, *["u1", "u2", "\uff5e3", "\U0001f600"] * 2],
    "tenantId": [*[ABSENT] * 8, "t1", "t2", "t3", "t9"],
    "model": [*[ABSENT] * 5, "m1", 'm,"2"\nb'],
    "inputTokens": [*[ABSENT] * 5, Number("5"), "10"],
    "outputTokens": [*[ABSENT] * 5, Number("0"), "7", Number("9223372036854775807")],
}
"""Ordinary values, from which a record is first made."""

ODD_VALUES: dict[str, list[object]] = {
    "recordId": [*_ODD, *_OVERLONG],
    "kind": ["a b", None, "k" * 129, True],
    "type": ["other", Number("1")],
    "interactionId": ["", "i" * 129, Number("7")],
    "resourceId": [*_ODD, *_OVERLONG],
    "operationId": ["o" * 129, None, "7"],
    "creditsConsumed": [*_BAD_CREDITS[:8], *_BAD_CREDITS[-3:], ABSENT, None, ""],
    "status": ["failed", "Final", "UNREPORTED", "weird", True, *["unreported"] * 4],
    "source": ["Read", "", [], *["read"] * 4],
    "createdAt": _BAD_TIMES,
    "capturedAt": _BAD_TIMES,
    "userId": _ODD,
    "tenantId": ["", None, Number("7")],
    "model": [Number("4.10"), {"name": "m"}],
    "inputTokens": [Number("-1"), "many", Number("9223372036854775808")],
    "outputTokens": [True, ""],
}
"""Values that replace an ordinary one in some records."""

LOGGED = {"resourceId": "id", "userId": "assignedUserId", "tenantId": "customerID", "creditsConsumed": "credits"}
LOW = {"credits": Number("99"), "id": "x3", "customerId": "t9", "assigned_user_id": "u9", "summary": PRIVATE}
RAW = [
    *(b"{", b"null", b"[1]", b'"text"', b"{} {}", b"{}", b"7", b"{'creditsConsumed': 1, 'createdAt': '2025-03-01'}"),
    b'{"creditsConsumed": NaN, "createdAt": "2025-03-01"}',
    b'{"creditsConsumed": 1, "createdAt": "2025-03-01", "other": [Infinity]}',
    b'{"creditsConsumed": 1, "createdAt": "2025-03-01",}',
    b'{"creditsConsumed": 1, "createdAt": "2025-03-01"} trailing',
    b'{"creditsConsumed": 01, "createdAt": "2025-03-01"}',
    b'{"creditsConsumed": 1, "createdAt": "2025-03-01", "model": "\xff"}',
    b'{"creditsConsumed": 2, "creditsConsumed": 3, "createdAt": "2025-03-01", "resourceId": "x1"}',
    b'{"creditsConsumed": 2, "createdAt": "2025-03-01", "userId": null, "userId": "u2", "user_id": "u1"}',
    b'\t {"usageInfo": {"creditsConsumed": 4}, "credits": 9, "createdAt": "2025-03-01", "id": "x2"} \r',
]

MOMENTS = [datetime(2024, 1, 1), datetime(2025, 1, 31, 23), datetime(2025, 2, 28, 23, 59, 59), datetime(2025, 3, 1)]
MOMENTS += [
    datetime(2025, 3, 9, 7),
    datetime(2025, 3, 30, 1),
    datetime(2025, 3, 31, 14, 59, 59),
    datetime(2025, 11, 2),
]
_ZONES = ["Europe/Copenhagen", "America/New_York", "Asia/Tokyo", "Pacific/Kiritimati", None, "UTC"]
TABLES: dict[str, tuple[list[str], dict[str, list[str | None]]]] = {
    "users": (
        ["u1", "u2", "\uff5e3", "\U0001f600"],
        {"tenantId": ["t1", "t2", "t3", "t1"], "displayName": ["Ann", 'Zo\u00eb "Z", B', None]},
    ),
    "tenants": (["t1", "t2", "t3"], {"name": ["North", "South", "East"], "timezone": [*_ZONES]}),
}
