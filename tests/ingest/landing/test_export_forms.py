"""Exports as people make them: workbooks, arrays, typed tables, names in any spelling; what is odd is named."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pyarrow as pa
import pytest

from tests.ingest.landing.landing_home import LandingHome
from tests.ingest.landing.test_parquet_types import parquet

USERS, TENANTS, RATES = "mappings/users/", "mappings/tenants/", "billing/rates/"


def workbook(*rows: Sequence[Any], formats: dict[str, str] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    for cell, form in (formats or {}).items():
        sheet[cell].number_format = form
    book.create_sheet("notes").append(["not read"])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_workbook_is_read_from_its_first_sheet_by_the_numbers_of_its_rows(home: LandingHome) -> None:
    rows = [
        ("User ID", "TENANT_ID", "display-name", "E-mail", "valid from", "validTo"),
        (10001, "tA", "One", "a@b", datetime(2026, 1, 1, 12, 30), date(2026, 6, 1)),
        (None, None, None, None, None, None),
        (" ", "", None, None, None, None),
        (10002.0, 7, 8.5, None, "2026-01-01", None),
    ]
    home.deliver(f"{USERS}users_2026-01-01.xlsx", workbook(*rows))
    assert home.land().notices == ()
    assert home.rows(
        "select line_number, user_id, tenant_id, display_name, valid_from, valid_to from raw.users order by 1"
    ) == [
        (2, "10001", "tA", "One", datetime(2026, 1, 1, 12, 30), datetime(2026, 6, 1)),
        (5, "10002", "7", "8.5", datetime(2026, 1, 1), None),
    ]


def test_figures_of_a_workbook_are_exact(home: LandingHome) -> None:
    header = ("tenantId", "period", "credits", "warnAt", "validFrom")
    rows = [header, ("t", "Month", 1000.1, 0.8, date(2026, 1, 1)), ("s", "day", "12", 0.9, None)]
    home.deliver("billing/quotas/q_2026-01-01.xlsx", workbook(*rows, formats={"D2": "0%"}))
    home.land()
    assert home.rows("select credits, warn_at from raw.quotas order by line_number") == [
        (Decimal("1000.1"), Decimal("0.8")),
        (Decimal(12), Decimal("0.9")),
    ]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (("u", True), "row 2, column 'tenantId' has a value that is not an id"),
        (("u", datetime(2026, 1, 1)), "row 2, column 'tenantId' has a value that is not an id"),
        (("u", 1.5), "row 2, column 'tenantId' has a value that is not an id"),
        (("u", 12345678901234567890), "row 2, column 'tenantId' has a number beyond 2^53"),
        (("u", "=1/0"), "row 2, column 'tenantId' is empty"),
    ],
)
def test_a_cell_that_can_not_be_used_is_named(home: LandingHome, cells: tuple[Any, ...], said: str) -> None:
    home.deliver(f"{USERS}u.xlsx", workbook(("userId", "tenantId"), cells))
    assert said in home.set_aside()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no workbook", "can't be read as an Excel workbook"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "protected by a password, or of the older form"),
        (workbook(("userId", "tenantId"))[:-30], "can't be read as an Excel workbook"),
        (workbook(("foo", "bar"), ("a", "b")), "column 'userId' is missing"),
        (workbook(("userId", "tenantId")), "it has a header and no rows"),
        (workbook(), "the file is empty"),
    ],
)
def test_what_is_no_workbook_is_named(home: LandingHome, content: bytes, said: str) -> None:
    home.deliver(f"{USERS}u.xlsx", content)
    assert said in home.set_aside()


def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(home: LandingHome) -> None:
    stream = io.BytesIO(workbook(("userId", "tenantId"), ("u", "t")))
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as parts:
        for number in range(3):
            parts.writestr(f"xl/media/{number}.bin", bytes(100 * 1024 * 1024))
    home.deliver(f"{USERS}u.xlsx", stream.getvalue())
    assert "it unpacks to 314" in home.set_aside()


def test_interactions_come_as_a_workbook_too(home: LandingHome) -> None:
    rows = [("Interaction Id", "userId", "note"), ("i1", 7, "x"), (None, None, "only a note"), ("i2", True, None)]
    home.deliver("mappings/interactions/i_20260101.xlsx", workbook(*rows))
    [notice] = home.land().notices
    assert (notice.notice, notice.detail) == ("unknown_column", "column 'note' is taken by no field")
    assert home.rows("select line_number, interaction_id, user_id, exported_at from raw.interactions") == [
        (2, "i1", "7", datetime(2026, 1, 1))
    ]
    assert home.refused() == [
        ("i_20260101.xlsx", 3, "interaction_id_absent"),
        ("i_20260101.xlsx", 4, "id_unusable"),
    ]


def test_an_export_may_be_one_json_array(home: LandingHome) -> None:
    rows = [{"userId": "u1", "tenantId": "tA"}, {"UserID": 2, "tenant_id": "tB"}]
    home.deliver(f"{USERS}u_2026-01-01.json", json.dumps(rows, indent=1))
    home.land()
    assert home.rows("select user_id, tenant_id from raw.users order by line_number") == [("u1", "tA"), ("2", "tB")]


def test_columns_that_no_field_takes_are_named_with_the_nearest_name(home: LandingHome) -> None:
    home.deliver(f"{TENANTS}t.csv", "tenantId,name,timeZone,time_zones,colour\nt,A,Europe/Berlin,x,red\n")
    home.deliver(f"{USERS}u.csv", "userId,tenantId,EMail\nu,t,a@b\n")
    details = [notice.detail for notice in home.land().notices]
    assert details == [
        "column 'colour' is taken by no field",
        "column 'time_zones' is taken by no field; is 'timezone' meant?",
    ]
    assert home.rows("select timezone from raw.tenants") == [("Europe/Berlin",)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([10001.0, 10002.0]), ["10001", "10002"]),
        (pa.array([b"u1", b"u2"]), ["u1", "u2"]),
        (pa.array(["u1", "u2"]).dictionary_encode(), ["u1", "u2"]),
        (pa.array([1, 2], pa.uint8()), ["1", "2"]),
    ],
    ids=str,
)
def test_typed_tables_give_ids_by_the_rules_of_records(
    home: LandingHome, values: pa.Array, expected: list[str]
) -> None:
    home.deliver(f"{USERS}u_2026-01-01.parquet", parquet({"UserId": values, "TenantId": ["tA", "tB"]}))
    home.land()
    assert [user for (user,) in home.rows("select user_id from raw.users order by line_number")] == expected


def test_typed_tables_with_values_that_are_none_are_set_aside(home: LandingHome) -> None:
    home.deliver(f"{USERS}a.parquet", parquet({"userId": pa.array([2.0**60, 1.5]), "tenantId": ["t", "t"]}))
    got = home.set_aside()
    assert "row 1, column 'userId' has a number beyond 2^53" in got and "(and 1 more: row 2, column 'userId')" in got


@pytest.mark.parametrize("kind", [pa.float32(), pa.float64(), pa.decimal128(20, 6), pa.string(), pa.decimal256(60, 30)])
def test_prices_of_every_type_are_exact(home: LandingHome, kind: pa.DataType) -> None:
    price: Any = Decimal("0.1") if pa.types.is_decimal(kind) else "0.1" if pa.types.is_string(kind) else 0.1
    home.deliver(f"{RATES}r.parquet", parquet({"pricePerCredit": pa.array([price], kind), "currency": ["EUR"]}))
    home.land()
    assert home.rows("select price_per_credit from raw.rates") == [(Decimal("0.1"),)]
