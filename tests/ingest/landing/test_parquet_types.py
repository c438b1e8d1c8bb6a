"""Parquet by its own schema: each type that a tool may write gives its value, or refuses the row."""

from __future__ import annotations

import io
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.ingest.landing.landing_home import DAY, LandingHome

UUIDS = [uuid.UUID(int=7), uuid.UUID("123e4567-e89b-12d3-a456-426614174000")]
UTF16 = "gerät".encode("utf-16-le")
TOO_LARGE = "id_number_too_large"


def parquet(columns: dict[str, Any], **options: Any) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream, **options)
    return stream.getvalue()


def landed(home: LandingHome, content: bytes, column: str, name: str = "a.parquet") -> list[Any]:
    """The values of a column by line, a refused line's reason in its place."""
    home.usage(name, content)
    home.land()
    kept = dict(home.rows(f"select line_number, {column} from raw.usage_records"))
    refused = {line: reason for _, line, reason in home.refused()}
    assert not kept.keys() & refused.keys()
    return [value for _, value in sorted({**kept, **refused}.items())]


def usage(count: int, **columns: Any) -> bytes:
    rows = {"creditsConsumed": ["1.5"] * count, "createdAt": [DAY] * count, "recordId": [f"r{n}" for n in range(count)]}
    return parquet({**rows, **columns})


IDS = [
    (pa.array(["a", None, "", "  "]), ["a", None, None, None]),
    (pa.array(["a", " b "], pa.large_string()), ["a", " b "]),
    (pa.array(["a", None, "c" * 40], pa.string_view()), ["a", None, "c" * 40]),
    (pa.array(["a", "b", "a", None]).dictionary_encode(), ["a", "b", "a", None]),
    (pa.array([10, None, 12]).dictionary_encode(), ["10", None, "12"]),
    (pa.array([b"a", None, "ö".encode(), b" "]), ["a", None, "ö", None]),
    (pa.array([b"a", "é".encode()], pa.large_binary()), ["a", "é"]),
    (pa.array([b"abc", b"def"], pa.binary(3)), ["abc", "def"]),
    (pa.array([b"an id of 16 long", UUIDS[1].bytes, None], pa.binary(16)), ["an id of 16 long", str(UUIDS[1]), None]),
    (pa.array([UUIDS[1].bytes, b"plain"]), [str(UUIDS[1]), "plain"]),
    (pa.array([b"a", UTF16]), ["a", "id_unusable"]),
    (pa.array([inspected.bytes for inspected in UUIDS] + [None], pa.uuid()), [*map(str, UUIDS), None]),
    (pa.array([-1, 2**63 - 1, None]), ["-1", "9223372036854775807", None]),
    (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
    (pa.array([7, None], pa.int8()), ["7", None]),
    (pa.array([10001.0, float("nan"), None, -0.0]), ["10001", None, None, "0"]),
    (pa.array([2.0**53, 2.0**53 + 2, 1e300, float("inf")]), [str(2**53), TOO_LARGE, TOO_LARGE, TOO_LARGE]),
    (pa.array([1.5, 3.0]), ["id_unusable", "3"]),
    (pa.array([16777216.0, 33554432.0], pa.float32()), ["16777216", TOO_LARGE]),
    (pa.array(np.array([2048, 4096], dtype=np.float16)), ["2048", TOO_LARGE]),
    (pa.array([Decimal(10**37), None], pa.decimal128(38, 0)), [str(10**37), None]),
    (pa.array([Decimal("12.00"), Decimal("1.50")], pa.decimal128(9, 2)), ["12", "id_unusable"]),
    (pa.array([Decimal(10**60)], pa.decimal256(76, 0)), [str(10**60)]),
    (pa.nulls(2), [None, None]),
]


@pytest.mark.parametrize(("values", "expected"), IDS, ids=lambda value: str(getattr(value, "type", "")))
def test_an_id_of_any_type_is_its_text_or_refuses_its_row(
    home: LandingHome, values: pa.Array, expected: list[str | None]
) -> None:
    assert landed(home, usage(len(values), resourceId=values), "resource_id") == expected


@pytest.mark.parametrize(
    "values",
    [
        pa.array([True, None]),
        pa.array([["a"], None]),
        pa.array([{"a": 1}, None]),
        pa.array([datetime(2026, 1, 1), None]),
        pa.array([date(2026, 1, 1), None]),
        pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int64())),
        pa.array([True, None]).dictionary_encode(),
        pa.array([1, None], pa.duration("us")),
    ],
    ids=lambda value: str(value.type),
)
def test_an_id_column_that_holds_no_ids_is_one_fault_of_the_file(home: LandingHome, values: pa.Array) -> None:
    home.usage("a.parquet", usage(2, userId=values))
    summary = home.land()
    assert home.refused() == [("a.parquet", 1, "id_column_unusable"), ("a.parquet", 2, "id_column_unusable")]
    [notice] = summary.notices
    assert (notice.notice, notice.rows) == ("id_column_unusable", 2)
    assert "column 'userId' is of type" in notice.detail


CREDITS = [
    (pa.array([1, 0]), ["1", "0"]),
    (pa.array([0.1, 1e-7, 123456.789]), ["0.1", "0.0000001", "123456.789"]),
    (pa.array([0.1, 16777216.0], pa.float32()), ["0.1", "16777216"]),
    (pa.array(np.array([0.1, 2.5], dtype=np.float16)), ["0.1", "2.5"]),
    (pa.array([Decimal("0.000000001"), Decimal(0)], pa.decimal128(38, 9)), ["0.000000001", "0"]),
    (pa.array([Decimal("1.5"), Decimal(0)], pa.decimal128(38, 18)), ["1.5", "0"]),
    (pa.array([Decimal("999999998.999999999")], pa.decimal256(76, 38)), ["999999998.999999999"]),
    (pa.array([Decimal("1.25")], pa.decimal64(12, 2)), ["1.25"]),
    (pa.array([" 1.5 ", "2e-3"]), ["1.5", "0.002"]),
    (pa.array([b"1.5"]), ["1.5"]),
    (pa.array(["1.5", "2.5"]).dictionary_encode(), ["1.5", "2.5"]),
    (pa.array([1.5, 2.5]).dictionary_encode(), ["1.5", "2.5"]),
    (
        pa.array([float("nan"), float("inf"), -1.0]),
        ["credits_not_a_number", "credits_not_a_number", "credits_negative"],
    ),
    (pa.array([True]), ["credits_not_a_number"]),
    (pa.array([None, 1.0]), ["credits_absent", "1"]),
]


@pytest.mark.parametrize(("values", "expected"), CREDITS, ids=lambda value: str(getattr(value, "type", "")))
def test_credits_are_exact_from_every_type(home: LandingHome, values: pa.Array, expected: list[str]) -> None:
    content = parquet({"creditsConsumed": values, "createdAt": [DAY] * len(values)})
    wanted = [value if value.startswith("credits") else Decimal(value) for value in expected]
    assert landed(home, content, "credits") == wanted


INSTANT = datetime(2026, 1, 31, 23, 59, 59, 999999)
SECONDS = int(INSTANT.replace(tzinfo=UTC).timestamp())
TIMES = [
    (pa.array([SECONDS * 10**9 + 999_999_999], pa.timestamp("ns")), INSTANT),
    (pa.array([SECONDS * 10**9 + 999_999_999], pa.timestamp("ns", "UTC")), INSTANT),
    (pa.array([SECONDS * 10**9 + 999_999_999], pa.timestamp("ns", "+05:30")), INSTANT),
    (pa.array([SECONDS * 10**6 + 999_999], pa.timestamp("us", "America/New_York")), INSTANT),
    (pa.array([SECONDS * 10**3 + 999], pa.timestamp("ms")), INSTANT.replace(microsecond=999000)),
    (pa.array([SECONDS * 10**3 + 999], pa.timestamp("ms", "Asia/Tokyo")), INSTANT.replace(microsecond=999000)),
    (pa.array([SECONDS], pa.timestamp("s")), INSTANT.replace(microsecond=0)),
    (pa.array([date(2026, 1, 31)], pa.date32()), datetime(2026, 1, 31)),
    (pa.array([date(2026, 1, 31)], pa.date64()), datetime(2026, 1, 31)),
    (pa.array(["2026-01-31T23:59:59.9999999Z"]), INSTANT),
    (pa.array([b"2026-01-31 23:59:59Z"]), INSTANT.replace(microsecond=0)),
    (pa.array([SECONDS * 10**6 + 999_999], pa.timestamp("us", "UTC")).dictionary_encode(), INSTANT),
    (pa.array([2**62], pa.timestamp("us")), "time_unusable"),
    (pa.array([2**50], pa.timestamp("s")), "time_unusable"),
    (pa.array([5], pa.time64("us")), "time_unusable"),
]


@pytest.mark.parametrize(("values", "expected"), TIMES, ids=lambda value: str(getattr(value, "type", "")))
def test_times_of_every_type_are_cut_to_microseconds(home: LandingHome, values: pa.Array, expected: object) -> None:
    assert landed(home, parquet({"credits": [1], "createdAt": values}), "created_at") == [expected]


def test_times_of_96_bits_are_read(home: LandingHome) -> None:
    values = pa.array([SECONDS * 10**9 + 999_999_999], pa.timestamp("ns"))
    content = parquet({"credits": [1], "createdAt": values}, use_deprecated_int96_timestamps=True)
    assert landed(home, content, "created_at") == [INSTANT]


def test_what_duckdb_itself_writes_is_read(home: LandingHome) -> None:
    path = home.usage("a.parquet", b"")
    duckdb.execute(
        f"copy (select uuid '{UUIDS[1]}' as resourceId, encode('é') as userId, 3::utinyint as inputTokens, "
        f"1.25::decimal(5, 2) as credits, timestamptz '2026-01-31 23:59:59+00' as createdAt) to '{path}'"
    )
    home.land()
    columns = "resource_id, user_id, input_tokens, credits, created_at"
    assert home.rows(f"select {columns} from raw.usage_records") == [
        (str(UUIDS[1]), "é", 3, Decimal("1.25"), datetime(2026, 1, 31, 23, 59, 59))
    ]
