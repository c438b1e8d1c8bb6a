"""What each chart must show, said in SQL on the published file, apart from how the charts say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

Rows = tuple[tuple[tuple[str, object], ...], ...]

_EPOCH = datetime(1970, 1, 1)
_PLACES = 9
_PLACES_OF_TIMES = 3
_LATER_THAN = 1e12
"""Milliseconds since 1970, in 2001: no figure of a chart is as large, every time of the sample is larger."""

_TENANT = """
    coalesce((
        select tenant_name from marts.dim_tenants as named where named.tenant_id = used.tenant_id and is_current
    ), tenant_id) as tenant_name, tenant_id
"""
_USER = """
    coalesce((
        select max(display_name) from marts.dim_users as named where named.user_id = used.user_id and is_current
    ), user_id) as user_name, user_id
"""
"""A name of each id, or an error: a subquery that finds two rows is none."""

_BY_OWNER = """
    select {owner}, sum(credits) as sum_credits, count(*) as sum_operations,
        coalesce(sum(credits) filter (where is_estimate), 0) as sum_estimated_credits,
        coalesce(sum(credits) filter (where source = 'read'), 0) as sum_read_credits,
        coalesce(sum(credits) filter (where user_source = 'corti'), 0) as sum_fallback_credits
    from marts.fct_credit_usage as used where {condition} group by all
"""

CHARTS = {
    "Credits": "select sum(credits) as sum_credits from marts.fct_credit_usage",
    "Credits by week and kind": """
        select date_trunc('week', reporting_date) as reporting_date, kind, sum(credits) as sum_credits
        from marts.fct_credit_usage group by 1, 2
    """,
    "Trailing 28 days by tenant": """
        select days.reporting_date, days.tenant_id, coalesce(sum(operations.credits), 0) as sum_credits_trailing_28_days
        from marts.agg_credits_trend_daily as days left join marts.fct_credit_usage as operations
        on operations.tenant_id = days.tenant_id
            and operations.reporting_date between days.reporting_date - 27 and days.reporting_date
        group by 1, 2
    """,
    "Tenants by credits": _BY_OWNER.format(owner=_TENANT, condition="true"),
    "Users by credits": _BY_OWNER.format(owner=f"{_USER}, {_TENANT}", condition="true"),
    "Quotas of the current period": """
        select status, tenant_id, user_id, kind, period, period_start, allowance_credits, used_credits, used_share,
            projected_credits, projected_exhaustion_date
        from marts.mart_quota_consumption where last_day = as_of_date
    """,
    "Open alerts": """
        select severity, alert_type, tenant_id, user_id, first_seen_on, last_seen_on, summary
        from marts.mart_usage_alerts where is_open
    """,
    "Usage without an owner": """
        select interaction_id, kind, credits, operations, first_used_at, last_used_at, why
        from marts.mart_unmapped_usage
    """,
    "Landed files": """
        select file, landed_at, lines, new_records, duplicate_records, correction_records, conflict_records,
            rejected_lines, credits_accepted
        from marts.mart_load_audit
    """,
}
"""By the chart's title. What can be, is asked of the operations themselves, not of the table that the chart reads."""


def figures(published: Path) -> dict[str, Rows]:
    """What each chart must show of the version that is published now."""
    with duckdb.connect(str(published.resolve()), read_only=True) as connection:
        return {title: _fetched(connection, query) for title, query in CHARTS.items()}


def tenant_figures(published: Path, first: date, behind: date, tenant: str) -> Rows:
    """What the tenants' chart must show with the dashboard's two filters set."""
    condition = "reporting_date >= $first and reporting_date < $behind and tenant_id = $tenant"
    query = _BY_OWNER.format(owner=_TENANT, condition=condition)
    with duckdb.connect(str(published.resolve()), read_only=True) as connection:
        return _fetched(connection, query, {"first": first, "behind": behind, "tenant": tenant})


def comparable(rows: Iterable[Mapping[str, Any]]) -> Rows:
    """Rows in an order that hangs on their values alone, numbers and times as Superset's JSON has them."""
    return tuple(sorted((tuple(sorted((name, _plain(row[name])) for name in row)) for row in rows), key=repr))


def _fetched(connection: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, object] | None = None) -> Rows:
    cursor = connection.execute(query, dict(values or {}))
    names = [column[0] for column in cursor.description or ()]
    return comparable(dict(zip(names, row, strict=True)) for row in cursor.fetchall())


def _plain(value: object) -> object:
    if isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
        since = moment - _EPOCH
        return _plain(((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) / 1000)
    if isinstance(value, (int, float, Decimal)):
        # Milliseconds since 1970 leave a floating point number room for microseconds, and no digit more.
        return round(float(value), _PLACES_OF_TIMES if abs(value) > _LATER_THAN else _PLACES)
    return value
