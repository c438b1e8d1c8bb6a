"""How far the figures can be trusted: unreported operations, missed captures, Corti's own totals, refused lines.

Figures that don't belong to a customer (coverage, refused lines) are left out of a customer's page.
"""

from __future__ import annotations

from datetime import datetime

from orchestration.dashboard.rollup import Rollup
from orchestration.dashboard.scope import Scope
from orchestration.freshness import SOURCES

UNREAD_LISTED = 50
LONGEST_REASON = 300
"""Letters of the reason for which a file is not read."""


def listed(scope: Scope, rollup: Rollup, table: str, at: str) -> str | None:
    """A query for the number of operations in a list by period of their UTC time `at`, tenant, user and kind; None if
    the version has no such list.
    """
    if table not in scope.tables:
        return None
    return f"""
        select
            {rollup.bucket(at)}, {rollup.member("tenant_id")}, {rollup.member("user_id")}, {rollup.member("kind")},
            count(*)
        from marts.{table} where {scope.condition} group by all order by all
    """


def coverage(scope: Scope, rollup: Rollup) -> str | None:
    """A query for the created and covered resources on days whose pull was complete, and the days that failed, by
    period and kind; None if there is no coverage.

    The shares of days do not add up to the share of a period, so the counts of `coverage_share` are summed.
    """
    if scope.tenant is not None or "mart_capture_coverage" not in scope.tables:
        return None
    return f"""
        select
            {rollup.bucket("date_day")}, {rollup.member("kind")},
            coalesce(sum(created_at_corti) filter (where pull_outcome = 'complete'), 0)::bigint,
            coalesce(sum(captured + filled_by_read) filter (where pull_outcome = 'complete'), 0)::bigint,
            count(distinct (date_day, environment, corti_tenant)) filter (where pull_outcome = 'failed')
        from marts.mart_capture_coverage where created_at_corti is not null group by all order by all
    """


def reconciliation(scope: Scope, rollup: Rollup) -> str | None:
    """A query for the number of Corti's totals by first and last period of their window (without its end), tenant and
    user (null if the total has none, or one that is not named) and status; None if the version has no such totals.
    """
    if "mart_provider_reconciliation" not in scope.tables:
        return None
    return f"""
        select
            {rollup.bucket("window_from")}, {rollup.bucket("window_to - interval 1 microsecond")},
            {rollup.member("tenant_id")}, {rollup.member("user_id")}, status, count(*)
        from marts.mart_provider_reconciliation where {scope.condition} group by all order by all
    """


def last_signs(scope: Scope) -> dict[str, object]:
    """The time of the last usage (ISO 8601, UTC); in the page for everything also the last heartbeat and the number of
    silent sources.
    """
    usage = scope.row(f"select max(occurred_at) from marts.fct_credit_usage where {scope.condition}")[0]
    heard, silent = None, 0
    if scope.tenant is None and SOURCES in scope.tables:
        heard, silent = scope.row(
            f"select max(last_heartbeat_at), count(*) filter (where is_silent) from marts.{SOURCES}"
        )
    return {"usage": _as_text(usage), "heartbeat": _as_text(heard), "silentSources": silent}


def unread(scope: Scope) -> dict[str, object] | None:
    """How many files and folders below landing are not part of the version, and the first of them with the reason;
    nothing in a customer's page.
    """
    if scope.tenant is not None or "mart_unread_files" not in scope.tables:
        return None
    (count,) = scope.row("select count(*) from marts.mart_unread_files")
    first = scope.rows(
        f"""
        select path, left(reason, {LONGEST_REASON}) from marts.mart_unread_files
        order by first_seen_at desc, path limit {UNREAD_LISTED}
        """
    )
    return {"count": count, "files": [list(row) for row in first]}


def _as_text(at: datetime | None) -> str | None:
    return f"{at.isoformat(timespec='seconds')}Z" if at else None


def lines_read(scope: Scope) -> dict[str, int] | None:
    """The number of lines of all landed usage files, and of refused ones; nothing in a customer's page."""
    if scope.tenant is not None or "mart_load_audit" not in scope.tables:
        return None
    lines, rejected = scope.row(
        "select coalesce(sum(lines), 0)::bigint, coalesce(sum(rejected_lines), 0)::bigint from marts.mart_load_audit"
    )
    return {"lines": lines, "rejected": rejected}
