"""Files of a statement, CSV, Parquet and PDF: typed, safe to open, that tenant's rows alone, the same bytes every time."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from ingest.settings import Settings
from orchestration.cli import FORMATS
from orchestration.commands.statement import rendered
from orchestration.statements.page import page_of
from orchestration.statements.reading import read_statement
from orchestration.statements.tables import escape_formula
from tests.orchestration.statement_rows import SEPTEMBER, MadeLine, MadeStatement, publish
from tests.orchestration.statements.made_statements import HOSTILE, STATEMENTS, made


def test_csv_has_numbers_as_numbers_and_no_text_that_reads_as_a_formula(tmp_path: Path, settings: Settings) -> None:
    evil = '=HYPERLINK("http://x")'
    lines = [MadeLine("-5", "adjustment", None, adjustment_id="+1", reason=f"ok;{evil}"), MadeLine("1", kind="@kind")]
    publish(settings, [MadeStatement("-t", evil, lines)], "v2")
    rows = list(csv.DictReader(made(settings, "csv", "-t").decode().splitlines()))
    assert rows[0]["tenant_name"] == f"'{evil}" and rows[0]["tenant_id"] == "'-t"
    assert (rows[0]["adjustment_id"], rows[0]["reason"], rows[1]["kind"]) == ("'+1", f"ok;'{evil}", "'@kind")
    assert (rows[0]["credits"], rows[0]["amount"]) == ("-5.000000000", "-0.60")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "  =", "\n=", "\uff1d"])
def test_a_text_that_begins_like_a_formula_is_made_inert(start: str) -> None:
    assert escape_formula(f"{start}1+1") == f"'{start}1+1"
    assert escape_formula(f"a{start}1") == f"a{start}1" or start in ("\n=",)


def test_parquet_is_typed(settings: Settings) -> None:
    table = pyarrow.parquet.read_table(io.BytesIO(made(settings, "parquet")))
    kinds = {
        name: str(table.schema.field(name).type) for name in ("statement_month", "credits", "amount", "line_number")
    }
    assert kinds == {
        "statement_month": "date32[day]",
        "credits": "decimal128(38, 9)",
        "amount": "decimal128(38, 4)",
        "line_number": "int32",
    }
    first, correction = table.to_pylist()[0], table.to_pylist()[3]
    assert (first["statement_month"], first["credits"]) == (date(2026, 10, 1), Decimal("102.00639"))
    assert (correction["corrects_line_key"], correction["corrects_line_number"]) == ("September 1", 1)
    assert correction["usage_month"] == SEPTEMBER
    assert first["tenant_name"] == HOSTILE


@pytest.mark.parametrize("form", FORMATS)
def test_the_bytes_follow_from_the_frozen_rows_alone(settings: Settings, form: str) -> None:
    before = made(settings, form)
    others = [MadeStatement("t0", "Newcomer", [MadeLine("1")]), *reversed(STATEMENTS)]
    publish(settings, others, "v2")
    assert made(settings, form) == before


@pytest.mark.parametrize("form", ["html", "csv", "parquet"])
def test_a_statement_holds_that_tenants_data_only(settings: Settings, form: str) -> None:
    for tenant, others in (
        ("t1", [b"Neighbour", b"neighbour_kind", b"NNNN"]),
        ("t2", [b"alert", b"Goodwill", b"NNNN"]),
    ):
        assert not [other for other in others if other in made(settings, form, tenant)]
    assert "eighbour" not in repr(page_of(read_statement(settings, "t1", "2026-10")))


def test_a_pdf_is_tagged_undated_and_takes_names_for_text(settings: Settings) -> None:
    for tenant, pages in (("t1", 2), ("t3", 3)):
        pdf = made(settings, "pdf", tenant)
        assert pdf.startswith(b"%PDF-")
        assert b"/CreationDate" not in pdf and b"/ModDate" not in pdf and b"CreateDate" not in pdf
        assert b"/MarkInfo" in pdf or b"/StructTreeRoot" in pdf
        assert f"/Count {pages}".encode() in pdf


def test_a_pdf_says_when_its_fonts_lack_characters(settings: Settings) -> None:
    publish(settings, [MadeStatement("t1", "\u65e5\u672c", [MadeLine("1")])], "v2")
    pdf, remark = rendered(read_statement(settings, "t1", "2026-10"), "pdf")
    assert pdf.startswith(b"%PDF-")
    assert remark and "--fonts" in remark
