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
    """Stands for a boolean, an object or an array where a text or a number belongs."""


NOT_TEXT = NotText()
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
    return pick_fields(parsed, fields)


def pick_fields(row: Mapping[str, object], fields: Iterable[Field]) -> dict[str, Value]:
    """Keep the allow-listed fields of a row; an empty text or null counts as absent."""
    kept: dict[str, Value] = {}
    for field in fields:
        for name in field.names:
            value = _value(_reach(row, name))
            if value is not None:
                kept[field.column] = value
                break
    return kept


def _reach(row: Mapping[str, object], name: str) -> object:
    if name in row:
        return row[name]
    outer, dot, inner = name.partition(".")
    nested = row.get(outer) if dot else None
    return nested.get(inner) if isinstance(nested, dict) else None


def _value(value: object) -> Value | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    return NOT_TEXT
