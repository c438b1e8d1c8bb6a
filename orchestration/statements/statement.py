"""A statement as it was published: the only source of every format."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

UNRATED = "unrated"
CLOSED = "closed"


@dataclass(frozen=True)
class StatementLine:
    """One line. Credits have 9 places. Without a rate `price_per_credit` and both amounts are None. A correction's
    `usage_month` is the month that it corrects. The line that it corrects, if there was one, is given by the month of
    its statement, its number there, its currency and its price.
    """

    line_key: str
    line_number: int
    line_type: str
    usage_month: date
    kind: str | None
    adjustment_id: str | None
    reason: str | None
    currency: str
    rate_status: str
    price_per_credit: Decimal | None
    credits: Decimal
    operations: int | None
    estimated_credits: Decimal
    read_credits: Decimal
    fallback_credits: Decimal
    derived_credits: Decimal
    exact_amount: Decimal | None
    amount: Decimal | None
    currency_decimals: int | None
    corrects_line_key: str | None
    corrects_statement_month: date | None
    corrects_line_number: int | None
    corrects_currency: str | None
    corrects_price_per_credit: Decimal | None


@dataclass(frozen=True)
class CurrencyTotal:
    """The total of a statement in one currency; all amounts are None for credits without a rate."""

    currency: str
    rate_status: str
    usage_amount: Decimal | None
    adjustment_amount: Decimal | None
    correction_amount: Decimal | None
    amount: Decimal | None
    currency_decimals: int | None


@dataclass(frozen=True)
class Statement:
    """One tenant's month: its lines in order, and a total for each currency. `closed_at` is naive UTC; `tenant_name` is
    None if no export has a name.
    """

    month: date
    tenant_id: str
    tenant_name: str | None
    period_status: str
    closed_at: datetime | None
    statement_hash: str | None
    totals: tuple[CurrencyTotal, ...]
    lines: tuple[StatementLine, ...]

    @property
    def is_closed(self) -> bool:
        """Whether it is closed and will not change."""
        return self.period_status == CLOSED

    def lines_in(self, currency: str) -> tuple[StatementLine, ...]:
        """The lines of one currency."""
        return tuple(line for line in self.lines if line.currency == currency)
