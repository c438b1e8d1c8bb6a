"""Rows as columns of text, small and exact: each value is once in a dictionary, figures have no trailing zeros."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

Kind = Literal["place", "exact", "count"]
PLACE: Kind = "place"
EXACT: Kind = "exact"
COUNT: Kind = "count"
"""The kinds of columns of the page: places in a dictionary, exact decimals, whole numbers."""
OTHERS = ""
"""In place of an index: all members that are not named, or no member."""


class Dictionary:
    """Values in the order of their first use."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def index(self, value: object) -> str:
        """The place of a value, as text; `None` means the others, or none."""
        if value is None:
            return OTHERS
        text = value.isoformat() if isinstance(value, date) else str(value)
        return str(self._places.setdefault(text, len(self._places)))

    @property
    def values(self) -> list[str]:
        """All values, by place."""
        return list(self._places)


def exact(value: object) -> str:
    """A decimal as its shortest exact text; empty for 0."""
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "" if text == "0" else text


def as_columns(columns: Mapping[str, Dictionary | Kind], rows: Iterable[tuple[object, ...]]) -> dict[str, object]:
    """Rows as one text for each column, with its values separated by blanks, under the kind of the column.

    Values of a column with a dictionary are their places in it; `EXACT` ones are decimals, `COUNT` ones whole numbers.
    """
    rows = list(rows)
    texts: dict[Kind, dict[str, str]] = {PLACE: {}, EXACT: {}, COUNT: {}}
    for (name, held), values in zip(
        columns.items(), zip(*rows, strict=True) if rows else ((),) * len(columns), strict=True
    ):
        kind, text_of = (PLACE, held.index) if isinstance(held, Dictionary) else (held, exact)
        texts[kind][name] = " ".join([text_of(value) for value in values])
    return {"rows": len(rows), **texts}
