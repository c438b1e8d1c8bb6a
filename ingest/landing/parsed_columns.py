"""How the columns of `parsed` are written in SQL: each allow-listed field as one text, out of every name it goes by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from ingest.landing.names import Field, field_names

_BLANK = r"[\s\pZ\x0b\x1c-\x1f\x{85}]*"
"""All characters that Python's `str.isspace` knows."""
NOT_TEXT_MARK = "{\0}"
"""Stands for a Parquet value that is neither text nor number: begins as an object does, which is never exact."""


def mark(reason: str) -> str:
    """Stands for a value that refuses its row for this reason."""
    return f"{NOT_TEXT_MARK[:-1]}{reason}}}"


def marked_reason(text: str) -> str | None:
    """The reason of a mark, empty where it has none; None for a text that is no mark."""
    return text[len(NOT_TEXT_MARK) - 1 : -1] if text.startswith(NOT_TEXT_MARK[:-1]) else None


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL: table functions take no bound parameters for lists of columns."""
    return "'" + text.replace("'", "''") + "'"


def json_names(fields: Sequence[Field], spellings: Collection[str], absent: Collection[str]) -> dict[str, list[str]]:
    """The names that JSON lines with these further spellings, and without the absent names, may have something under:
    by column, strongest first; one with a dot reaches into an object.
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
    """What stands under the strongest of these names that a JSON line has something under, else what is stated for
    all lines, as a column.
    """
    texts = [f"nullif({'.'.join(map(quoted, name.split('.')))}, '')" for name in names]
    return _first(texts, column, stated)


def coalesced(texts: Iterable[str], column: str, stated: str | None) -> str:
    """The first of the texts that is there and not blank, else what is stated for all rows, as a column."""
    return _first([not_blank(text) for text in texts], column, stated)


def _first(texts: Sequence[str], column: str, stated: str | None) -> str:
    found = ", ".join((*texts, "null" if stated is None else literal(stated)))
    return f"coalesce({found}, null)::varchar as {quoted(column)}"


def not_blank(text: str) -> str:
    """A text, or null where it is blank."""
    # Most texts are told by their first character.
    is_text = f"{text} between '!' and '~~' or not regexp_full_match({text}, '{_BLANK}')"
    return f"case when {is_text} then {text} end"
