"""The SQL of the columns of parsed rows: each allow-listed field as one text, from all its names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from ingest.landing.names import Field, field_names
from ingest.sql_text import literal, quoted

_BLANK = r"[\s\pZ\x0b\x1c-\x1f\x{85}]*"
"""All characters that are blank for Python's `str.isspace`."""
NOT_TEXT_MARK = "{\0}"
"""In place of a Parquet value that is neither text nor number: it begins like an object, which is never exact."""


def mark(reason: str) -> str:
    """The mark in place of a value that refuses its row for this reason."""
    return f"{NOT_TEXT_MARK[:-1]}{reason}}}"


def marked_reason(text: str) -> str | None:
    """The reason of a mark, empty if it has none; None for a text that is not a mark."""
    return text[len(NOT_TEXT_MARK) - 1 : -1] if text.startswith(NOT_TEXT_MARK[:-1]) else None


def json_names(fields: Sequence[Field], spellings: Collection[str], absent: Collection[str]) -> dict[str, list[str]]:
    """The names that may have a value in JSON lines with these additional spellings, and without the absent names: by
    column, strongest first; a dot is a path into an object.
    """
    names = field_names(fields)
    keys = (names.usual - {*absent}) | {*spellings}
    inner = [f"{name}.{key}" for name in keys if names.is_object(name) for key in keys]
    return names.strongest_first((*keys, *inner))


def json_columns(names: Mapping[str, Sequence[str]]) -> str:
    """The columns to read from JSON for the names of `json_names`, each as text."""
    found = [name for of_column in names.values() for name in of_column]
    columns = {name: "VARCHAR" for name in found if "." not in name}
    for outer in dict.fromkeys(name.partition(".")[0] for name in found if "." in name):
        inner = (name.partition(".")[2] for name in found if name.startswith(f"{outer}."))
        columns[outer] = f"STRUCT({', '.join(f'{quoted(name)} VARCHAR' for name in inner)})"
    return ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in columns.items())


def first_present(names: Iterable[str], column: str, stated: str | None) -> str:
    """A column with the value of the strongest of these names that has one in a JSON line, else the value that is given
    for all lines.
    """
    texts = [f"nullif({'.'.join(map(quoted, name.split('.')))}, '')" for name in names]
    return _first(texts, column, stated)


def coalesced(texts: Iterable[str], column: str, stated: str | None) -> str:
    """A column with the first text that is present and not blank, else the value that is given for all rows."""
    return _first([not_blank(text) for text in texts], column, stated)


def _first(texts: Sequence[str], column: str, stated: str | None) -> str:
    found = ", ".join((*texts, "null" if stated is None else literal(stated)))
    return f"coalesce({found}, null)::varchar as {quoted(column)}"


def not_blank(text: str) -> str:
    """A text, or null if it is blank."""
    # For most texts the first character is enough.
    is_text = f"{text} between '!' and '~~' or not regexp_full_match({text}, '{_BLANK}')"
    return f"case when {is_text} then {text} end"
