"""Rows as columns of text: each value once in a dictionary, figures without trailing zeros. Small and exact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

OTHERS = ""
"""In place of an index: not one member but all that are not named, or none at all."""


class Dictionary:
    """Values in the order in which they were first met."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def index(self, value: object) -> str:
        """The place of a value, as text; `None` stands for the others, or for none."""
        if value is None:
            return OTHERS
        text = value.isoformat() if isinstance(value, date) else str(value)
        return str(self._places.setdefault(text, len(self._places)))

    @property
    def values(self) -> list[str]:
        """All values, by place."""
        return list(self._places)


def exact(value: object) -> str:
    """A decimal as its shortest exact text; nothing for 0."""
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "" if text == "0" else text


def as_columns(
    names: Sequence[str], rows: Iterable[tuple[object, ...]], dictionaries: Mapping[str, Dictionary]
) -> dict[str, str | int]:
    """Rows as one text a column, its values parted by blanks; those with a dictionary by their index."""
    rows = list(rows)
    columns: dict[str, str | int] = {"rows": len(rows)}
    for name, values in zip(names, zip(*rows, strict=True) if rows else ((),) * len(names), strict=True):
        told = dictionaries[name].index if name in dictionaries else exact
        columns[name] = " ".join([told(value) for value in values])
    return columns
