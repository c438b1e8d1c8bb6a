"""How fine a page is told: by day, or, of a large version, by month and with small members put together.

A member that is not named is null in every row that is read through `Folding.member`: its credits stay in each sum.
"""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.dashboard.scope import CELL_BYTES, UNMAPPED, Scope

KINDS_NAMED = 40
USERS_NAMED_FIRST = 3
"""Of each customer, before those with more credits of other customers."""


@dataclass(frozen=True)
class Folding:
    """`grain` is day or month; `folded` holds the columns of which not all members are named, `tenant_days` whether
    that is so of customers by day.
    """

    grain: str
    folded: frozenset[str]

    def bucket(self, column: str) -> str:
        """The first day of the period in which a date or time falls."""
        return f"date_trunc('{self.grain}', {column})::date"

    def member(self, column: str) -> str:
        """The column, or null for a member that is not named."""
        return named(column) if column in self.folded else column


def named(column: str, table: str | None = None) -> str:
    """The column, or null where its value does not stand in the temporary table of those that are named."""
    return f"case when {column} in (select member from {table or 'named_' + column}) then {column} end"


def fold(scope: Scope) -> Folding:
    """Choose the finest way of telling a version that its budget allows, and note the named members in temporary
    tables: `named_kind`, and `named_tenant_id`, `named_user_id`, `named_by_day` where the grain is a month.
    """
    folded = {"kind"} if _fold_kinds(scope) else set()
    rows, bytes_of_users = scope.row(
        f"""
        select count(*), coalesce((
            select sum(strlen(user_id) + 28)
            from (select distinct user_id from marts.agg_credits_daily where {scope.condition})
        ), 0)::bigint
        from marts.agg_credits_daily where {scope.condition}
        """
    )
    if rows * CELL_BYTES + bytes_of_users <= scope.budget.daily:
        return Folding("day", frozenset(folded))
    _sum_months(scope, named("kind") if folded else "kind")
    if _fold_tenants(scope):
        folded.add("tenant_id")
    if _fold_users(scope):
        folded.add("user_id")
    _choose_tenants_by_day(scope)
    return Folding("month", frozenset(folded))


def _fold_kinds(scope: Scope) -> bool:
    return _choose(
        scope,
        "named_kind",
        f"""
        select kind as member, 1 as bytes, sum(credits) as credits, false as goes_first
        from marts.agg_credits_daily where {scope.condition} group by kind
        """,
        KINDS_NAMED,
    )


def _sum_months(scope: Scope, kind: str) -> None:
    scope.rows(
        f"""
        create or replace temp table monthly as
        select
            date_trunc('month', reporting_date)::date as bucket, tenant_id, user_id, {kind} as kind,
            sum(credits)::decimal(38, 9) as credits, sum(operations)::bigint as operations,
            sum(estimated_credits)::decimal(38, 9) as estimated_credits
        from marts.agg_credits_daily where {scope.condition} group by 1, 2, 3, 4
        """
    )


def _fold_tenants(scope: Scope) -> bool:
    return _choose(
        scope,
        "named_tenant_id",
        f"""
        select tenant_id as member, count(*) * {CELL_BYTES} + strlen(tenant_id) + 28 as bytes,
            sum(credits) as credits, false as goes_first
        from (select bucket, tenant_id, kind, sum(credits) as credits from monthly group by all) group by tenant_id
        """,
        scope.budget.monthly // 2,
    )


def _fold_users(scope: Scope) -> bool:
    return _choose(
        scope,
        "named_user_id",
        f"""
        select user_id as member, sum(cells) * {CELL_BYTES} + strlen(user_id) + 28 as bytes,
            sum(credits) as credits, min(place) <= {USERS_NAMED_FIRST} as goes_first
        from (
            select user_id, tenant_id, count(*) as cells, sum(credits) as credits,
                row_number() over (partition by tenant_id order by sum(credits) desc, user_id) as place
            from monthly group by user_id, tenant_id
        )
        group by user_id
        """,
        scope.budget.monthly // 2,
    )


def _choose_tenants_by_day(scope: Scope) -> None:
    _choose(
        scope,
        "named_by_day",
        f"""
        select tenant_id as member, count(*) * {CELL_BYTES} as bytes, sum(credits) as credits, false as goes_first
        from (
            select reporting_date, tenant_id, kind, sum(credits) as credits
            from marts.agg_credits_daily where {scope.condition} group by all
        )
        group by tenant_id
        """,
        scope.budget.tenant_days,
    )


def _choose(scope: Scope, table: str, members: str, room: int) -> bool:
    """Note the members (with bytes, credits, and whether they go first) that fit, the unmapped one before all others;
    return whether any did not.
    """
    scope.rows(
        f"""
        create or replace temp table {table} as
        select member from (
            select member, sum(bytes) over (
                order by member = '{UNMAPPED}' desc, goes_first desc, credits desc, member rows unbounded preceding
            ) as used
            from ({members})
        )
        where used <= {room}
        """
    )
    left = scope.row(f"select count(*) from ({members}) where member not in (select member from {table})")
    return left[0] > 0
