"""The amounts of a month's statements, and whether the month may be closed or reopened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ingest.errors import ArgumentError, CreditsError
from orchestration.months import listed_months

if TYPE_CHECKING:
    import duckdb

LAST_ZONE = timedelta(hours=12)
"""How long a day continues in the westernmost time zone after it has ended in UTC."""


class PeriodError(CreditsError):
    """A month can't be closed or reopened now."""


class WrongMonthError(PeriodError):
    """The given month is not one that can be closed or reopened."""

    exit_code = 2


@dataclass(frozen=True)
class StatementSum:
    """The sums of one customer's statement of a month in one currency. Amounts are None if there is no rate."""

    tenant_id: str
    currency: str
    credits: Decimal
    correction_credits: Decimal
    amount: Decimal | None
    correction_amount: Decimal | None
    lines: int


@dataclass(frozen=True)
class Unsettled:
    """The part of a month's usage that may still change; after the closing a change would be a correction."""

    estimated_credits: Decimal
    provisional_operations: int
    unreported_operations: int

    def __bool__(self) -> bool:
        return bool(self.estimated_credits or self.provisional_operations or self.unreported_operations)


def unsettled_of(connection: duckdb.DuckDBPyConnection, marts: str, month: date) -> Unsettled:
    """The part of a month's usage that is not settled, from the schema `marts`."""
    row = connection.execute(
        f"""
        select coalesce(sum(credits) filter (where is_estimate), 0), count(*) filter (where status = 'provisional'),
            count(*) filter (where status = 'unreported')
        from {marts}.fct_credit_usage
        where reporting_date >= $first and reporting_date < $next
            -- A zone is at most a day away from UTC; the table is laid out by the UTC date.
            and usage_date between $first - 1 and $next
        """,
        {"first": month, "next": month_after(month)},
    ).fetchone()
    assert row is not None  # an aggregate without groups has one row
    return Unsettled(*row)


def statements_of(connection: duckdb.DuckDBPyConnection, marts: str, month: date) -> list[StatementSum]:
    """The statements of a month by customer and currency, from the schema `marts`."""
    rows = connection.execute(
        f"""
        select tenant_id, currency, credits + adjustment_credits + correction_credits, correction_credits, amount,
            correction_amount, lines
        from {marts}.mart_tenant_statements where month_start = ? order by tenant_id, currency
        """,
        [month],
    ).fetchall()
    return [StatementSum(*row) for row in rows]


def refuse_unfinished(month: date, now: datetime) -> None:
    """Raise unless a month is over in every time zone at `now` (aware).

    Raises:
        WrongMonthError: it is not.
    """
    over = datetime.combine(month_after(month), time(), UTC) + LAST_ZONE
    if now < over:
        raise WrongMonthError(
            f"{month:%Y-%m} is not over in every time zone before {over:%Y-%m-%d %H:%M} UTC: wait for it."
        )


def refuse_closing(connection: duckdb.DuckDBPyConnection, marts: str, month: date, now: datetime) -> None:
    """Raise unless the month may be closed at `now` (aware).

    Raises:
        ArgumentError: it has no statement.
        WrongMonthError: it is not over in every time zone, or is closed.
    """
    refuse_unfinished(month, now)
    found = _closings(connection, marts, month)
    if not found:
        raise _nothing_of(connection, marts, month, "close", "open")
    closed_at, closed_by = found[0]
    if closed_at is not None:
        raise WrongMonthError(
            f"{month:%Y-%m} is closed since {closed_at:%Y-%m-%d %H:%M} UTC, by {closed_by}: "
            f"to close it again, `credits reopen {month:%Y-%m} --reason TEXT` first."
        )


def refuse_reopening(connection: duckdb.DuckDBPyConnection, marts: str, month: date) -> None:
    """Raise unless the month may be opened again.

    Raises:
        ArgumentError: it has no statement.
        WrongMonthError: it is open, or a later closed statement has corrections of it.
    """
    found = _closings(connection, marts, month)
    if not found:
        raise _nothing_of(connection, marts, month, "reopen", "closed")
    if found[0][0] is None:
        raise WrongMonthError(f"{month:%Y-%m} is not closed: there is nothing to reopen.")
    later = connection.execute(
        f"""
        select max(month_start) from {marts}.mart_tenant_statement_lines
        where usage_month = ? and month_start > usage_month and period_status = 'closed'
        """,
        [month],
    ).fetchone()
    if later and later[0]:
        raise WrongMonthError(
            f"{later[0]:%Y-%m} is closed and has corrections of {month:%Y-%m}: reopen {later[0]:%Y-%m} first."
        )


def _closings(connection: duckdb.DuckDBPyConnection, marts: str, month: date) -> Sequence[tuple[Any, ...]]:
    return connection.execute(
        f"select distinct closed_at, closed_by from {marts}.mart_tenant_statements where month_start = ?", [month]
    ).fetchall()


def _nothing_of(
    connection: duckdb.DuckDBPyConnection, marts: str, month: date, verb: str, status: str
) -> ArgumentError:
    rows = connection.execute(
        f"""
        select distinct strftime(month_start, '%Y-%m') from {marts}.mart_tenant_statements
        where period_status = ? order by 1
        """,
        [status],
    ).fetchall()
    months = [row[0] for row in rows]
    there = f"the {status} months are {listed_months(months)}" if months else f"no month is {status}"
    return ArgumentError(f"{month:%Y-%m} has no statement, so there is nothing to {verb}; {there}.")


def month_after(month: date) -> date:
    """The first day of the next month."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)
