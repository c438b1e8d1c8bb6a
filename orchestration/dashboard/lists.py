"""The page's lists: names of customers and users, quotas of the current periods."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.dashboard.scope import Scope


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
class Quotas:
    """`rows` is a query for tenant, user, kind (null: none named), period, its first and last day, allowance, warn at,
    used, projected, exhausted on, at the earliest, at the latest, status. `count` is the number of all current ones.
    Both are None if the version has no table of quotas. `as_of` is the last day with usage; in a customer's page, with
    its own usage.
    """

    rows: str | None
    count: int | None
    as_of: str | None


_LAST_USAGE = "(select max(reporting_date) from marts.agg_credits_daily where tenant_id = $tenant)"


def quotas(scope: Scope) -> Quotas:
    """Quotas of the current periods, those that need attention first, as many as there is room for."""
    if "mart_quota_consumption" not in scope.tables:
        return Quotas(None, None, None)
    count, as_of = scope.row(
        f"""
        select
            count(*),
            -- A customer's page must not show when others used something.
            {"max(as_of_date)" if scope.tenant is None else _LAST_USAGE}::varchar
        from marts.mart_quota_consumption where is_current and {scope.condition}
        """
    )
    rows = f"""
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
    return Quotas(rows, count, as_of)
