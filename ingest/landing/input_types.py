"""What an input is: its columns, how each is read, and the raw table that keeps it. `inputs.py` lists them.

There are three kinds of input. Lines that machines write are accepted or refused one by one. Exports that people make
are read and set aside as a whole. The third kind are the files that `credits close` writes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Generic, TypeVar

from ingest.contract.datasets import EXPORTS, FOLDERS
from ingest.landing.exact_conditions import instant, instant_name
from ingest.landing.line_reading import Value
from ingest.landing.names import Field, Role
from ingest.landing.validating import LATEST_AHEAD, Accepted, Found, ReadLine, Rejected, Rule, first_fault
from ingest.sql_text import quoted


@dataclass(frozen=True)
class Kind:
    """The kind of value of a column: its type in the raw table, and its type in formats with types."""

    raw_type: str
    role: Role = "text"


@dataclass(frozen=True, kw_only=True)
class LineKind(Kind):
    """A kind of value in lines that machines write.

    `read` reads a present value exactly; its second argument (aware) is the latest instant that is allowed. `exact`
    gives the SQL conditions under which the text of a column, or null, is certainly the same value. `is_id` says that
    odd ids among its values are counted.
    """

    read: Callable[[Value, datetime], Found]
    exact: Callable[[str], Sequence[str]]
    is_id: bool = False


ExportValue = str | int | Decimal | datetime | date
ReadCell = Callable[[str], ExportValue | None]
"""Reads a cell that is not empty; None if its value counts as empty."""


@dataclass(frozen=True, kw_only=True)
class ExportKind(Kind):
    """A kind of value in exports that people make, and how a cell of it is read; a derived one is read from the value
    of another column.
    """

    read: ReadCell
    derived_from: str | None = None


K = TypeVar("K", bound=Kind, covariant=True)
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Column(Generic[K]):
    """One column of a raw table: its names in files, the strongest first, and its kind. A row without a required value
    does not land. A derived column has no names.
    """

    name: str
    names: tuple[str, ...]
    kind: K
    required: bool = False

    @property
    def header(self) -> str:
        """Its name in the input contract."""
        return self.names[0]


@dataclass(frozen=True)
class Input(Generic[K]):
    """One dataset below `landing/`, and the table of schema `raw` with its name. `pulled_by` names the pulls that write
    its files.
    """

    name: str
    description: str
    columns: tuple[Column[K], ...]
    pulled_by: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """Its folder, relative to `landing/`."""
        return FOLDERS[self.name]

    @property
    def table(self) -> str:
        """The raw table."""
        return f"raw.{self.name}"

    @property
    def keeps_export_time(self) -> bool:
        """Whether its rows are valid as of the time of their export."""
        return self.name in EXPORTS

    @property
    def is_observed_once(self) -> bool:
        """Whether the same bytes mean the same whenever they are delivered."""
        return False

    @property
    def has_line_numbers(self) -> bool:
        """Whether its rows keep their line number."""
        return True

    @property
    def keeps_snapshot_flag(self) -> bool:
        """Whether its rows say if their export was a snapshot."""
        return False

    @property
    def carried(self) -> tuple[Column[K], ...]:
        """The columns that files may have."""
        return tuple(column for column in self.columns if column.names)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The allow-list of fields. Nothing else of its files can reach a table, a file or a log."""
        return tuple(Field(column.name, column.names, column.kind.role) for column in self.carried)

    @property
    def definition(self) -> str:
        """The raw table in SQL."""
        own = {"load_id": "integer", "file_id": "integer"}
        own |= {"line_number": "bigint"} if self.has_line_numbers else {}
        own |= {"exported_at": "timestamp"} if self.keeps_export_time else {}
        own |= {"is_snapshot": "boolean"} if self.keeps_snapshot_flag else {}
        columns = [f"{name} {raw_type} not null" for name, raw_type in own.items()]
        columns += [
            f"{column.name} {column.kind.raw_type}{' not null' if column.required else ''}" for column in self.columns
        ]
        return f"create table if not exists {self.table} ({', '.join(columns)});"


@dataclass(frozen=True)
class LineInput(Input[LineKind]):
    """Lines that machines write, in large numbers: the fast way reads those that are certainly exact, and all others
    are read one by one.

    `rule` says why a line is refused; `exact_when` are SQL conditions about several columns.
    """

    rule: Rule = first_fault
    exact_when: tuple[str, ...] = ()

    @property
    def is_observed_once(self) -> bool:
        """Whether the same bytes mean the same whenever they are delivered."""
        return not self.keeps_export_time

    @cached_property
    def times(self) -> tuple[str, ...]:
        """The columns with instants."""
        return tuple(column.name for column in self.columns if column.kind.raw_type == "timestamp")

    @property
    def instants(self) -> str:
        """The select list of its times as timestamps."""
        return ", ".join(instant(name) for name in self.times)

    @cached_property
    def is_exact(self) -> str:
        """The condition for parsed rows that are certainly exact; takes `now` (naive UTC), the parameters of
        `exact_conditions.is_plain`, and the columns of `instants`.
        """
        conditions: list[str] = []
        for column in self.columns:
            conditions += column.kind.exact(column.name)
            conditions += [f"{quoted(column.name)} is not null"] if column.required else []
        return "\n    and ".join((*conditions, *self.exact_when))

    def sound_values(self, of: str = "") -> str:
        """A select list: the columns of an accepted row in the form of the raw table; `of` comes before each name."""
        values: list[str] = []
        for column in self.columns:
            if column.name in self.times:
                values.append(of + instant_name(column.name))
            else:
                cast = "" if column.kind.raw_type == "varchar" else f"::{column.kind.raw_type}"
                values.append(of + quoted(column.name) + cast)
        return ", ".join(values)

    def validate(self, row: Mapping[str, Value], now: datetime) -> Accepted | Rejected:
        """Decide over one line's fields. `now` (aware) bounds how far ahead a time may lie."""
        return self._read(row, now + LATEST_AHEAD).decided(self.rule)

    def _read(self, row: Mapping[str, Value], latest: datetime) -> ReadLine:
        """The fields of a line; `latest` is the latest instant that a time may have."""
        values: dict[str, str] = {}
        faults: dict[str, str] = {}
        lacking: dict[str, str] = {}
        not_as_written: list[str] = []
        for column in self.columns:
            name = column.name
            value = row.get(name)
            if value is not None:
                text, fault, is_changed = column.kind.read(value, latest)
                if is_changed:
                    not_as_written.append(name)
                if text is not None:
                    values[name] = text
                    continue
                if fault:
                    faults[name] = fault
            if column.required:
                time_fault = "time_absent" if value is None else "time_unusable"
                lacking[name] = time_fault if column.kind.raw_type == "timestamp" else f"{name}_absent"
        return ReadLine(values, faults, lacking, frozenset(not_as_written) if not_as_written else _NOTHING)


@dataclass(frozen=True)
class ExportInput(Input[ExportKind]):
    """A small table that people export; it is read whole.

    `key` names the columns that identify a row; some may be empty. `one_of` names columns that need at least one value,
    `together` columns that all have a value or none. A table without windows adds up, file by file; `span` names the
    columns with the start and the end of what its rows are about. `subject` names the columns of the key whose history
    a dated export contains: it replaces everything that earlier exports said about a subject from the same start on.
    None means the whole key.
    """

    key: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    span: tuple[str, str] | None = None
    has_windows: bool = True
    subject: tuple[str, ...] | None = None

    @property
    def keeps_snapshot_flag(self) -> bool:
        """Whether its rows say if their export was a snapshot."""
        return self.has_windows

    @property
    def spanned(self) -> tuple[str, str] | None:
        """The columns with the start and the end of what a row is about; None if its rows have none."""
        return ("valid_from", "valid_to") if self.has_windows else self.span

    def headers(self, columns: Sequence[str]) -> list[str]:
        """The contract's names of some columns."""
        return [column.header for name in columns for column in self.columns if column.name == name]

    def key_of(self, parts: Sequence[object]) -> tuple[str, ...]:
        """The comparable values of its key's columns: a missing one is empty, and kinds are compared ignoring case."""
        texts = ("" if part is None else str(part) for part in parts)
        return tuple(text.lower() if name == "kind" else text for name, text in zip(self.key, texts, strict=True))

    def subject_of(self, key: Sequence[str]) -> tuple[str, ...]:
        """The part of a key that has a history."""
        subject = self.key if self.subject is None else self.subject
        return tuple(value for name, value in zip(self.key, key, strict=True) if name in subject)


@dataclass(frozen=True)
class ClosingInput(Input[Kind]):
    """The files of `credits close` and `credits reopen`, read as they were written; see `period_files.py`. A `frozen`
    file has the columns of the raw table under the same names.
    """

    frozen: bool = False

    @property
    def has_line_numbers(self) -> bool:
        """Whether its rows keep their line number."""
        return not self.frozen

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """None: these files have no other spellings of names, and their folders give no values."""
        return ()
