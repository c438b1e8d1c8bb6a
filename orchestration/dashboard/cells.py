"""The figures of the page: credits and operations by period, customer, user and kind.

Each set of cells has all credits of the scope: members that are not named are in an unnamed one, never left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ingest.errors import PublishError
from orchestration.dashboard.pieces import Piece, rows_of
from orchestration.dashboard.rollup import Rollup
from orchestration.dashboard.scope import Scope


@dataclass(frozen=True)
class Cells:
    """Queries for the cells, and their totals.

    `rows`: bucket (its first day), tenant, user, kind, credits, operations, estimated credits. `days`, None if `rows`
    are by day: date, tenant, kind, credits, operations; `days_named` counts their customers. `others` counts the users
    that are not named, by tenant (None if all are named); `others_in_all` counts each of them once.
    """

    rows: str
    days: str | None
    days_named: int
    others: str | None
    others_in_all: int
    credits: Decimal
    operations: int


def read_cells(scope: Scope, rollup: Rollup) -> Cells:
    """Read the cells of a version.

    Raises:
        PublishError: their sums differ from those of `agg_credits_daily`.
    """
    credits, operations = scope.row(
        f"""
        select coalesce(sum(credits), 0)::decimal(38, 9), coalesce(sum(operations), 0)::bigint
        from marts.agg_credits_daily where {scope.condition}
        """
    )
    rows = _sums(scope, rollup)
    _refuse_difference(scope, rows, credits, operations)
    days, days_named = None, 0
    others, others_in_all = None, 0
    if rollup.grain == "month":
        days = _days(scope, rollup)
        _refuse_difference(scope, days, credits, operations)
        (days_named,) = scope.row(f"select count(distinct tenant_id) from {days}")
        if "user_id" in rollup.folded:
            others, others_in_all = _others(scope, rollup)
    return Cells(f"from {rows}", days and f"from {days}", days_named, others, others_in_all, credits, operations)


def _sums(scope: Scope, rollup: Rollup) -> str:
    table, source, at = "cells", f"marts.agg_credits_daily where {scope.condition}", "reporting_date"
    if rollup.grain == "month":
        source, at = rollup.by_month, "month"
    scope.rows(
        f"""
        create or replace temp table {table} as
        select
            {rollup.bucket(at)} as bucket, {rollup.member("tenant_id")} as tenant_id,
            {rollup.member("user_id")} as user_id, {rollup.member("kind")} as kind,
            sum(credits)::decimal(38, 9) as credits, sum(operations)::bigint as operations,
            sum(estimated_credits)::decimal(38, 9) as estimated_credits
        from {source} group by 1, 2, 3, 4 order by all
        """
    )
    return table


_DAYS = Piece(
    "days",
    {"agg_credits_daily": "reporting_date"},
    """
    select
        reporting_date, tenant_id, kind, sum(credits)::decimal(38, 9) as credits, sum(operations)::bigint as operations
    from {agg_credits_daily} group by all
    """,
)


def _days(scope: Scope, rollup: Rollup) -> str:
    table = "days"
    scope.rows(
        f"""
        create or replace temp table {table} as
        select
            reporting_date, {rollup.tenant_by_day("tenant_id")} as tenant_id, {rollup.member("kind")} as kind,
            sum(credits)::decimal(38, 9) as credits, sum(operations)::bigint as operations
        from {rows_of(scope, _DAYS)} group by 1, 2, 3 order by all
        """
    )
    return table


def _others(scope: Scope, rollup: Rollup) -> tuple[str, int]:
    unnamed = f"from {rollup.members} where {rollup.member('user_id')} is null"
    rows = (
        f"select {rollup.member('tenant_id')} as tenant_id, count(distinct user_id) {unnamed} group by 1 order by all"
    )
    return rows, scope.row(f"select count(distinct user_id) {unnamed}")[0]


def _refuse_difference(scope: Scope, table: str, credits: Decimal, operations: int) -> None:
    """The page must have the same sums as the table, to the last place."""
    held = scope.row(
        f"select coalesce(sum(credits), 0)::decimal(38, 9), coalesce(sum(operations), 0)::bigint from {table}"
    )
    if held != (credits, operations):
        raise PublishError(
            f"not published: the dashboard's {table} hold {held[0]} credits in {held[1]} operations, agg_credits_daily "
            f"{credits} in {operations}; run `credits rebuild`."
        )
