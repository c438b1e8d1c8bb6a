"""The interactions that cost most, with their usage by day, customer, user and kind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ingest.errors import PublishError
from orchestration.dashboard.pieces import Piece, rows_in, rows_of
from orchestration.dashboard.rollup import Rollup
from orchestration.dashboard.scope import Scope

OF_EACH_TENANT = 5
"""The least number of interactions that are listed for each customer."""


@dataclass(frozen=True)
class Interactions:
    """`rows` is a query for interaction, bucket, tenant, user, kind, credits, operations of the listed ones; `count` is
    the number of all.
    """

    rows: str
    count: int


def interactions(scope: Scope, rollup: Rollup) -> Interactions:
    """All interactions if they are few, else those with the most credits overall and at each customer.

    Raises:
        PublishError: from kept months, their usage does not add up to their credits.
    """
    listed, count = _list_most(scope) if scope.tenant is None else _list_most_of_tenant(scope)
    usage = "usage_of_listed"
    scope.rows(
        f"""
        create or replace temp table {usage} as
        from {_usage(scope, listed)} where interaction_id in (select interaction_id from {listed})
        """
    )
    if scope.kept:
        _refuse_difference(scope, listed, usage)
    rows = f"""
        select
            interaction_id, {rollup.bucket("reporting_date")}, {rollup.member("tenant_id")},
            {rollup.member("user_id")}, {rollup.member("kind")}, sum(credits)::decimal(38, 9), sum(operations)::bigint
        from {usage} group by all order by all
    """
    return Interactions(rows, count)


def _most(interactions: str, room: int) -> str:
    """The ids of the listed ones among `interactions`; among all it gives the same as among those of each month."""
    return f"""
        select unnest(max_by(interaction_id, (credits, interaction_id), {room})) as interaction_id from {interactions}
        union
        select unnest(max_by(interaction_id, (credits, interaction_id), {OF_EACH_TENANT}))
        from {interactions} group by tenant_id
    """


def _list_most(scope: Scope) -> tuple[str, int]:
    # Operations without an interaction are not an interaction, although the aggregate has a row for them.
    every = "(from {agg_credits_by_interaction} where interaction_id != '(none)')"
    most = Piece(
        "interactions",
        {"agg_credits_by_interaction": "usage_date", "dim_interactions": "first_used_at"},
        f"""
        select interaction_id, tenant_id, credits, first_used_at, last_used_at
        from {{agg_credits_by_interaction}}
        left join (select interaction_id, first_used_at, last_used_at from {{dim_interactions}}) using (interaction_id)
        where interaction_id in ({_most(every, scope.budget.interactions)})
        """,
    )
    table = "listed_interactions"
    scope.rows(f"create or replace temp table {table} as from {rows_of(scope, most)}")
    scope.rows(
        f"""
        delete from {table} where interaction_id not in ({_most(table, scope.budget.interactions)})
        """
    )
    (count,) = scope.row(
        """
        select
            (select count(*) from marts.agg_credits_by_interaction)
            - (select count(*) from marts.agg_credits_by_interaction where interaction_id = '(none)')
        """
    )
    return table, count


def _list_most_of_tenant(scope: Scope) -> tuple[str, int]:
    every, table = "interactions_of_tenant", "listed_interactions"
    scope.rows(
        f"""
        create or replace temp table {every} as
        select interaction_id, tenant_id, sum(credits) as credits from marts.fct_credit_usage
        where {scope.condition} and interaction_id is not null group by all
        """
    )
    scope.rows(
        f"""
        create or replace temp table {table} as
        from {every} where interaction_id in ({_most(every, scope.budget.interactions)})
        """
    )
    return table, scope.row(f"select count(*) from {every}")[0]


_USAGE = """
    select
        interaction_id, reporting_date, tenant_id, user_id, kind, sum(credits)::decimal(38, 9) as credits,
        count(*) as operations
    from {fct_credit_usage}
"""
_BY_MONTH = "listed_by_month"
_LISTED = f"select interaction_id, month from {_BY_MONTH} where month = {{month}}"
_USAGE_OF_MONTH = Piece(
    "usage",
    {"fct_credit_usage": "reporting_date"},
    f"""
    from ({_LISTED})
    left join ({_USAGE} where interaction_id in (select interaction_id from ({_LISTED})) group by all)
    using (interaction_id)
    """,
)
"""The usage of the interactions that are listed for a month. One without usage in the month has a row too: so the kept
rows say for which interactions they are.
"""


def _usage(scope: Scope, listed: str) -> str:
    """The usage of at least the listed interactions, by day, as a subquery."""
    if files := _kept_usage(scope, listed):
        return f"(from {rows_in(files)} where reporting_date is not null)"
    query = f"{_USAGE} where interaction_id in (select interaction_id from {listed}) group by all"
    return f"({Piece('usage', _USAGE_OF_MONTH.columns, query).whole(scope)})"


def _kept_usage(scope: Scope, listed: str) -> list[Path]:
    """The kept files with the usage of the listed interactions; months that lack one of these are read again."""
    keys = _USAGE_OF_MONTH.keys(scope)
    if not scope.kept or not keys:
        return []
    # A reporting date is in a time zone, which is less than a day away from UTC.
    scope.rows(
        f"""
        create or replace temp table {_BY_MONTH} as
        select interaction_id, unnest(range(
            date_trunc('month', first_used_at - interval 1 day), last_used_at + interval 1 day, interval 1 month
        ))::date as month
        from {listed}
        """
    )
    files = {month: file for month, key in keys.items() if (file := scope.kept.find(key))}
    known = f"anti join {rows_in(files.values())} as known using (interaction_id, month)" if files else ""
    for (month,) in scope.rows(f"select distinct month from {_BY_MONTH} {known} order by month"):
        if month in keys:
            files[month] = scope.kept.keep(scope.connection, keys[month], _USAGE_OF_MONTH.of_month(month))
    return list(files.values())


def _refuse_difference(scope: Scope, listed: str, usage: str) -> None:
    total, held = scope.row(f"select (select sum(credits) from {listed}), (select sum(credits) from {usage})")
    if held != total:
        raise PublishError(
            f"not published: the kept usage of the dashboard's interactions holds {held} credits, "
            f"agg_credits_by_interaction {total}; run `credits rebuild`."
        )
