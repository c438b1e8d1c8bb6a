"""The worked queries of the documentation, asked of a home that a test has made."""

from __future__ import annotations

import duckdb

from ingest.settings import CHECKOUT
from tests.end_to_end.driving import Warehouse


def answer(warehouse: Warehouse, number: int) -> list[dict[str, object]]:
    """The rows of the query whose file begins with the number, as a reader of the published file gets them."""
    (query,) = (CHECKOUT / "docs" / "queries").glob(f"{number:02}_*.sql")
    with duckdb.connect(str(warehouse.settings.published / "current" / "credits.duckdb"), read_only=True) as marts:
        found = marts.execute(query.read_text(encoding="utf-8"))
        columns = [column[0] for column in found.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
