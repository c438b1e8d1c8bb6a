"""The list prices of tokens in the models are those of the list that names its source."""

from __future__ import annotations

import csv
import re
from datetime import date
from decimal import Decimal

from ingest.settings import CHECKOUT

MODEL = CHECKOUT / "dbt_project" / "models" / "staging" / "usage" / "stg_listed_token_prices.sql"
LIST = CHECKOUT / "data" / "token_prices.csv"
_ROW = re.compile(r"\('([^']+)', (?:'(\w+)'|none), '([^']+)', '([^']+)', (?:'([^']+)'|none)\),")


def test_the_listed_prices_are_those_with_a_source_and_a_date() -> None:
    with LIST.open(encoding="utf-8", newline="") as file:
        listed = [*csv.DictReader(file)]
    names = ("inputPerMillion", "outputPerMillion", "cachedInputPerMillion")
    rows = _ROW.findall(MODEL.read_text(encoding="utf-8"))
    assert {row[:2]: [Decimal(price) if price else None for price in row[2:]] for row in rows} == {
        (row["model"], row["kind"]): [Decimal(row[name]) if row[name] else None for name in names] for row in listed
    }
    assert all(row["source"] and date.fromisoformat(row["asOf"]) for row in listed)
