"""The last look before a version is switched in: the totals of every layer, side by side.

The dbt tests have held the layers against each other row group by row group (`dbt_project/tests/assert_*.sql`); here
the sums of the whole are taken once more, from the very tables that are about to be copied, and go into the manifest.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from ingest.errors import PublishError


@dataclass(frozen=True)
class Totals:
    """What was read and what it came to. Credits are exact decimals."""

    lines_read: int
    verdicts: dict[str, int]
    operations: int
    credits: Decimal
    credits_unmapped: Decimal
    credits_estimated: Decimal
    unreported_operations: int

    def as_json(self) -> dict[str, object]:
        """For the manifest; credits as decimal texts."""
        return {
            "lines_read": self.lines_read,
            "verdicts": self.verdicts,
            "operations": self.operations,
            "credits": f"{self.credits:f}",
            "credits_unmapped": f"{self.credits_unmapped:f}",
            "credits_estimated": f"{self.credits_estimated:f}",
            "unreported_operations": self.unreported_operations,
        }


_SUMS = {
    "effective observations": """
        select count(*), coalesce(sum(counted_credits), 0) from intermediate.int_usage_observations where is_effective
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


def check_totals(connection: duckdb.DuckDBPyConnection) -> Totals:
    """Compare the totals of all layers; `connection` has the marts attached as `marts`.

    Raises:
        PublishError: two layers differ; names them and their sums.
    """
    sums = _SUMS | {
        name: f"select coalesce(sum(operations), 0)::bigint, coalesce(sum(credits), 0) from marts.marts.{name}"
        for name in _AGGREGATES
    }
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
        select coalesce(sum(credits) filter (where user_source = 'unmapped' or tenant_source = 'unmapped'), 0),
            coalesce(sum(credits) filter (where is_estimate), 0), count(*) filter (where status = 'unreported')
        from marts.marts.fct_credit_usage
        """,
    )
    return Totals(
        counted[0], dict(zip(verdicts, counted[1:], strict=True)), operations, credits, unmapped, estimated, unreported
    )


def _row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None  # an aggregate without groups has one row
    return row
