"""The final reconciliation before a version is switched in: the totals of all layers must agree.

The dbt tests have compared the layers group by group (`dbt_project/tests/assert_*.sql`): what the run touched, and all
of history once a day. Here the overall numbers of operations and sums of credits are compared once more, in the tables
that are about to be copied, and go into the manifest. They cost little, however long the history is. Other sums come
from the small tables that have been compared with the large ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from ingest.errors import PublishError


@dataclass(frozen=True)
class Totals:
    """The lines that were read, their verdicts and their sums. Credits are exact decimals."""

    lines_read: int
    verdicts: dict[str, int]
    operations: int
    credits: Decimal
    credits_unmapped: Decimal
    credits_estimated: Decimal
    unreported_operations: int
    amounts: dict[str, Decimal]
    credits_unrated: Decimal
    closed_months: tuple[str, ...]
    period_events: dict[str, str]
    """The SHA-256 of each file that closed or reopened a month, by its path below landing."""

    def as_json(self) -> dict[str, object]:
        """As in the manifest; credits as decimal texts."""
        return {
            "lines_read": self.lines_read,
            "verdicts": self.verdicts,
            "operations": self.operations,
            "credits": f"{self.credits:f}",
            "credits_unmapped": f"{self.credits_unmapped:f}",
            "credits_estimated": f"{self.credits_estimated:f}",
            "unreported_operations": self.unreported_operations,
            "amounts": {currency: f"{amount:f}" for currency, amount in self.amounts.items()},
            "credits_unrated": f"{self.credits_unrated:f}",
            "closed_months": list(self.closed_months),
            "period_events": self.period_events,
        }


_SUMS = {
    "effective observations": """
        select
            count(*),
            coalesce(sum(counted_credits), 0)
            + (
                -- Each build compares all of these with the tokens and their prices.
                select coalesce(sum(credits), 0) from marts.marts.fct_credit_usage where credits_basis = 'derived'
            )
        from intermediate.int_usage_observations where is_effective
    """,
    "fct_credit_usage": "select count(*), coalesce(sum(credits), 0) from marts.marts.fct_credit_usage",
}
_AGGREGATES = (
    "agg_credits_by_interaction",
    "agg_credits_daily",
    "agg_credits_user_monthly",
    "agg_credits_tenant_monthly",
    "agg_credits_trend_daily",
)
_MONEY = {
    "agg_cost_daily": """
        select coalesce(sum(operations), 0)::bigint, coalesce(sum(credits - adjustment_credits), 0)
        from marts.marts.agg_cost_daily
    """,
    "int_charges": """
        select coalesce(sum(operations), 0)::bigint, coalesce(sum(credits), 0) from intermediate.int_charges
    """,
    "mart_tenant_statement_lines": """
        select coalesce(sum(operations), 0)::bigint, coalesce(sum(credits), 0)
        from marts.marts.mart_tenant_statement_lines where adjustment_id is null
    """,
}


def check_totals(connection: duckdb.DuckDBPyConnection) -> Totals:
    """Compare the totals of all layers; `connection` has the marts attached as `marts`.

    Raises:
        PublishError: two layers differ; names them and their sums.
    """
    sums = (
        _SUMS
        | _MONEY
        | {
            name: f"select coalesce(sum(operations), 0)::bigint, coalesce(sum(credits), 0) from marts.marts.{name}"
            for name in _AGGREGATES
        }
    )
    found = {name: _row(connection, query) for name, query in sums.items()}
    operations, credits = found["effective observations"]
    for name, totals in found.items():
        if totals != (operations, credits):
            raise PublishError(
                f"not published: {name} holds {totals[1]} credits in {totals[0]} operations, the effective "
                f"observations {credits} in {operations}; run `credits rebuild`."
            )
    verdicts = ("new", "duplicate", "correction", "conflict", "rejected")
    counted = _row(
        connection,
        """
        select coalesce(sum(lines), 0)::bigint, coalesce(sum(new_records), 0)::bigint,
            coalesce(sum(duplicate_records), 0)::bigint, coalesce(sum(correction_records), 0)::bigint,
            coalesce(sum(conflict_records), 0)::bigint, coalesce(sum(rejected_lines), 0)::bigint
        from marts.marts.mart_load_audit
        """,
    )
    if counted[0] != sum(counted[1:]):
        raise PublishError(f"not published: {counted[0]} lines were read but {sum(counted[1:])} have a verdict.")
    unmapped, estimated, unreported = _row(
        connection,
        """
        select
            (select coalesce(sum(unmapped_credits), 0) from intermediate.int_day_totals),
            (select coalesce(sum(estimated_credits), 0) from marts.marts.agg_credits_tenant_monthly),
            (select count(*) from marts.marts.mart_unreported_operations)
        """,
    )
    amounts, unrated = _checked_amounts(connection)
    closed = connection.execute(
        "select strftime(month_start, '%Y-%m') from intermediate.int_closed_months order by 1"
    ).fetchall()
    events = connection.execute("select path, sha256 from raw.seen_files where dataset = 'period_events' order by 1")
    return Totals(
        counted[0],
        dict(zip(verdicts, counted[1:], strict=True)),
        operations,
        credits,
        unmapped,
        estimated,
        unreported,
        amounts,
        unrated,
        tuple(month for (month,) in closed),
        dict(events.fetchall()),
    )


def _checked_amounts(connection: duckdb.DuckDBPyConnection) -> tuple[dict[str, Decimal], Decimal]:
    """The amount of all statements by currency, and the credits without a currency; currencies are never added
    together.
    """
    wrong = connection.execute(
        """
        with statement_lines as (
            select currency, sum(amount) as amount, sum(credits) as credits
            from marts.marts.mart_tenant_statement_lines group by currency
        ),

        statements as (
            select currency, sum(amount) as amount, sum(credits + adjustment_credits + correction_credits) as credits
            from marts.marts.mart_tenant_statements group by currency
        )

        select coalesce(lines.currency, statements.currency)
        from statement_lines as lines
        full join statements on lines.currency = statements.currency
        where lines.amount is distinct from statements.amount or lines.credits is distinct from statements.credits
        order by 1
        """
    ).fetchall()
    if wrong:
        raise PublishError(
            f"not published: the statements in {wrong[0][0]} are not the sum of their lines; run `credits rebuild`."
        )
    adjusted = _row(
        connection,
        """
        select
            (select coalesce(sum(credits), 0) from intermediate.int_adjustment_charges),
            (
                select coalesce(sum(credits), 0) from marts.marts.mart_tenant_statement_lines
                where adjustment_id is not null
            )
        """,
    )
    if adjusted[0] != adjusted[1]:
        raise PublishError(
            f"not published: the adjustments are {adjusted[0]} credits, on statements {adjusted[1]}; "
            "run `credits rebuild`."
        )
    rows = connection.execute(
        """
        select currency, coalesce(sum(amount), 0), sum(credits + adjustment_credits + correction_credits), rate_status
        from marts.marts.mart_tenant_statements group by currency, rate_status order by currency
        """
    ).fetchall()
    amounts = {currency: amount for currency, amount, _, status in rows if status == "rated"}
    return amounts, sum((credits for _, _, credits, status in rows if status == "unrated"), Decimal(0))


def _row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None  # an aggregate without groups has one row
    return row
