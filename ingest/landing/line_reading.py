"""One line, read without loss: JSON text to the allow-listed values, numbers as they were written.

Python's parser is the strict judge here: it refuses NaN, trailing commas and anything behind the object. Where a
key stands twice the first one counts, as it does for DuckDB's reader.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from ingest.landing.fields import Field


class UnreadableLineError(Exception):
    """A line is not a JSON object; `reason` is one of the rejection words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NumberText(str):
    """The digits of a JSON number, as written."""

    __slots__ = ()


class NotText:
    """Stands for a value that can't be used: a boolean, an object or an array where a text or a number belongs. A
    `reason` refuses the row that holds it.
    """

    def __init__(self, reason: str = "") -> None:
        self.reason = reason


NOT_TEXT = NotText()
TRUE = NotText()
"""Stands for the boolean that some fields are; where a text or a number belongs it is as good as any other."""
Value = str | NotText
"""What a field may hold: a text, a `NumberText`, or the mark for anything else. Absent fields are left out."""


def _refuse_constant(_: str) -> object:
    raise ValueError


def _first_wins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    return dict(reversed(pairs))


_DECODER = json.JSONDecoder(
    parse_float=NumberText,
    parse_int=NumberText,
    parse_constant=_refuse_constant,
    object_pairs_hook=_first_wins,
)


def read_json_line(line: bytes, fields: Iterable[Field]) -> dict[str, Value]:
    """Read one JSON line (bytes, without its line end) to its allow-listed fields by column name.

    Raises:
        UnreadableLineError: the line is not UTF-8, not JSON, or not an object.
    """
    return pick_fields(read_json_object(line), fields)


def read_json_object(line: bytes) -> dict[str, object]:
    """Read one JSON line whole, its numbers as `NumberText`.

    Raises:
        UnreadableLineError: the line is not UTF-8, not JSON, or not an object.
    """
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        raise UnreadableLineError("invalid_utf8") from None
    try:
        parsed = _DECODER.decode(text)
    except (ValueError, RecursionError):
        raise UnreadableLineError("broken_json") from None
    if not isinstance(parsed, dict):
        raise UnreadableLineError("not_an_object")
    return parsed


def pick_fields(row: Mapping[str, object], fields: Iterable[Field], *, flat: bool = False) -> dict[str, Value]:
    """Keep the allow-listed fields of a row; an empty text or null counts as absent. In a `flat` row, such as that of a
    CSV file, a name with a dot is the name of a column; else it reaches into an object.
    """
    kept: dict[str, Value] = {}
    for field in fields:
        for name in field.names:
            value = _value(row.get(name) if flat else _reach(row, name))
            if value is not None:
                kept[field.column] = value
                break
    return kept


def _reach(row: Mapping[str, object], name: str) -> object:
    outer, dot, inner = name.partition(".")
    if not dot:
        return row.get(name)
    nested = row.get(outer)
    return nested.get(inner) if isinstance(nested, dict) else None


def _value(value: object) -> Value | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    return TRUE if value is True else NOT_TEXT
