"""How the columns of `parsed` are written in SQL: each allow-listed field as one text, out of every name it goes by."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.landing.fields import Field

NOT_TEXT_MARK = "{\0}"
"""Stands for a Parquet value that is neither text nor number: begins as an object does, which is never vouched for."""


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


def json_columns(fields: Sequence[Field], hidden: set[str]) -> str:
    """The columns to read from JSON, each as text, without the hidden names."""
    names = [name for field in fields for name in field.names if hidden.isdisjoint(name.split("."))]
    columns = {name: "VARCHAR" for name in names if "." not in name}
    for outer in dict.fromkeys(name.partition(".")[0] for name in names if "." in name):
        inner = (name.partition(".")[2] for name in names if name.startswith(f"{outer}."))
        columns[outer] = f"STRUCT({', '.join(f'{quoted(name)} VARCHAR' for name in inner)})"
    return ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in columns.items())


def first_present(field: Field, hidden: set[str]) -> str:
    """The strongest of a field's names that a JSON line has something under."""
    reached = [".".join(map(quoted, name.split("."))) for name in field.names if hidden.isdisjoint(name.split("."))]
    return coalesced(reached, field.column)


def coalesced(texts: Sequence[str], column: str) -> str:
    """The first of the texts that is there and not empty, as a column."""
    present = ", ".join(f"nullif({text}, '')" for text in texts)
    return f"coalesce({present or 'null'}, null)::varchar as {quoted(column)}"
