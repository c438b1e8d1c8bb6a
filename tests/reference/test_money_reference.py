"""The reference of money itself, on examples small enough to work out by hand."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from .billing_files import Rate, read_billing
from .charges import UNRATED, Charges, Figures, Of, all_charges
from .facts import Fact
from .files import Row
from .model import compute
from .statements import Books, LineId, rounded
from .test_reference import land

NOW = datetime(2026, 1, 15, 12)
JANUARY, FEBRUARY, MARCH = date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1)
RATES = "tenantId,kind,pricePerCredit,currency,validFrom,validTo\n"


def facts_of(home: Path, *rows: Row) -> list[Fact]:
    """The facts of a few records of tenant t1, each on 10 February unless it says another time."""
    usual: Row = {"createdAt": "2025-02-10T00:00:00Z", "tenantId": "t1", "kind": "document"}
    land(home, "usage_records/a.jsonl", [{**usual, **row} for row in rows])
    return compute(home, NOW).fact


def charges_of(home: Path, *rows: Row) -> Charges:
    """What a few records are charged at the home's rates, with its adjustments."""
    return all_charges(facts_of(home, *rows), read_billing(home / "landing"))


def lines_of(books: Books, charges: Charges, month: date) -> dict[tuple[str, date, str, str | None], Decimal | None]:
    """Amounts by line type, month of usage, currency and kind."""
    lines = books.statements(charges)[month].lines
    return {(x.line_type, x.usage_month, x.currency, x.kind): line.amount for x, line in lines.items()}


def test_the_most_specific_rate_holds_at_the_time_of_the_operation(tmp_path: Path) -> None:
    land(
        tmp_path,
        "billing/rates/rates-2025-01-01.csv",
        RATES
        + "t1,Document,4,EUR,2025-02-01T00:00:00Z,2025-03-01T00:00:00Z\nt1,,3,EUR,,\n,document,2,USD,,\n,,1,JPY,2025-01-01,\n",
    )
    billing = read_billing(tmp_path / "landing")
    at = datetime(2025, 2, 1)
    assert billing.rate("t1", "document", at) == Rate(Decimal(4), "EUR")
    assert billing.rate("t1", "document", datetime(2025, 1, 31, 23, 59, 59)) == Rate(Decimal(3), "EUR")
    assert billing.rate("t1", "document", datetime(2025, 3, 1)) == Rate(Decimal(3), "EUR")
    assert billing.rate("t1", "stream", at) == Rate(Decimal(3), "EUR")
    assert billing.rate("t2", "document", at) == Rate(Decimal(2), "USD")
    assert billing.rate("t2", "stream", at) == Rate(Decimal(1), "JPY")
    assert billing.rate("t2", "stream", datetime(2024, 12, 31)) is None


def test_snapshots_of_rates_make_windows(tmp_path: Path) -> None:
    land(tmp_path, "billing/rates/rates_2025-01-01.csv", "tenantId,pricePerCredit,currency\nt1,1.50,EUR\nt2,1,EUR\n")
    land(tmp_path, "billing/rates/rates_2025-02-01.csv", "tenant_id,price_per_credit,currency\nt1,2,EUR\n")
    billing = read_billing(tmp_path / "landing")
    assert billing.rate("t1", None, datetime(2020, 1, 1)) == Rate(Decimal("1.5"), "EUR")
    assert billing.rate("t1", None, datetime(2025, 2, 1)) == Rate(Decimal(2), "EUR")
    assert billing.rate("t2", None, datetime(2025, 1, 31)) == Rate(Decimal(1), "EUR")
    assert billing.rate("t2", None, datetime(2025, 2, 1)) is None


@pytest.mark.parametrize(
    ("exact", "places", "amounts"),
    [
        (["0.005"], 2, ["0.01"]),
        (["-0.005"], 2, ["-0.01"]),
        (["0.0049999"], 2, ["0.00"]),
        (["0.5", "0.5"], 0, ["1", "0"]),
        (["0.333", "0.333", "0.334"], 2, ["0.33", "0.33", "0.34"]),
        (["0.004", "0.004", "0.004"], 2, ["0.01", "0.00", "0.00"]),
        (["1.0004", "-1.0004"], 3, ["1.000", "-1.000"]),
        (["2.4", "-1.6"], 0, ["3", "-2"]),
        (["99999999999999999.999999999999999999999"], 3, ["100000000000000000.000"]),
        ([], 2, []),
    ],
)
def test_lines_add_up_to_the_half_up_total(exact: list[str], places: int, amounts: list[str]) -> None:
    assert [str(amount) for amount in rounded([*map(Decimal, exact)], places)] == amounts


def test_an_unrated_line_has_no_amount(tmp_path: Path) -> None:
    land(tmp_path, "billing/rates/r-2025-01-01.csv", "tenantId,kind,pricePerCredit,currency\nt1,document,0.0151,KWD\n")
    charges = charges_of(tmp_path, {"creditsConsumed": 1}, {"creditsConsumed": 2, "kind": "stream"})
    assert lines_of(Books(), charges, FEBRUARY) == {
        ("usage", FEBRUARY, "KWD", "document"): Decimal("0.015"),
        ("usage", FEBRUARY, UNRATED, "stream"): None,
    }


def test_an_adjustment_is_priced_without_kind_at_the_start_of_its_day(tmp_path: Path) -> None:
    land(
        tmp_path,
        "billing/rates/r-2025-01-01.csv",
        RATES + "t1,document,9,EUR,,\nt1,,2,EUR,,2025-02-10T00:00:00Z\n,,5,JPY,,\n",
    )
    header = "adjustmentId,tenantId,credits,effectiveDate,reason\n"
    land(
        tmp_path, "billing/adjustments/one-2025-02-01.csv", header + "a1,t1,7,2025-02-01,old\na2,t1,-2,2025-02-09,two\n"
    )
    land(tmp_path, "billing/adjustments/two-2025-02-02.csv", header + "a1,t1,-1.5,2025-02-10,new\n")
    charges = charges_of(tmp_path, {"creditsConsumed": 1})
    assert lines_of(Books(), charges, FEBRUARY) == {
        ("usage", FEBRUARY, "EUR", "document"): Decimal("9.00"),
        ("adjustment", FEBRUARY, "EUR", None): Decimal("-4.00"),
        ("adjustment", FEBRUARY, "JPY", None): Decimal(-8),
    }


def test_the_date_of_an_adjustment_begins_in_the_zone_of_the_customer(tmp_path: Path) -> None:
    land(tmp_path, "mappings/tenants/t-2025-01-01.csv", "tenantId,name,timezone\nt1,North,America/New_York\n")
    land(tmp_path, "billing/rates/r.csv", RATES + "t1,,1,EUR,,2025-02-01T05:00:00Z\nt1,,2,EUR,2025-02-01T05:00:00Z,\n")
    header = "adjustmentId,tenantId,credits,effectiveDate,reason\n"
    land(tmp_path, "billing/adjustments/one.csv", header + "a1,t1,-10,2025-02-01,x\na2,t1,-10,2025-01-31,x\n")
    charges = charges_of(tmp_path)
    assert {of.adjustment_id: of.price for of in charges} == {"a1": Decimal(2), "a2": Decimal(1)}


def _charged(month: date, credits: str, *, tenant: str = "t1", price: str = "1") -> dict[Of, Figures]:
    of = Of(tenant, month, month, None, None, "document", None, "EUR", Decimal(price))
    return {of: Figures(Decimal(credits), 1)}


def test_what_comes_late_is_corrected_in_the_first_open_month() -> None:
    books = Books()
    books.close(JANUARY, _charged(JANUARY, "5"))
    books.close(MARCH, _charged(JANUARY, "5") | _charged(MARCH, "2"))
    late = _charged(JANUARY, "8") | _charged(MARCH, "2")
    statements = books.statements(late)
    assert sorted(statements) == [JANUARY, FEBRUARY, MARCH]
    assert lines_of(books, late, JANUARY) == {("usage", JANUARY, "EUR", "document"): Decimal("5.00")}
    assert lines_of(books, late, FEBRUARY) == {("correction", JANUARY, "EUR", "document"): Decimal("3.00")}
    (line,) = statements[FEBRUARY].lines
    assert statements[FEBRUARY].corrects[line] == LineId(
        JANUARY, "t1", "usage", JANUARY, "document", "EUR", Decimal(1), None
    )

    books.close(FEBRUARY, late)
    assert not books.can_reopen(JANUARY)
    later = _charged(JANUARY, "7") | _charged(MARCH, "2")
    april = date(2025, 4, 1)
    assert lines_of(books, later, april) == {("correction", JANUARY, "EUR", "document"): Decimal("-1.00")}

    books.reopen(FEBRUARY)
    assert lines_of(books, later, FEBRUARY) == {("correction", JANUARY, "EUR", "document"): Decimal("2.00")}
    books.reopen(JANUARY)
    assert lines_of(books, later, JANUARY) == {("usage", JANUARY, "EUR", "document"): Decimal("7.00")}
    assert sorted(books.statements(later)) == [JANUARY, MARCH]


def test_another_owner_or_price_is_a_minus_and_a_plus() -> None:
    books = Books()
    books.close(JANUARY, _charged(JANUARY, "5"))
    statement = books.statements(_charged(JANUARY, "5", tenant="t2", price="3"))[FEBRUARY]
    assert {(x.tenant_id, x.price): line.amount for x, line in statement.lines.items()} == {
        ("t1", Decimal(1)): Decimal("-5.00"),
        ("t2", Decimal(3)): Decimal("15.00"),
    }
    assert {x.tenant_id: line is not None for x, line in statement.corrects.items()} == {"t1": True, "t2": False}

    # Higher prices come after lower ones, but a line that takes back comes before the one that replaces it.
    statement = books.statements(_charged(JANUARY, "5", price="0.5"))[FEBRUARY]
    assert [(x.price, line.amount) for x, line in statement.lines.items()] == [
        (Decimal(1), Decimal("-5.00")),
        (Decimal("0.5"), Decimal("2.50")),
    ]
    (billed,) = books.closed[JANUARY].lines
    assert [*statement.corrects.values()] == [billed, billed]
