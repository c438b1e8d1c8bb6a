"""How detailed a page is: by day, or for a large version by month and with small members summed.

A member that is not named is null in every row that is read through `Rollup.member`; its credits stay in each sum.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from orchestration.dashboard.pieces import Piece, rows_of
from orchestration.dashboard.scope import CELL_BYTES, Scope
from orchestration.published_version import UNMAPPED

KINDS_NAMED = 40
USERS_NAMED_FIRST = 1
"""Named for each customer, before those with more credits at other customers."""


@dataclass(frozen=True)
class Rollup:
    """`grain` is day or month. `members` is the table of all members (tenant_id, user_id, kind), and `by_month` that of
    their months, with credits, operations and estimated_credits. `named` holds the table of the named members (column
    `member`) for each column whose members are not all named, and `named_by_day` the table of the customers whose
    single days are kept if the grain is a month.
    """

    grain: str
    members: str
    by_month: str
    named: Mapping[str, str]
    named_by_day: str | None = None

    @property
    def folded(self) -> frozenset[str]:
        """The columns whose members are not all named."""
        return frozenset(self.named)

    def bucket(self, column: str) -> str:
        """The first day of the period of a date or time."""
        return f"date_trunc('{self.grain}', {column})::date"

    def member(self, column: str) -> str:
        """The column, or null for a member that is not named."""
        return _or_null(column, self.named.get(column))

    def tenant_by_day(self, column: str) -> str:
        """The column, or null for a customer whose single days are not kept."""
        return _or_null(column, self.named_by_day)


def _or_null(column: str, named: str | None) -> str:
    return f"case when {column} in (select member from {named}) then {column} end" if named else column


def roll_up(scope: Scope) -> Rollup:
    """Choose the most detailed page that the budget allows, and the members that it names."""
    members, by_month = _note_members(scope)
    named: dict[str, str] = {}
    kinds = _choose(scope, "named_kinds", _kinds(members), KINDS_NAMED)
    if not kinds.has_all:
        named["kind"] = kinds.table
    (size,) = scope.row(
        f"""
        select coalesce((select sum(rows) * {CELL_BYTES} from {members}), 0)
            + coalesce((select sum(strlen(user_id) + 28) from (select distinct user_id from {members})), 0)
        """
    )
    if size <= scope.budget.daily:
        return Rollup("day", members, by_month, named)
    tenants = _choose(scope, "named_tenants", _tenants(members), scope.budget.tenant_months)
    if not tenants.has_all:
        named["tenant_id"] = tenants.table
    users = _choose(scope, "named_users", _users(members), scope.budget.user_months)
    if not users.has_all:
        named["user_id"] = users.table
    by_day = _choose(scope, "tenants_by_day", _tenants_by_day(members), scope.budget.tenant_days)
    return Rollup("month", members, by_month, named, by_day.table)


_MONTHS = Piece(
    "months",
    {"agg_credits_daily": "reporting_date"},
    """
    select
        date_trunc('month', reporting_date)::date as month, tenant_id, user_id, kind, count(*) as rows,
        sum(credits)::decimal(38, 9) as credits, sum(operations)::bigint as operations,
        sum(estimated_credits)::decimal(38, 9) as estimated_credits, min(reporting_date) as first_date,
        max(reporting_date) as last_date
    from {agg_credits_daily} group by all
    """,
)


def _note_members(scope: Scope) -> tuple[str, str]:
    """The table of all members, and the rows of their months; later choices use these."""
    members, by_month = "members", rows_of(scope, _MONTHS)
    scope.rows(
        f"""
        create or replace temp table {members} as
        select
            tenant_id, user_id, kind, sum(rows) as rows, sum(credits)::decimal(38, 9) as credits,
            min(first_date) as first_date, max(last_date) as last_date
        from {by_month} group by all
        """
    )
    return members, by_month


def _kinds(members: str) -> str:
    return f"""
        select kind as member, 1 as bytes, sum(credits) as credits, false as goes_first from {members} group by kind
    """


# A member has at most as many cells as rows, and as periods between its first and last use times kinds.


def _tenants(members: str) -> str:
    return f"""
        select tenant_id as member, sum(least(rows, months)) * {CELL_BYTES} + strlen(tenant_id) + 28 as bytes,
            sum(credits) as credits, false as goes_first
        from (
            select tenant_id, kind, sum(rows) as rows, sum(credits) as credits,
                date_diff('month', min(first_date), max(last_date)) + 1 as months
            from {members} group by tenant_id, kind
        )
        group by tenant_id
    """


def _users(members: str) -> str:
    return f"""
        select user_id as member, sum(cells) * {CELL_BYTES} + strlen(user_id) + 28 as bytes, sum(credits) as credits,
            min(place) <= {USERS_NAMED_FIRST} as goes_first
        from (
            select user_id, sum(credits) as credits,
                sum(least(rows, date_diff('month', first_date, last_date) + 1)) as cells,
                row_number() over (partition by tenant_id order by sum(credits) desc, user_id) as place
            from {members} group by tenant_id, user_id
        )
        group by user_id
    """


def _tenants_by_day(members: str) -> str:
    return f"""
        select tenant_id as member, sum(least(rows, days)) * {CELL_BYTES} as bytes, sum(credits) as credits,
            false as goes_first
        from (
            select tenant_id, kind, sum(rows) as rows, sum(credits) as credits,
                max(last_date) - min(first_date) + 1 as days
            from {members} group by tenant_id, kind
        )
        group by tenant_id
    """


@dataclass(frozen=True)
class _Named:
    table: str
    has_all: bool


def _choose(scope: Scope, table: str, members: str, room: int) -> _Named:
    """Write the members that fit to `table`, the unmapped one first. `members` gives their bytes and credits too, and
    whether they go first.
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
    return _Named(table, left[0] == 0)
