"""The page of a statement: each figure and name as it is, each correction by what it corrects, and no markup but its own."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser

import pyarrow
import pyarrow.parquet

from ingest.settings import Settings
from orchestration.statements.page import page_of
from orchestration.statements.reading import read_statement
from orchestration.statements.wording import places_needed, price, share, strip_control_characters
from tests.orchestration.statement_rows import SEPTEMBER, MadeLine, MadeStatement, publish
from tests.orchestration.statements.made_statements import made

AUGUST = date(2026, 8, 1)


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
        *("EUR\xa0471.06", "JPY\xa0234", "KWD\xa00.464", "102.00639", "4,836.015437", "0.095", "18.75"),
        *(
            "Goodwill for the 8th",
            "adjustment adj-1",
            "September 2026: Facts from text",
            "corrects line 1 of September 2026",
        ),
        *(
            "not on the statement of September 2026",
            "Without a price",
            "Total without a price",
            "unrated",
            "3.000000001",
        ),
        *("including 1.0674 estimated, 2.50 read later, 0.25 attributed by fallback, 4.50 derived", "< 0.1 %"),
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


def test_figures_lose_nothing_and_names_lose_what_is_not_seen() -> None:
    assert places_needed([Decimal("1.500000000"), Decimal(100), Decimal(0)]) == 2
    assert places_needed([Decimal("1.000000001")]) == 9
    assert [price(Decimal(text), decimals) for text, decimals in (("0.12", 2), ("18", 0), ("0.123456789012", 2))] == [
        "0.12",
        "18.00",
        "0.123456789012",
    ]
    assert [share(Decimal(part), Decimal(200)) for part in ("50", "0.01", "-0.01")] == ["25.0 %", "< 0.1 %", "< 0.1 %"]
    assert strip_control_characters("a\u202eb\u200bc\x00d\ne\u2066f") == "abcd ef"
