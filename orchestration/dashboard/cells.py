"""The figures of the page: credits and operations by period, customer, user and kind.

Each set of cells has all credits of the scope: members that are not named are in an unnamed one, never left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ingest.errors import PublishError
from orchestration.dashboard.rollup import Rollup
from orchestration.dashboard.scope import Scope

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Cells:
    """`rows`: bucket (its first day), tenant, user, kind, credits, operations, estimated credits. `days`, empty if
    `rows` are by day: date, tenant, kind, credits, operations. `others` counts the users that are not named, by tenant;
    `others_in_all` counts each of them once.
    """

    rows: Rows
    days: Rows
    others: Rows
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
    days: Rows = []
    others: Rows = []
    others_in_all = 0
    rows = _sums(scope, rollup)
    if rollup.grain == "month":
        days = _days(scope, rollup)
        _refuse_difference("days", days, 3, credits, operations)
        if "user_id" in rollup.folded:
            others, others_in_all = _others(scope, rollup)
    _refuse_difference("cells", rows, 4, credits, operations)
    return Cells(rows, days, others, others_in_all, credits, operations)


def _sums(scope: Scope, rollup: Rollup) -> Rows:
    return scope.rows(
        f"""
        select
            {rollup.bucket("reporting_date")} as bucket, {rollup.member("tenant_id")} as tenant_id,
            {rollup.member("user_id")} as user_id, {rollup.member("kind")} as kind,
            sum(credits)::decimal(38, 9), sum(operations)::bigint, sum(estimated_credits)::decimal(38, 9)
        from marts.agg_credits_daily where {scope.condition} group by 1, 2, 3, 4 order by all
        """
    )


def _days(scope: Scope, rollup: Rollup) -> Rows:
    return scope.rows(
        f"""
        select
            reporting_date, {rollup.tenant_by_day("tenant_id")} as tenant_id, {rollup.member("kind")} as kind,
            sum(credits)::decimal(38, 9), sum(operations)::bigint
        from marts.agg_credits_daily where {scope.condition} group by 1, 2, 3 order by all
        """
    )


def _others(scope: Scope, rollup: Rollup) -> tuple[Rows, int]:
    unnamed = f"from {rollup.members} where {rollup.member('user_id')} is null"
    rows = scope.rows(
        f"select {rollup.member('tenant_id')} as tenant_id, count(distinct user_id) {unnamed} group by 1 order by all"
    )
    return rows, scope.row(f"select count(distinct user_id) {unnamed}")[0]


def _refuse_difference(name: str, rows: Rows, place: int, credits: Decimal, operations: int) -> None:
    """The page must have the same sums as the table, to the last place."""
    held = sum((row[place] for row in rows), Decimal(0)), sum(row[place + 1] for row in rows)
    if held != (credits, operations):
        raise PublishError(
            f"not published: the dashboard's {name} hold {held[0]} credits in {held[1]} operations, agg_credits_daily "
            f"{credits} in {operations}; run `credits rebuild`."
        )
