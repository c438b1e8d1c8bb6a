"""The page's lists: names of customers and users, the interactions that cost most, quotas of the current periods."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.dashboard.cells import Rows
from orchestration.dashboard.rollup import Rollup
from orchestration.dashboard.scope import Scope

OF_EACH_TENANT = 5
"""The least number of interactions, and of quotas, that are listed for each customer."""


def tenant_names(scope: Scope) -> dict[str, str]:
    """The latest name of each customer that has one."""
    return _latest(scope, "dim_tenants", "tenant_id", "tenant_name")


def user_names(scope: Scope) -> dict[str, str]:
    """The latest name of each user that has one; in a customer's page the name at that customer."""
    return _latest(scope, "dim_users", "user_id", "display_name")


def _latest(scope: Scope, table: str, key: str, name: str) -> dict[str, str]:
    rows = scope.rows(
        f"""
        select {key}, max_by({name}, valid_from) from marts.{table}
        where {name} is not null and {name} != {key} and {scope.condition} group by {key}
        """
    )
    return dict(rows)


@dataclass(frozen=True)
class Interactions:
    """`rows`: interaction, bucket, tenant, user, kind, credits, operations of the listed ones; `count` is the number of
    all.
    """

    rows: Rows
    count: int


def interactions(scope: Scope, rollup: Rollup) -> Interactions:
    """All interactions if they are few, else those with the most credits overall and at each customer."""
    every = (
        "select interaction_id, tenant_id, credits from marts.agg_credits_by_interaction"
        if scope.tenant is None
        else """
        select interaction_id, tenant_id, sum(credits) as credits from marts.fct_credit_usage
        where tenant_id = $tenant and interaction_id is not null group by all
        """
    )
    # Operations without an interaction are not an interaction, although the aggregate has a row for them.
    every = f"select * from ({every}) where interaction_id != '(none)'"
    (count,) = scope.row(f"select count(*) from ({every})")
    room = scope.budget.interactions
    most_of_all_and_of_each_tenant = f"""
        select unnest(max_by(interaction_id, (credits, interaction_id), {room})) as interaction_id from ({every})
        union
        select unnest(max_by(interaction_id, (credits, interaction_id), {OF_EACH_TENANT}))
        from ({every}) group by tenant_id
    """
    chosen = f"select interaction_id from ({every})" if count <= room else most_of_all_and_of_each_tenant
    rows = scope.rows(
        f"""
        with chosen as materialized ({chosen})
        select
            interaction_id, {rollup.bucket("reporting_date")}, {rollup.member("tenant_id")},
            {rollup.member("user_id")}, {rollup.member("kind")}, sum(credits)::decimal(38, 9), count(*)
        from marts.fct_credit_usage
        where interaction_id in (select interaction_id from chosen) and {scope.condition}
        group by all order by all
        """
    )
    return Interactions(rows, count)


@dataclass(frozen=True)
class Quotas:
    """`rows`: tenant, user, kind (null: none named), period, its first and last day, allowance, warn at, used,
    projected, exhausted on, at the earliest, at the latest, status. `count` is the number of all current ones; None if
    the version has no table of quotas. `as_of` is the last day with usage; in a customer's page, with its own usage.
    """

    rows: Rows
    count: int | None
    as_of: str | None


_LAST_USAGE = "(select max(reporting_date) from marts.agg_credits_daily where tenant_id = $tenant)"


def quotas(scope: Scope) -> Quotas:
    """Quotas of the current periods, those that need attention first, as many as there is room for."""
    if "mart_quota_consumption" not in scope.tables:
        return Quotas([], None, None)
    count, as_of = scope.row(
        f"""
        select
            count(*),
            -- A customer's page must not show when others used something.
            {"max(as_of_date)" if scope.tenant is None else _LAST_USAGE}::varchar
        from marts.mart_quota_consumption where is_current and {scope.condition}
        """
    )
    rows = scope.rows(
        f"""
        select
            tenant_id, user_id, kind, period, period_start, (period_end - interval 1 day)::date, allowance_credits,
            warn_at, used_credits, projected_credits, projected_exhaustion_date, exhaustion_date_low,
            exhaustion_date_high, status
        from marts.mart_quota_consumption where is_current and {scope.condition}
        order by
            case status when 'over' then 0 when 'warn' then 1 else 2 end, used_share desc nulls first,
            used_credits desc, quota_key
        limit {scope.budget.quotas}
        """
    )
    return Quotas(rows, count, as_of)
