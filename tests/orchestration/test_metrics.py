"""The metrics: MetricFlow finds them valid, and what it answers is what SQL on the published marts says."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.models.building import PROJECT
from tests.dbt_models.by_hand import run_dbt
from tests.orchestration.homes import Home

MetricFlow = Callable[..., str]

MONTHLY = {
    "credits": "exact",
    "estimated_credits": "exact",
    "read_credits": "exact",
    "fallback_credits": "exact",
    "operations": "exact",
    "active_users": "exact",
    "interactions": "exact",
    "credits_month_on_month": "exact",
    "credits_per_interaction": "floating",
    "credits_month_on_month_share": "floating",
}

BY_MONTH = """
with months as (
    select month_start, sum(credits) as credits, sum(estimated_credits) as estimated, sum(operations) as operations
    from marts.marts.agg_credits_tenant_monthly
    group by month_start
),
users as (
    select month_start, count(*) as active_users
    from marts.marts.agg_credits_user_monthly
    where user_id <> '(unmapped)'
    group by month_start
),
fact as (
    select
        date_trunc('month', reporting_date) as month_start,
        coalesce(sum(credits) filter (where source = 'read'), 0) as read_credits,
        coalesce(sum(credits) filter (where user_source = 'corti'), 0) as fallback_credits,
        count(distinct interaction_id) as interactions,
        sum(credits) filter (where interaction_id is not null) as interaction_credits
    from marts.marts.fct_credit_usage
    group by 1
),
-- The month after one with usage shows what fell away.
calendar as (
    select month_start from months
    union
    select month_start + interval 1 month from months
)
select
    calendar.month_start,
    coalesce(months.credits, 0),
    months.estimated,
    fact.read_credits,
    fact.fallback_credits,
    months.operations,
    case when months.credits is not null then coalesce(users.active_users, 0) end,
    fact.interactions,
    coalesce(months.credits, 0) - coalesce(month_before.credits, 0),
    fact.interaction_credits / nullif(fact.interactions, 0),
    (coalesce(months.credits, 0) - month_before.credits) / nullif(month_before.credits, 0)
from calendar
left join months on calendar.month_start = months.month_start
left join months as month_before on calendar.month_start = month_before.month_start + interval 1 month
left join users on calendar.month_start = users.month_start
left join fact on calendar.month_start = fact.month_start
where calendar.month_start in (select date_day from marts.marts.dim_dates)
order by calendar.month_start
"""


@pytest.fixture
def metricflow(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MetricFlow:
    """MetricFlow's command on the published version; it wants dbt's target folder within the project."""
    project = tmp_path / "dbt_project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs", "*_unit_tests.yml"))
    monkeypatch.setenv("CREDITS_PUBLISHED_DATABASE", str(home.current / "credits.duckdb"))
    parsed = run_dbt(project / "target", "parse", "--target", "published", project=project)
    assert parsed.exception is None
    # It asks PyPI for its newest version: a test asks nobody.
    offline = {"HTTPS_PROXY": "http://127.0.0.1:9", "TMPDIR": str(tmp_path), "DBT_TARGET": "published"}

    def run(*arguments: str) -> str:
        command = Path(sys.executable).with_name("mf")
        assert command.exists(), "MetricFlow is not installed: `make test` installs it"
        ended = subprocess.run(
            [command, *arguments],
            cwd=project,
            env={**os.environ, **offline},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    return run


def answer(home: Home, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query on the published version, attached under the name that the models give it."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home.current / 'credits.duckdb'}' as marts (read_only)")
        return connection.execute(sql).fetchall()


def test_metricflow_finds_no_fault(metricflow: MetricFlow) -> None:
    said = metricflow("validate-configs", "--show-all")
    assert said.count("Successfully validated") == 6 and said.count("(ERRORS: 0, FUTURE_ERRORS: 0") == 6, said
    # MetricFlow adds the newer spelling of a cumulative metric to the one that dbt 1.11 reads, then warns of both.
    warnings = [line for line in said.splitlines() if "• WARNING" in line]
    assert len(warnings) == 1 and "should not have both a measure and a metric as inputs" in warnings[0]


def test_the_sql_of_each_monthly_metric_gives_what_the_marts_hold(home: Home, metricflow: MetricFlow) -> None:
    asked = ("--metrics", ",".join(MONTHLY), "--group-by", "metric_time__month", "--order", "metric_time__month")
    written = answer(home, metricflow("query", *asked, "--explain", "--quiet"))
    expected = answer(home, BY_MONTH)
    assert len(expected) > 4
    for mine, theirs in zip(expected, written, strict=True):
        assert theirs[0] == mine[0]
        for (metric, kind), there, here in zip(MONTHLY.items(), theirs[1:], mine[1:], strict=True):
            if kind == "exact":
                assert there == here and not isinstance(there, float), (metric, mine[0])
            else:
                assert there == (here and pytest.approx(float(here), rel=1e-12)), (metric, mine[0])
    total = sum(row[1] for row in written)
    assert total == Decimal(home.manifest()["totals"]["credits"])


def test_what_mf_query_prints_is_what_the_marts_hold(home: Home, metricflow: MetricFlow, tmp_path: Path) -> None:
    table = tmp_path / "answer.csv"
    asked = ("--metrics", "credits,operations", "--group-by", "metric_time__month,operation__kind")
    mapped = "{{ Dimension('operation__tenant_id') }} <> '(unmapped)'"
    metricflow("query", *asked, "--where", mapped, "--csv", str(table), "--quiet")
    with table.open() as file:
        rows = list(csv.reader(file))[1:]
    printed = {
        (datetime.fromisoformat(month).date(), kind): (float(credits), int(n)) for month, kind, credits, n in rows
    }
    expected = answer(
        home,
        """
        select date_trunc('month', reporting_date)::date, kind, sum(credits), sum(operations)
        from marts.marts.agg_credits_daily where tenant_id <> '(unmapped)' group by all
        """,
    )
    assert printed == {(month, kind): (float(credits), int(n)) for month, kind, credits, n in expected}


def test_the_trailing_28_days_are_those_of_the_trend(home: Home, metricflow: MetricFlow) -> None:
    asked = ("--metrics", "credits_trailing_28_days", "--group-by", "metric_time__day,operation__tenant_id")
    rows = answer(home, metricflow("query", *asked, "--explain", "--quiet"))
    written = {(day, tenant): credits for day, tenant, credits in rows}
    trend = answer(
        home, "select reporting_date, tenant_id, credits_trailing_28_days from marts.marts.agg_credits_trend_daily"
    )
    # If no day of the 28 has usage, MetricFlow gives no row.
    assert len(trend) > 100
    assert {(day, tenant): written.get((day, tenant), Decimal(0)) for day, tenant, _ in trend} == {
        (day, tenant): credits for day, tenant, credits in trend
    }
