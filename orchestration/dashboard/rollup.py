"""How detailed a page is: by day, or for a large version by month and with small members summed.

A member that is not named is null in every row that is read through `Folding.member`; its credits stay in each sum.
"""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.dashboard.scope import CELL_BYTES, Scope
from orchestration.published_version import UNMAPPED

KINDS_NAMED = 40
USERS_NAMED_FIRST = 1
"""Named for each customer, before those with more credits at other customers."""


@dataclass(frozen=True)
class Rollup:
    """`grain` is day or month; `folded` are the columns whose members are not all named."""

    grain: str
    folded: frozenset[str]

    def bucket(self, column: str) -> str:
        """The first day of the period of a date or time."""
        return f"date_trunc('{self.grain}', {column})::date"

    def member(self, column: str) -> str:
        """The column, or null for a member that is not named."""
        return named(column) if column in self.folded else column


def named(column: str, table: str | None = None) -> str:
    """The column, or null if its value is not in the temporary table of named members."""
    return f"case when {column} in (select member from {table or 'named_' + column}) then {column} end"


def roll_up(scope: Scope) -> Rollup:
    """Choose the most detailed page that the budget allows, and write the named members to temporary tables:
    `named_kind`, and `named_tenant_id`, `named_user_id`, `named_by_day` if the grain is a month. The table `members`
    has all of them.
    """
    _note_members(scope)
    folded = {"kind"} if _choose(scope, "named_kind", _KINDS, KINDS_NAMED) else set()
    (size,) = scope.row(
        f"""
        select coalesce((select sum(rows) * {CELL_BYTES} from members), 0)
            + coalesce((select sum(strlen(user_id) + 28) from (select distinct user_id from members)), 0)
        """
    )
    if size <= scope.budget.daily:
        return Rollup("day", frozenset(folded))
    if _choose(scope, "named_tenant_id", _TENANTS, scope.budget.tenant_months):
        folded.add("tenant_id")
    if _choose(scope, "named_user_id", _USERS, scope.budget.user_months):
        folded.add("user_id")
    _choose(scope, "named_by_day", _TENANTS_BY_DAY, scope.budget.tenant_days)
    return Rollup("month", frozenset(folded))


def _note_members(scope: Scope) -> None:
    """One pass over the daily aggregate; all later choices use its result."""
    scope.rows(
        f"""
        create or replace temp table members as
        select
            tenant_id, user_id, kind, count(*) as rows, sum(credits)::decimal(38, 9) as credits,
            min(reporting_date) as first_date, max(reporting_date) as last_date
        from marts.agg_credits_daily where {scope.condition} group by all
        """
    )


_KINDS = "select kind as member, 1 as bytes, sum(credits) as credits, false as goes_first from members group by kind"

# A member has at most as many cells as rows, and as periods between its first and last use times kinds.
_TENANTS = f"""
    select tenant_id as member, sum(least(rows, months)) * {CELL_BYTES} + strlen(tenant_id) + 28 as bytes,
        sum(credits) as credits, false as goes_first
    from (
        select tenant_id, kind, sum(rows) as rows, sum(credits) as credits,
            date_diff('month', min(first_date), max(last_date)) + 1 as months
        from members group by tenant_id, kind
    )
    group by tenant_id
"""
_USERS = f"""
    select user_id as member, sum(cells) * {CELL_BYTES} + strlen(user_id) + 28 as bytes, sum(credits) as credits,
        min(place) <= {USERS_NAMED_FIRST} as goes_first
    from (
        select user_id, sum(credits) as credits,
            sum(least(rows, date_diff('month', first_date, last_date) + 1)) as cells,
            row_number() over (partition by tenant_id order by sum(credits) desc, user_id) as place
        from members group by tenant_id, user_id
    )
    group by user_id
"""
_TENANTS_BY_DAY = f"""
    select tenant_id as member, sum(least(rows, days)) * {CELL_BYTES} as bytes, sum(credits) as credits,
        false as goes_first
    from (
        select tenant_id, kind, sum(rows) as rows, sum(credits) as credits,
            max(last_date) - min(first_date) + 1 as days
        from members group by tenant_id, kind
    )
    group by tenant_id
"""


def _choose(scope: Scope, table: str, members: str, room: int) -> bool:
    """Write the members (with bytes, credits, and whether they go first) that fit, the unmapped one first; return
    whether any did not fit.
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
