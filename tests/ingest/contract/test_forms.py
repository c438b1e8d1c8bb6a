from __future__ import annotations

import uuid
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ingest.contract.forms import (
    UnusableExportTimeError,
    UnusableIdError,
    comparable_name,
    export_time,
    id_text,
    read_time,
)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01", datetime(2026, 3, 1)),
        ("2026-03-01T10:00Z", datetime(2026, 3, 1, 10)),
        ("2026-03-01 10:00", datetime(2026, 3, 1, 10)),
        ("2026-03-01 10:00:00.123+00", datetime(2026, 3, 1, 10, 0, 0, 123000)),
        ("2026-03-01 10:00:00.123 UTC", datetime(2026, 3, 1, 10, 0, 0, 123000)),
        ("2026-03-01T10:00:00+0130", datetime(2026, 3, 1, 8, 30)),
        ("2026-03-01T10:00:00-05:00", datetime(2026, 3, 1, 15)),
        ("2026-03-01T10:00:00.1234569Z", datetime(2026, 3, 1, 10, 0, 0, 123456)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, 999999)),
        ("2016-12-31T23:59:60.5Z", datetime(2016, 12, 31, 23, 59, 59, 999999)),
    ],
)
def test_a_time_of_iso_8601_is_read(text: str, moment: datetime) -> None:
    assert read_time(text) == moment.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "now", "1772443211", "2026-03-01T24:00Z", "2026-03-01T10", "2026-02-30", "2026-03-01 10:00 CET",
     "01/03/2026", "2026-03-01T10:00:00+24:00", "2026-03-01T10:00:61Z", "٢٠٢٦-03-01"],
)  # fmt: skip
def test_what_is_no_time_is_none(text: str) -> None:
    assert read_time(text) is None


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("users.csv", None),
        ("users_2026-01-02.csv", datetime(2026, 1, 2)),
        ("tenants_20260102.csv", datetime(2026, 1, 2)),
        ("2026-01-02T10-20-30Z.jsonl", datetime(2026, 1, 2, 10, 20, 30)),
        ("u-20260102T102030Z.parquet", datetime(2026, 1, 2, 10, 20, 30)),
        ("u-2026-01-02T10:20:30Z.parquet", datetime(2026, 1, 2, 10, 20, 30)),
        ("from_2026-01-01_to_2026-01-31.csv", datetime(2026, 1, 31)),
        ("part-00000123-12345678901234.parquet", None),
        ("part-00012.csv", None),
        ("users-1767225600.csv", None),
        ("users-1767225600000.csv", None),
        ("part-0-20260131-1111-4222-8333-202601312359-c000.parquet", None),
        ("20000123456789.csv", None),
        ("data_0_10_11.csv", None),
        ("ip-10-11-12-13.csv", None),
        ("decimal_2000.csv", None),
        ("u_20260131-20260228.csv", datetime(2026, 2, 28)),
        ("u_2026-01-31_2026-02-28.csv", datetime(2026, 2, 28)),
        ("u_2026-01-31_0001.csv", datetime(2026, 1, 31)),
        ("u_2026-01-31_part-2.csv", datetime(2026, 1, 31)),
    ],
)
def test_an_export_is_dated_by_its_name(name: str, moment: datetime | None) -> None:
    assert export_time(name) == moment


@pytest.mark.parametrize(
    "name",
    ["users_2026-13-01.csv", "users_20260230.csv", "users_2026_06_01.csv", "users_01.06.2026.csv",
     "users_2026-06-01T25-00-00Z.csv", "users_2026-06-01T10.csv", "users_20260101123456.csv", "u_202601011234.csv",
     "u_2026-01.csv", "u_2026_01.csv", "u_01-2026.csv", "u_2026-0131.csv", "u_202601-31.csv", "u_2026-01-31083000.csv",
     "u_26-01-31.csv", "u_31.01.26.csv", "u_1899-01-31.csv", "u_2026-01-31_083000.csv", "u_2026-01-31_0830.csv",
     "u_2026-01-31_83000.csv", "u_2026-01-31 08-30-00.csv", "u_20260131-083000.csv", "u_2026-01-31t083000z.csv",
     "u_31-Jan-2026.csv", "u_2026-January-31.csv", "u_2026-W05.csv"],
)  # fmt: skip
def test_digits_like_a_date_that_are_none_are_a_fault(name: str) -> None:
    with pytest.raises(UnusableExportTimeError):
        export_time(name)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("u1", "u1"),
        (" u1 ", " u1 "),
        ("   ", None),
        (None, None),
        (42, "42"),
        (2**70, str(2**70)),
        (10001.0, "10001"),
        (float("nan"), None),
        (Decimal("10001.00"), "10001"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (uuid.UUID(int=2**127 + 5).bytes, str(uuid.UUID(int=2**127 + 5))),
        (b"user-0", "user-0"),
        ("Zürich".encode(), "Zürich"),
        (b"sixteen letters.", "sixteen letters."),
    ],
)
def test_an_id_is_the_text_that_it_stands_for(value: object, text: str | None) -> None:
    assert id_text(value) == text


@pytest.mark.parametrize("value", [True, 1.5, float("inf"), float(2**53 + 2), b"\xff\xfe", [1], {"a": 1}])
def test_an_id_of_another_type_is_refused(value: object) -> None:
    with pytest.raises(UnusableIdError):
        id_text(value)


def test_names_are_compared_without_case_and_separators() -> None:
    assert {comparable_name(name) for name in ("tenantId", "TENANT_ID", "Tenant-Id", " tenant id ")} == {"tenantid"}
