"""A statement that a customer can be sent: that tenant's rows alone, safe to open, the same bytes every time."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
from datetime import date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pyarrow
import pyarrow.parquet
import pytest
from click.testing import CliRunner

from ingest.settings import Settings, load_settings
from orchestration.cli import FORMATS, main
from orchestration.statement_command import rendered, write_statement
from orchestration.statements.page import page_of
from orchestration.statements.reading import StatementError, read_statement
from orchestration.statements.tables import inert
from orchestration.statements.wording import legible, places_needed, price, share
from tests.orchestration.statement_rows import (
    SEPTEMBER,
    MadeLine,
    MadeStatement,
    lines_of_every_sort,
    long_statement,
    publish,
)

AUGUST = date(2026, 8, 1)
HOSTILE = "<script>alert('x')</script> =cmd|' /C calc'!A0 \u202egnp.exe\u202c #eval(\"1\") *b* $x$ @ref \\"
CLOSED_AT = datetime(2026, 11, 3, 8, 15)
STATEMENTS = [
    MadeStatement("t1", HOSTILE, lines_of_every_sort(), closed_at=CLOSED_AT),
    MadeStatement("t1", HOSTILE, [MadeLine("10", kind="facts")], month=SEPTEMBER, closed_at=datetime(2026, 10, 3)),
    MadeStatement("t2", "Neighbour", [MadeLine("7.7", kind="neighbour_kind")]),
    long_statement("t3", "N" * 300),
]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("CREDITS_HOME", str(tmp_path / "home"))
    settings = load_settings()
    publish(settings, STATEMENTS)
    return settings


def made(settings: Settings, form: str, tenant: str = "t1", month: str = "2026-10") -> bytes:
    return rendered(read_statement(settings, tenant, month), form)[0]


class Tags(HTMLParser):
    """Every tag and attribute of a page, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += f"{data}\n"


def test_html_holds_no_markup_but_its_own_and_reaches_for_nothing(settings: Settings) -> None:
    html = made(settings, "html").decode()
    found = Tags(html)
    assert not found.tags & {"script", "img", "link", "iframe", "object", "a", "form"}
    assert not found.attributes & {"src", "href", "style", "onload", "onclick"}
    assert "<script>alert('x')</script>" in found.text
    style = re.search("<style>(.*)</style>", html, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in html
    assert "@page { size: A4" in html
    assert "\u202e" not in html


def test_html_says_each_figure_at_its_currencys_decimals_and_names_the_unrated(settings: Settings) -> None:
    text = Tags(made(settings, "html").decode()).text
    for said in (
        *("October 2026", "1 to 31 October 2026", "Closed", "on 3 November 2026, 08:15 UTC", "5ae1" * 16),
        *("EUR\xa0471.06", "JPY\xa0234", "KWD\xa00.464", "102.006390000", "4,836.015437000", "0.095", "18.75"),
        *("Goodwill for the 8th", "adjustment adj-1", "September 2026: facts", "corrects line 1 of September 2026"),
        *(
            "not on the statement of September 2026",
            "Without a price",
            "Total without a price",
            "unrated",
            "3.000000001",
        ),
        *("of which 1.067400000 estimated, 2.500000000 read later, 0.250000000 attributed by fallback", "< 0.1 %"),
    ):
        assert said in text, said
    opened = Tags(made(settings, "html", "t2").decode()).text
    assert "figures may still change" in opened and "SHA-256" not in opened


def test_a_correction_names_the_line_that_it_corrects_by_its_own_statement(settings: Settings) -> None:
    earlier = [MadeLine("1", price="0.1"), MadeLine("1", price=None, kind="codes"), MadeLine("1", kind="facts")]
    corrections = [
        MadeLine("-1", "correction", price="0.1", usage_month=AUGUST, corrects="September 1"),
        MadeLine("1", "correction", price="0.2", usage_month=AUGUST, corrects="September 1"),
        MadeLine("1", "correction", price="0.2", usage_month=AUGUST, corrects="September 2"),
        MadeLine("1", "correction", price=None, usage_month=AUGUST, corrects="September 3"),
        MadeLine("1", "correction", price="0.2", usage_month=AUGUST),
    ]
    made_of = [MadeStatement("t1", "North", earlier, month=SEPTEMBER), MadeStatement("t1", "North", corrections)]
    publish(settings, made_of, "v2")
    statement = read_statement(settings, "t1", "2026-10")
    notes = [row.note for part in page_of(statement).parts for group in part.groups for row in group.rows]
    assert notes == [
        "corrects line 1 of September 2026",
        "corrects line 1 of September 2026, at another price",
        "corrects line 2 of September 2026, which had no price",
        "not on the statement of August 2026",
        "corrects line 3 of September 2026, now without a price",
    ]
    table = pyarrow.parquet.read_table(io.BytesIO(made(settings, "parquet"))).to_pylist()
    assert [row["corrects_statement_month"] for row in table] == [*[SEPTEMBER] * 4, None]


def test_estimates_of_earlier_months_that_were_replaced_are_no_negative_share(settings: Settings) -> None:
    replaced = MadeLine("0.1", "correction", usage_month=SEPTEMBER, estimated="-0.7")
    publish(settings, [MadeStatement("t1", "North", [MadeLine("9.9", read="1"), replaced])], "v2")
    text = Tags(made(settings, "html").decode()).text
    assert "-0.7" in text
    assert "more of it on earlier statements was replaced" in text
    assert "10.0 %" in text
    assert "-7.0 %" not in text
    assert made(settings, "pdf").startswith(b"%PDF-")


def test_unrated_credits_have_no_amount_in_any_format(settings: Settings) -> None:
    page = page_of(read_statement(settings, "t1", "2026-10"))
    unrated = page.parts[-1]
    assert (unrated.is_rated, unrated.total, unrated.credits) == (False, "", "2.000000001")
    assert {row.amount for group in unrated.groups for row in group.rows} == {""}
    rows = [
        row for row in csv.DictReader(made(settings, "csv").decode().splitlines()) if row["rate_status"] == "unrated"
    ]
    assert {(row["amount"], row["exact_amount"], row["price_per_credit"]) for row in rows} == {("", "", "")}
    table = pyarrow.parquet.read_table(io.BytesIO(made(settings, "parquet"))).to_pylist()
    assert [row["amount"] for row in table if row["rate_status"] == "unrated"] == [None, None]


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
    assert inert(f"{start}1+1") == f"'{start}1+1"
    assert inert(f"a{start}1") == f"a{start}1" or start in ("\n=",)


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


def test_lines_that_do_not_make_their_total_are_not_sent(settings: Settings) -> None:
    with duckdb.connect(str(settings.published / "current" / "credits.duckdb")) as marts:
        marts.execute("update marts.mart_tenant_statements set amount = amount + 0.01 where currency = 'EUR'")
    with pytest.raises(StatementError, match="EUR lines of 2026-10 do not add up"):
        read_statement(settings, "t1", "2026-10")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["t1", "2026-13"], "'2026-13' is no month: give one such as 2026-10."),
        (["t1", "October"], "'October' is no month"),
        (["t1", "2026-10-01"], "is no month"),
        (["t2", "2026-09"], "'t2' has no statement for 2026-09; there is 2026-10."),
        (["Neighbour", "2026-10"], "there is no tenant 'Neighbour': give a tenant_id of dim_tenants"),
        (["(unmapped)", "2026-10"], "(unmapped) is no customer"),
        (["t1", "2026-10", "--out", "no/such/folder/a.html"], "No such file or directory"),
    ],
)
def test_a_mistake_ends_in_one_line(settings: Settings, arguments: list[str], said: str) -> None:
    ended = CliRunner().invoke(main, ["statement", *arguments])
    assert ended.exit_code == 1
    assert said in ended.stderr and ended.stderr.startswith("credits: ") and ended.stderr.count("\n") == 1
    assert ended.stdout == ""


def test_nothing_published_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDITS_HOME", str(tmp_path))
    ended = CliRunner().invoke(main, ["statement", "t1", "2026-10"])
    assert (ended.exit_code, ended.stderr) == (1, "credits: nothing is published yet: run `credits run` first.\n")


def test_a_statement_goes_to_a_file_as_a_whole_or_to_standard_output(settings: Settings, tmp_path: Path) -> None:
    out = tmp_path / "october.pdf"
    out.write_text("earlier")
    ended = CliRunner().invoke(main, ["statement", "t1", "2026-10", "--format", "pdf", "--out", str(out)])
    assert (ended.exit_code, ended.output) == (0, "")
    assert out.read_bytes() == made(settings, "pdf")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["october.pdf"]
    ended = CliRunner().invoke(main, ["statement", "t1", "2026-10", "--format", "csv"])
    assert ended.stdout_bytes == made(settings, "csv")


def test_a_binary_file_is_not_written_to_a_terminal(settings: Settings) -> None:
    class Terminal(io.BytesIO):
        def isatty(self) -> bool:
            return True

    with pytest.raises(StatementError, match="give --out FILE"):
        write_statement(settings, "t1", "2026-10", "pdf", None, None, Terminal())


def test_figures_lose_nothing_and_names_lose_what_is_not_seen() -> None:
    assert places_needed([Decimal("1.500000000"), Decimal(100), Decimal(0)]) == 2
    assert places_needed([Decimal("1.000000001")]) == 9
    assert [price(Decimal(text), decimals) for text, decimals in (("0.12", 2), ("18", 0), ("0.123456789012", 2))] == [
        "0.12",
        "18.00",
        "0.123456789012",
    ]
    assert [share(Decimal(part), Decimal(200)) for part in ("50", "0.01", "-0.01")] == ["25.0 %", "< 0.1 %", "< 0.1 %"]
    assert legible("a\u202eb\u200bc\x00d\ne\u2066f") == "abcd ef"
