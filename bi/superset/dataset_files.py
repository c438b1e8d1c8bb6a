"""The connection, a dataset for each published table with its descriptions from the dbt project, and one with names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bi.superset.identities import DATABASE, SCHEMA, VERSION, identity
from orchestration.documentation.dictionary import Column, Table

URI = "duckdb:////srv/credits/published/current/credits.duckdb"

DAILY = "agg_credits_daily"
NAMED = "agg_credits_daily_named"
"""The daily credits with names next to the ids: a query in Superset, not a published table."""

_NAMED_SQL = """\
select days.*, coalesce(tenants.tenant_name, days.tenant_id) as tenant_name,
    coalesce(users.display_name, days.user_id) as user_name
from marts.agg_credits_daily as days
left join marts.dim_tenants as tenants on days.tenant_id = tenants.tenant_id and tenants.is_current
left join (
    select user_id, max(display_name) as display_name from marts.dim_users where is_current group by user_id
) as users on days.user_id = users.user_id
"""
"""One name for each id, so that no row is doubled: a user of several tenants has several rows. If there is no current
name, the id is shown.
"""

_NAMES = (
    Column("tenant_name", "VARCHAR", "The customer's current name, or the id if it has none.", False),
    Column("user_name", "VARCHAR", "The user's current name, or the id if it has none.", False),
)

_SUMMED = ("credits", "operations", "estimated_credits", "read_credits", "fallback_credits")
_SUMMED_TABLES = (
    *("agg_credits_by_interaction", DAILY, NAMED, "agg_credits_tenant_monthly", "agg_credits_trend_daily"),
    *("agg_credits_user_monthly", "fct_credit_usage", "fct_credit_charges", "agg_cost_daily"),
    *("mart_tenant_statement_lines", "mart_unmapped_usage"),
)
"""Tables in which every row counts once. In `mart_user_ranking` several rows have the same credits."""

_TRAILING = ("credits_trailing_7_days", "credits_trailing_28_days")
_COUNT = {
    "metric_name": "count",
    "verbose_name": "Rows",
    "expression": "count(*)",
    "description": "How many rows.",
}
_TIMES = ("DATE", "TIMESTAMP")
_MAIN_TIMES = (
    *("reporting_date", "month_start", "usage_date", "date_day", "period_start", "BillingPeriodStart", "occurred_at"),
    *("landed_at", "first_used_at", "created_at", "window_from", "valid_from"),
)
"""The column for a table's time filter: the first of these that it has."""


def database() -> dict[str, Any]:
    """The connection. Read-only: a connection that may write would lock all other readers out, or fail."""
    return {
        "database_name": DATABASE,
        "sqlalchemy_uri": URI,
        "cache_timeout": None,
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_csv_upload": False,
        "extra": {
            "allows_virtual_table_explore": True,
            "engine_params": {"connect_args": {"read_only": True}},
        },
        "uuid": identity("database", DATABASE),
        "version": VERSION,
    }


def dataset(table: Table) -> dict[str, Any]:
    """A published table as a dataset; its metrics are the columns that may be summed."""
    names = [column.name for column in table.columns]
    return {
        "table_name": table.name,
        "main_dttm_col": next((name for name in _MAIN_TIMES if name in names), None),
        "description": _text(table.description),
        "schema": SCHEMA,
        "catalog": None,
        "sql": None,
        "filter_select_enabled": True,
        "uuid": identity("dataset", table.name),
        "metrics": [_COUNT, *_sums(table)],
        "columns": [_column(column) for column in table.columns],
        "version": VERSION,
        "database_uuid": identity("database", DATABASE),
    }


def named_dataset(daily: Table) -> dict[str, Any]:
    """The table of daily credits as a dataset with the customers' and users' current names."""
    description = f"{_text(daily.description)} With the current names."
    named = replace(daily, name=NAMED, description=description, columns=(*daily.columns, *_NAMES))
    return {**dataset(named), "sql": _NAMED_SQL}


def _column(column: Column) -> dict[str, Any]:
    return {
        "column_name": column.name,
        "verbose_name": _words(column.name),
        "is_dttm": column.type in _TIMES,
        "is_active": True,
        "type": column.type,
        "groupby": True,
        "filterable": True,
        "description": _text(column.description),
    }


def _sums(table: Table) -> list[dict[str, Any]]:
    summed = _SUMMED if table.name in _SUMMED_TABLES else ()
    return [
        _metric(f"sum_{column.name}", _words(column.name), f"sum({column.name})", _meaning(column))
        for column in table.columns
        if column.name in summed or column.name in _TRAILING
    ]


def _metric(name: str, label: str, expression: str, meaning: str) -> dict[str, Any]:
    return {
        "metric_name": name,
        "verbose_name": label,
        "expression": expression,
        "description": meaning,
    }


def _meaning(column: Column) -> str:
    within = " Add it up within one day only." if column.name in _TRAILING else ""
    return f"Sum of: {_text(column.description)}{within}"


def _words(name: str) -> str:
    """A name to show; names of another standard stay unchanged."""
    return name if any(map(str.isupper, name)) else name.replace("_", " ").removesuffix(" id").capitalize()


def _text(description: str) -> str:
    return " ".join(description.split())
