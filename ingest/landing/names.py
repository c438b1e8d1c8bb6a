"""Names of fields in files, which are compared ignoring case, `_`, `-` and blanks.

If two names of a row match one field, the one with the contract's spelling counts; of others the one that sorts first,
so that the outcome does not depend on the way in which a file is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from ingest.contract.forms import comparable_name

Role = Literal["number", "count", "time", "id", "text", "object"]
"""What the values of a field are, in a format with types. An `object` is read as its JSON text."""
Rank = tuple[int, int, str]
"""The strength of a name for its field: the place of the name, whether it has the exact spelling, its spelling."""
_MOST_REMEMBERED = 4096


@dataclass(frozen=True)
class Field:
    """A column of a raw table in files: its names, strongest first.

    A name with a dot is a path into an object (`usageInfo.creditsConsumed`). The first name with a value counts.
    """

    column: str
    names: tuple[str, ...]
    role: Role = "text"


class FieldNames:
    """The names of a list of fields, and the column of each spelling."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self._exact: dict[str, tuple[str, Rank]] = {}
        self._loose: dict[str, tuple[str, int]] = {}
        self._seen: dict[str, tuple[str, Rank] | None] = {}
        for field in fields:
            for place, name in enumerate(field.names):
                column, first = self._loose.setdefault(_comparable(name), (field.column, place))
                if column == field.column:
                    self._exact.setdefault(name, (column, (first, place - first, "")))
        self.objects = frozenset(comparable_name(name.partition(".")[0]) for name in self._exact if "." in name)
        """The names of objects that contain a field, in the form for comparison."""
        self.whole_objects = frozenset(field.column for field in fields if field.role == "object")
        """The columns whose values are whole objects."""
        self.exact = frozenset(self._exact)
        self.parts = frozenset(part for name in self._exact for part in name.split("."))
        """The names of fields and of the objects that contain them, in the contract's spelling."""
        folded = Counter(part.lower() for part in self.parts)
        self.usual = frozenset(part for part in self.parts if folded[part.lower()] == 1)
        """The names that DuckDB, which ignores case, can distinguish from all others."""

    def find(self, name: str) -> tuple[str, Rank] | None:
        """The column of a name, and its rank among the column's names; a dot is a path into an object."""
        if name in self._seen:
            return self._seen[name]
        found = self._exact.get(name)
        if found is None and (loose := self._loose.get(_comparable(name))):
            found = (loose[0], (loose[1], _MOST_REMEMBERED, name))
        if len(self._seen) < _MOST_REMEMBERED:
            self._seen[name] = found
        return found

    def is_known(self, name: str) -> bool:
        """Whether a name is that of a field or, in JSON, of an object that contains one."""
        return self.find(name) is not None or self.is_object(name)

    def is_object(self, name: str) -> bool:
        """Whether a name is that of an object that contains a field."""
        return comparable_name(name) in self.objects

    def strongest_first(self, names: Iterable[str]) -> dict[str, list[str]]:
        """The known names, by column."""
        found: dict[str, list[tuple[Rank, str]]] = {}
        for name in names:
            if place := self.find(name):
                found.setdefault(place[0], []).append((place[1], name))
        return {column: [name for _, name in sorted(ranked)] for column, ranked in found.items()}


@lru_cache(maxsize=64)
def _names_of(fields: tuple[Field, ...]) -> FieldNames:
    return FieldNames(fields)


def field_names(fields: Iterable[Field]) -> FieldNames:
    """The names of these fields."""
    return _names_of(tuple(fields))


def folder_columns(fields: Iterable[Field], values: Mapping[str, str]) -> dict[str, str]:
    """The values that a file's folders give to rows that lack them, by column."""
    found = field_names(fields).strongest_first(name for name, value in values.items() if value.strip())
    return {column: values[names[0]] for column, names in found.items()}


def _comparable(name: str) -> str:
    return ".".join(map(comparable_name, name.split(".")))
