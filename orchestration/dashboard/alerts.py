"""The alerts that are open, most severe first."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.dashboard.scope import Scope

LISTED = 200


@dataclass(frozen=True)
class Alerts:
    """`rows` is a query for type, severity, tenant, user, kind, first and last day, summary; `count` is the number of
    all. Both are None if the version has no table of alerts.
    """

    rows: str | None
    count: int | None


def open_alerts(scope: Scope) -> Alerts:
    """The open alerts; in a customer's page those that are about that customer alone."""
    if "mart_usage_alerts" not in scope.tables:
        return Alerts(None, None)
    (count,) = scope.row(f"select count(*) from marts.mart_usage_alerts where is_open and {scope.condition}")
    return Alerts(
        f"""
        select alert_type, severity, tenant_id, user_id, kind, first_seen_on, last_seen_on, summary
        from marts.mart_usage_alerts where is_open and {scope.condition}
        order by severity = 'critical' desc, last_seen_on desc, alert_key limit {LISTED}
        """,
        count,
    )
