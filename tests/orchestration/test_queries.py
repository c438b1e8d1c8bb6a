"""The worked queries of the documentation run on a published version, and their totals are those of the version."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.orchestration.homes import CHECKOUT, Home

QUERIES = sorted((CHECKOUT / "docs" / "queries").glob("*.sql"))
ON_OTHER_HOMES = (17, 20, 21, 22, 23)
"""Those about purchases and wrong charges, which their own tests ask of homes that have some."""
MARTS = re.compile(r"(?:from|join)\s+(marts\.\w+)")


def answer(home: Home, query: Path) -> list[dict[str, object]]:
    """The rows of a query as a reader of the published file gets them."""
    with duckdb.connect(str(home.current / "credits.duckdb"), read_only=True) as connection:
        found = connection.execute(query.read_text(encoding="utf-8"))
        columns = [column[0] for column in found.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def named(number: int) -> Path:
    """A query by the number that its file begins with."""
    return next(query for query in QUERIES if query.name.startswith(f"{number:02}_"))


def total(home: Home) -> Decimal:
    return Decimal(home.manifest()["totals"]["credits"])


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.stem)
def test_each_worked_query_answers_its_question(home: Home, query: Path) -> None:
    text = query.read_text(encoding="utf-8")
    assert text.startswith("-- ") and "?" in text.split("\n\n")[0]
    assert {name.removeprefix("marts.") for name in MARTS.findall(text)} <= {*home.manifest()["tables"]}
    assert answer(home, query) or int(query.name[:2]) in ON_OTHER_HOMES


def test_they_are_numbered() -> None:
    assert [int(query.name[:2]) for query in QUERIES] == [*range(1, len(QUERIES) + 1)]


@pytest.mark.parametrize("number", [1, 6, 7, 8, 9])
def test_what_a_query_sums_up_is_all_that_was_published(home: Home, number: int) -> None:
    assert sum((Decimal(str(row["credits"])) for row in answer(home, named(number))), Decimal(0)) == total(home)


def test_every_table_holds_the_same_credits(home: Home) -> None:
    assert {row["credits"] for row in answer(home, named(10))} == {total(home)}


def test_those_that_make_up_80_percent_do_and_one_less_does_not(home: Home) -> None:
    rows = answer(home, named(3))
    months: dict[object, list[Decimal]] = {}
    for row in rows:
        months.setdefault(row["month_start"], []).append(Decimal(str(row["credits"])))
    with duckdb.connect(str(home.current / "credits.duckdb"), read_only=True) as connection:
        totals = dict(
            connection.execute(
                "select month_start, sum(credits) from marts.agg_credits_user_monthly group by 1"
            ).fetchall()
        )
    assert set(months) == {month for month, credits in totals.items() if credits}
    for month, credits in months.items():
        assert sum(credits) >= Decimal("0.8") * totals[month] > sum(credits) - min(credits)
