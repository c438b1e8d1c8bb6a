"""Workbooks cost what their cells cost, and NaN in typed tables is absent wherever no figure belongs."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, time
from typing import Any

import pyarrow as pa
import pytest

from ingest.landing import excel_reading
from tests.ingest.landing.landing_home import LandingHome
from tests.ingest.landing.test_export_forms import RATES, TENANTS, USERS, workbook
from tests.ingest.landing.test_parquet_types import parquet


def sheet(rows: str) -> bytes:
    """A workbook whose first sheet has exactly these rows."""
    written = zipfile.ZipFile(io.BytesIO(workbook(("userId", "tenantId"))))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as parts:
        for name in written.namelist():
            part = written.read(name)
            if name == "xl/worksheets/sheet1.xml":
                head, _, rest = part.decode().partition("<sheetData>")
                part = f"{head}<sheetData>{rows}</sheetData>{rest.partition('</sheetData>')[2]}".encode()
            parts.writestr(name, part)
    return stream.getvalue()


def _row(number: int, **cells: str) -> str:
    texts = (f'<c r="{at}{number}" t="inlineStr"><is><t>{text}</t></is></c>' for at, text in cells.items())
    return f'<row r="{number}">{"".join(texts)}</row>'


def test_a_workbook_costs_what_its_cells_cost(home: LandingHome, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0

    def counted(cell: Any) -> Any:
        nonlocal looks
        looks += 1
        return shown(cell)

    shown = excel_reading._shown
    monkeypatch.setattr(excel_reading, "_shown", counted)
    stray = _row(50_000, A=" ", XFD=" ") + _row(1_048_576, XFD=" ")
    rows = _row(3, A="userId", B="tenantId", XFD="far") + _row(5, A="u1", B="tA") + _row(70, A="u2", B="tB", E="x")
    home.deliver(f"{USERS}u.xlsx", sheet(rows + stray))
    home.land()
    assert home.rows("select line_number, user_id, tenant_id from raw.users order by 1") == [
        (5, "u1", "tA"),
        (70, "u2", "tB"),
    ]
    assert looks < 20


def test_texts_that_a_workbook_keeps_as_another_type_are_read_as_texts(home: LandingHome) -> None:
    names = [True, datetime(2026, 1, 31), datetime(2026, 1, 31, 8, 30), time(8, 30)]
    home.deliver(
        f"{USERS}u.xlsx",
        workbook(("userId", "tenantId", "displayName"), *((f"u{n}", "t", n_) for n, n_ in enumerate(names))),
    )
    home.land()
    assert [name for (name,) in home.rows("select display_name from raw.users order by line_number")] == [
        *("TRUE", "2026-01-31", "2026-01-31 08:30:00", "08:30:00"),
    ]


@pytest.mark.parametrize("kind", [pa.float16(), pa.float32(), pa.float64()])
def test_nan_is_absent_wherever_no_figure_belongs(home: LandingHome, kind: pa.DataType) -> None:
    nan = pa.array([float("nan")] * 2, kind)
    words = ("environment", "cortiTenant", "kind", "model", "status", "source", "createdAt", "type")
    day = ["2025-03-01"] * 2
    record = {"recordId": ["a", "b"], "creditsConsumed": [1, 2], "capturedAt": day} | dict.fromkeys(words, nan)
    home.usage("a.parquet", parquet(record))
    home.usage("tenantId=t/model=x/a.parquet", parquet(record | {"recordId": ["c", "d"]}))
    home.deliver(f"{USERS}u.parquet", parquet({"userId": ["u"], "tenantId": ["t"], "displayName": nan[:1]}))
    home.deliver(f"{TENANTS}t.parquet", parquet({"tenantId": ["t"], "name": ["T"], "timezone": nan[:1]}))
    home.deliver(f"{RATES}r.parquet", parquet({"kind": nan[:1], "pricePerCredit": ["1"], "currency": ["EUR"]}))
    quota = {"tenantId": ["t"], "period": ["day"], "credits": [1], "warnAt": nan[:1]}
    home.deliver("billing/quotas/q.parquet", parquet(quota))
    assert home.land().left_out == () and home.refused() == []
    columns = "environment, corti_tenant, kind, status, source, created_at"
    assert home.rows(f"select distinct {columns} from raw.usage_records") == [(None,) * 6]
    assert home.rows("select distinct model from raw.usage_records order by 1") == [("x",), (None,)]
    for column, table in (("display_name", "users"), ("timezone", "tenants"), ("kind", "rates"), ("warn_at", "quotas")):
        assert home.rows(f"select {column} from raw.{table}") == [(None,)]


def test_credits_that_are_nan_are_none(home: LandingHome) -> None:
    record = {"recordId": ["a"], "creditsConsumed": [float("nan")], "credits": [5], "createdAt": ["2025-03-01"]}
    home.usage("a.parquet", parquet(record))
    home.land()
    assert [reason for _, _, reason in home.refused()] == ["credits_not_a_number"]


def test_a_row_beyond_the_last_of_a_sheet_is_named(home: LandingHome) -> None:
    rows = _row(1, A="userId", B="tenantId") + _row(2, A="u", B="t") + _row(99_999_999_999, A="v", B="t")
    home.deliver(f"{USERS}u.xlsx", sheet(rows))
    assert "a row beyond 1048576" in home.set_aside()
