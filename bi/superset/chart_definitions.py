"""The charts: the dataset and the query of each, and how it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_COUNTED = ("sum_credits", "sum_operations", "sum_estimated_credits", "sum_read_credits", "sum_fallback_credits")

_DAY = ("d3TimeFormat", "%Y-%m-%d")
_SHARE = ("d3NumberFormat", ".1%")


@dataclass(frozen=True)
class Chart:
    """One chart. With `metrics` it groups by `columns`, without it shows them row by row.

    `x_axis` is a date column, `grain` an ISO 8601 duration; `order` is a column or metric, the largest first; `only` is
    a boolean column that must be true; `period` is the date column for the dashboard's period filter, if any. `formats`
    names Superset's settings for the format of columns; `options` are other settings.
    """

    name: str
    title: str
    description: str
    viz_type: str
    dataset: str
    columns: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    x_axis: str | None = None
    grain: str | None = None
    order: str | None = None
    only: str | None = None
    period: str | None = None
    by_tenant: bool = True
    formats: tuple[tuple[str, tuple[str, str]], ...] = ()
    options: tuple[tuple[str, Any], ...] = ()


CHARTS = (
    Chart(
        name="credits_total",
        title="Credits",
        description="Corti credits charged in the period.",
        viz_type="big_number_total",
        dataset="agg_credits_daily",
        metrics=("sum_credits",),
        period="reporting_date",
        options=(("y_axis_format", ",.2f"), ("subtitle", "charged in the period")),
    ),
    Chart(
        name="credits_by_kind",
        title="Credits by week and kind",
        description="Weeks begin on Monday, in each tenant's time zone.",
        viz_type="echarts_timeseries_bar",
        dataset="agg_credits_daily",
        columns=("kind",),
        metrics=("sum_credits",),
        x_axis="reporting_date",
        grain="P1W",
        order="sum_credits",
        period="reporting_date",
        options=(("stack", "Stack"), ("show_legend", True), ("rich_tooltip", True), ("y_axis_format", ",.0f")),
    ),
    Chart(
        name="credits_trend",
        title="Trailing 28 days by tenant",
        description="Credits of each day and the 27 before it.",
        viz_type="echarts_timeseries_line",
        dataset="agg_credits_trend_daily",
        columns=("tenant_id",),
        metrics=("sum_credits_trailing_28_days",),
        x_axis="reporting_date",
        grain="P1D",
        order="sum_credits_trailing_28_days",
        period="reporting_date",
        options=(("show_legend", True), ("rich_tooltip", True), ("y_axis_format", ",.0f")),
    ),
    Chart(
        name="tenants_ranked",
        title="Tenants by credits",
        description="Who used most in the period; `(unmapped)` is a member like others.",
        viz_type="table",
        dataset="agg_credits_daily_named",
        columns=("tenant_name", "tenant_id"),
        metrics=_COUNTED,
        order="sum_credits",
        period="reporting_date",
    ),
    Chart(
        name="users_ranked",
        title="Users by credits",
        description="Who used most in the period; `(unmapped)` is a member like others.",
        viz_type="table",
        dataset="agg_credits_daily_named",
        columns=("user_name", "user_id", "tenant_name", "tenant_id"),
        metrics=_COUNTED,
        order="sum_credits",
        period="reporting_date",
    ),
    Chart(
        name="quota_consumption",
        title="Quotas of the current period",
        description="What is allowed, used, and when it runs out.",
        viz_type="table",
        dataset="mart_quota_consumption",
        columns=(
            "status",
            "tenant_id",
            "user_id",
            "kind",
            "period",
            "period_start",
            "allowance_credits",
            "used_credits",
            "used_share",
            "projected_credits",
            "projected_exhaustion_date",
        ),
        order="used_share",
        only="is_current",
        formats=(("used_share", _SHARE), ("period_start", _DAY), ("projected_exhaustion_date", _DAY)),
    ),
    Chart(
        name="open_alerts",
        title="Open alerts",
        description="Worth telling a person, and still so.",
        viz_type="table",
        dataset="mart_usage_alerts",
        columns=("severity", "alert_type", "tenant_id", "user_id", "first_seen_on", "last_seen_on", "summary"),
        order="last_seen_on",
        only="is_open",
        formats=(("first_seen_on", _DAY), ("last_seen_on", _DAY)),
    ),
    Chart(
        name="unmapped_usage",
        title="Usage without an owner",
        description="Credits that no user or no tenant could be named for.",
        viz_type="table",
        dataset="mart_unmapped_usage",
        columns=("interaction_id", "kind", "credits", "operations", "first_used_at", "last_used_at", "why"),
        order="credits",
        by_tenant=False,
    ),
    Chart(
        name="load_audit",
        title="Landed files",
        description="Every line that was read has one verdict.",
        viz_type="table",
        dataset="mart_load_audit",
        columns=(
            "file",
            "landed_at",
            "lines",
            "new_records",
            "duplicate_records",
            "correction_records",
            "conflict_records",
            "rejected_lines",
            "credits_accepted",
        ),
        order="landed_at",
        by_tenant=False,
    ),
)
