"""The exports that people make, each small and read whole: their columns, what they must hold, what keys a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ingest.contract.forms import LONGEST_ID, LONGEST_OWNER
from ingest.landing.export_values import (
    Read,
    figure,
    identifier,
    one_of,
    prose,
    read_currency,
    read_date,
    read_kind,
    read_moment,
    read_share,
    read_text,
    read_zone,
)
from ingest.landing.fields import Field
from ingest.landing.files import ADJUSTMENTS, QUOTAS, RATES, TENANTS, USERS
from ingest.landing.judging import MOST_CREDITS

MOST_PER_CREDIT = Decimal(999_999)
"""So that the price of a hundred billion credits still has a place in DECIMAL(38, 21)."""
MOST_ALLOWED = Decimal(999_999_999_999)
LONGEST_REASON = 500
PERIODS = ("day", "month", "quarter", "year")


@dataclass(frozen=True)
class Column:
    """One column of an export: its names, how its cells are read, its type in the raw table."""

    field: Field
    read: Read = read_text
    raw_type: str = "varchar"
    required: bool = False

    @property
    def name(self) -> str:
        """The column of the raw table."""
        return self.field.column

    @property
    def header(self) -> str:
        """The name that the input contract gives it."""
        return self.field.names[0]


@dataclass(frozen=True)
class ExportTable:
    """One table that people export. `key` names the columns that tell its rows apart, of which some may be open;
    `one_of` those of which one at least must be given. A table without windows adds up, file by file.

    `subject` names those columns of the key whose history a dated export tells: what it says of a subject from a start
    stands for all that earlier exports said of it from that start. None: the whole key.
    """

    dataset: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    one_of: tuple[str, ...] = ()
    has_windows: bool = True
    subject: tuple[str, ...] | None = None

    @property
    def fields(self) -> tuple[Field, ...]:
        """The allow-list of its files."""
        return tuple(column.field for column in self.columns)

    def headers(self, columns: Sequence[str]) -> list[str]:
        """The contract's names of some columns."""
        return [column.header for name in columns for column in self.columns if column.name == name]

    def key_of(self, parts: Sequence[object]) -> tuple[str, ...]:
        """The values of its key's columns, comparable: an open one is empty, and kinds are told apart without case."""
        texts = ("" if part is None else str(part) for part in parts)
        return tuple(text.lower() if name == "kind" else text for name, text in zip(self.key, texts, strict=True))

    def subject_of(self, key: Sequence[str]) -> tuple[str, ...]:
        """The part of a key whose history is told."""
        subject = self.key if self.subject is None else self.subject
        return tuple(value for name, value in zip(self.key, key, strict=True) if name in subject)


_WINDOW = (
    Column(Field("valid_from", ("validFrom", "valid_from")), read_moment, "timestamp"),
    Column(Field("valid_to", ("validTo", "valid_to")), read_moment, "timestamp"),
)
_USER = Column(Field("user_id", ("userId", "user_id")), identifier(LONGEST_OWNER))
_TENANT = Column(Field("tenant_id", ("tenantId", "tenant_id")), identifier(LONGEST_OWNER))
_KIND = Column(Field("kind", ("kind",)), read_kind)
_CREDITS = Field("credits", ("credits",))

_ALL = (
    ExportTable(
        USERS,
        (
            replace(_USER, required=True),
            replace(_TENANT, required=True),
            Column(Field("display_name", ("displayName", "display_name"))),
            *_WINDOW,
        ),
        key=("user_id", "tenant_id"),
        subject=("user_id",),
    ),
    ExportTable(
        TENANTS,
        (
            replace(_TENANT, required=True),
            Column(Field("tenant_name", ("name", "tenant_name")), required=True),
            Column(Field("timezone", ("timezone",)), read_zone),
            *_WINDOW,
        ),
        key=("tenant_id",),
    ),
    ExportTable(
        RATES,
        (
            _TENANT,
            _KIND,
            Column(
                Field("price_per_credit", ("pricePerCredit", "price_per_credit")),
                figure(places=12, most=MOST_PER_CREDIT),
                "decimal(38, 12)",
                required=True,
            ),
            Column(Field("currency", ("currency",)), read_currency, required=True),
            *_WINDOW,
        ),
        key=("tenant_id", "kind"),
    ),
    ExportTable(
        QUOTAS,
        (
            _TENANT,
            _USER,
            _KIND,
            Column(Field("period", ("period",)), one_of(PERIODS), required=True),
            Column(_CREDITS, figure(places=9, most=MOST_ALLOWED), "decimal(38, 9)", required=True),
            Column(Field("warn_at", ("warnAt", "warn_at")), read_share, "decimal(10, 9)"),
            *_WINDOW,
        ),
        key=("tenant_id", "user_id", "kind", "period"),
        one_of=("tenant_id", "user_id"),
    ),
    ExportTable(
        ADJUSTMENTS,
        (
            Column(Field("adjustment_id", ("adjustmentId", "adjustment_id")), identifier(LONGEST_ID), required=True),
            replace(_TENANT, required=True),
            _USER,
            Column(_CREDITS, figure(places=9, most=MOST_CREDITS, signed=True), "decimal(38, 9)", required=True),
            Column(Field("effective_date", ("effectiveDate", "effective_date")), read_date, "date", required=True),
            Column(Field("reason", ("reason",)), prose(LONGEST_REASON), required=True),
        ),
        key=("adjustment_id",),
        has_windows=False,
    ),
)
EXPORT_TABLES = {table.dataset: table for table in _ALL}
