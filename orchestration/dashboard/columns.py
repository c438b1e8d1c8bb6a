"""Rows as columns of text, small and exact: each value is once in a dictionary, figures have no trailing zeros."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from ingest.sql_text import quoted
from orchestration.dashboard.scope import Scope

Kind = Literal["place", "exact", "amount", "count"]
PLACE: Kind = "place"
EXACT: Kind = "exact"
AMOUNT: Kind = "amount"
COUNT: Kind = "count"
"""The kinds of columns of the page: places in a dictionary, exact decimals with up to 9 places, amounts with up to 21,
whole numbers.
"""
OTHERS = ""
"""In place of an index: all members that are not named, or no member."""


class Dictionary:
    """Values in the order of their first use."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def place(self, value: str) -> str:
        """The place of a value, as text."""
        return str(self._places.setdefault(value, len(self._places)))

    @property
    def values(self) -> list[str]:
        """All values, by place."""
        return list(self._places)


def as_columns(scope: Scope, columns: Mapping[str, Dictionary | Kind], query: str | None) -> dict[str, object]:
    """The rows of a query as one text for each column, with its values separated by blanks, under the kind of the
    column. Without a query there are no rows.

    The query has the columns in their order. Values of a column with a dictionary are their places in it (nulls are
    `OTHERS`); `EXACT` ones and `AMOUNT` ones are decimals, `COUNT` ones whole numbers.
    """
    texts: dict[Kind, dict[str, str]] = {PLACE: {}, EXACT: {}, AMOUNT: {}, COUNT: {}}
    if query is None:
        query = f"select {', '.join(['null'] * len(columns))} where false"
    rows = scope.table(_as_texts(columns, query))
    for name, held in columns.items():
        values = rows[name].combine_chunks()
        if isinstance(held, Dictionary):
            texts[PLACE][name] = _joined(_places(held, values))
        else:
            texts[held][name] = _joined(values)
    return {"rows": rows.num_rows, **texts}


def _as_texts(columns: Mapping[str, Dictionary | Kind], query: str) -> str:
    chosen = ", ".join(f"{_as_text(held, quoted(name))} as {quoted(name)}" for name, held in columns.items())
    return f"select {chosen} from ({query}) as rows ({', '.join(map(quoted, columns))})"


def _as_text(held: Dictionary | Kind, column: str) -> str:
    """A value as text, a number as its shortest exact one; null for 0."""
    text = f"{column}::varchar"
    if isinstance(held, Dictionary):
        return text
    if held in (EXACT, AMOUNT):
        text = rf"regexp_replace({text}, '\.0*$|(\.[0-9]*[1-9])0+$', '\1')"
    return f"case when {column} != 0 then {text} end"


def _places(dictionary: Dictionary, values: pa.Array) -> pa.Array:
    encoded = values.dictionary_encode()
    places = [dictionary.place(str(value)) for value in encoded.dictionary.to_pylist()]
    return pa.array(places, pa.string()).take(encoded.indices)


def _joined(texts: pa.Array) -> str:
    filled: Any = pc.fill_null(texts, pa.scalar(OTHERS))
    as_one: Any = pc.binary_join(pa.ListArray.from_arrays(pa.array([0, len(filled)], pa.int32()), filled), " ")
    return as_one[0].as_py()
