"""What the figures rest on: what never reported, what capture missed, what Corti's own sums say, what was refused.

What can't be told apart by customer (coverage, refused lines) is left out of a customer's page.
"""

from __future__ import annotations

from datetime import datetime

from orchestration.dashboard.cells import Rows
from orchestration.dashboard.rollup import Rollup
from orchestration.dashboard.scope import Scope
from orchestration.freshness import SOURCES


def listed(scope: Scope, rollup: Rollup, table: str, at: str) -> Rows:
    """Operations of a list by period of their UTC time `at`, tenant, user and kind, counted."""
    if table not in scope.tables:
        return []
    return scope.rows(
        f"""
        select
            {rollup.bucket(at)}, {rollup.member("tenant_id")}, {rollup.member("user_id")}, {rollup.member("kind")},
            count(*)
        from marts.{table} where {scope.condition} group by all order by all
        """
    )


def coverage(scope: Scope, rollup: Rollup) -> Rows:
    """By period and kind: created and covered on days whose pull was complete, days that failed.

    Shares of days do not add up to that of a period: what `coverage_share` is a share of is summed instead.
    """
    if scope.tenant is not None or "mart_capture_coverage" not in scope.tables:
        return []
    return scope.rows(
        f"""
        select
            {rollup.bucket("date_day")}, {rollup.member("kind")},
            coalesce(sum(created_at_corti) filter (where pull_outcome = 'complete'), 0)::bigint,
            coalesce(sum(captured + filled_by_read) filter (where pull_outcome = 'complete'), 0)::bigint,
            count(distinct (date_day, environment, corti_tenant)) filter (where pull_outcome = 'failed')
        from marts.mart_capture_coverage where created_at_corti is not null group by all order by all
        """
    )


def reconciliation(scope: Scope, rollup: Rollup) -> Rows:
    """Totals of Corti's by first and last period of their window, whose end is not part of it, by tenant and user (null
    where a total is of none, or of one that is not named) and status, counted.
    """
    if "mart_provider_reconciliation" not in scope.tables:
        return []
    return scope.rows(
        f"""
        select
            {rollup.bucket("window_from")}, {rollup.bucket("window_to - interval 1 microsecond")},
            {rollup.member("tenant_id")}, {rollup.member("user_id")}, status, count(*)
        from marts.mart_provider_reconciliation where {scope.condition} group by all order by all
        """
    )


def last_signs(scope: Scope) -> dict[str, object]:
    """When the last usage was (ISO 8601, UTC); in the page of everything also the last heartbeat, and how many sources
    are silent.
    """
    usage = scope.row(f"select max(occurred_at) from marts.fct_credit_usage where {scope.condition}")[0]
    heard, silent = None, 0
    if scope.tenant is None and SOURCES in scope.tables:
        heard, silent = scope.row(
            f"select max(last_heartbeat_at), count(*) filter (where is_silent) from marts.{SOURCES}"
        )
    return {"usage": _as_text(usage), "heartbeat": _as_text(heard), "silentSources": silent}


def _as_text(at: datetime | None) -> str | None:
    return f"{at.isoformat(timespec='seconds')}Z" if at else None


def lines_read(scope: Scope) -> dict[str, int] | None:
    """Lines of all landed usage files, and how many were refused; nothing in a customer's page."""
    if scope.tenant is not None or "mart_load_audit" not in scope.tables:
        return None
    lines, rejected = scope.row(
        "select coalesce(sum(lines), 0)::bigint, coalesce(sum(rejected_lines), 0)::bigint from marts.mart_load_audit"
    )
    return {"lines": lines, "rejected": rejected}
