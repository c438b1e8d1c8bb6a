"""Alerts about quotas and usage without an owner: when they open and close, and that each is delivered once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from orchestration.alerts.alerting import deliver_alerts
from tests.end_to_end.driving import Warehouse
from tests.end_to_end.spent_credits import spent
from tests.orchestration.alert_receiver import receiving


def test_a_limit_that_was_raised_and_is_exceeded_again_is_told_of_again_and_once(warehouse: Warehouse) -> None:
    quota = {"tenantId": "t1", "period": "month"}
    with receiving() as receiver:
        urls = {"CREDITS_ALERT_URLS": receiver.url()}

        def sent() -> list[str]:
            warehouse.run()
            before = len(receiver.bodies)
            deliver_alerts(warehouse.settings, urls)
            return receiver.bodies[before:]

        warehouse.deliver("billing/quotas/quotas-2026-09-01.jsonl", [{**quota, "credits": "5"}])
        warehouse.usage("a.jsonl", spent("2026-09-03T10:00:00Z", "6", userId="u1"))
        [first] = sent()
        assert "6 of 5 credits" in first
        warehouse.deliver("billing/quotas/quotas-2026-09-04.jsonl", [{**quota, "credits": "10"}])
        assert sent() == []
        warehouse.usage("b.jsonl", spent("2026-09-05T10:00:00Z", "60", userId="u1"))
        [second] = sent()
        assert "66 of 10 credits" in second
        warehouse.usage("c.jsonl", spent("2026-09-06T10:00:00Z", "1", userId="u1"))
        assert sent() == []


def test_an_alert_opens_and_closes_with_what_it_is_about_and_keeps_its_key(warehouse: Warehouse) -> None:
    quota = {"tenantId": "t1", "period": "month", "credits": "10"}
    warehouse.deliver("billing/quotas/quotas-2026-01-01.jsonl", [quota])
    warehouse.usage("a.jsonl", spent("2026-04-10T12:00:00Z", "8", userId="u1"))
    warehouse.run()
    columns = ("alert_type", "first_seen_on", "last_seen_on", "is_open", "alert_key")
    [warned] = warehouse.table("mart_usage_alerts", columns, "alert_type like 'quota%'")
    assert warned[:4] == ("quota_warned", date(2026, 4, 10), date(2026, 4, 10), True)
    warehouse.usage("b.jsonl", spent("2026-04-12T12:00:00Z", "3", userId="u1"))
    warehouse.run()
    exceeded, warned_before = warehouse.table("mart_usage_alerts", columns, "alert_type like 'quota%'")
    assert exceeded[:4] == ("quota_exceeded", date(2026, 4, 12), date(2026, 4, 12), True)
    assert warned_before == ("quota_warned", date(2026, 4, 10), date(2026, 4, 11), False, warned[4])
    warehouse.usage("c.jsonl", spent("2026-05-01T12:00:00Z", "1", userId="u1"))
    warehouse.run()
    # The period has ended; an alert that was not delivered before still is.
    ended = warehouse.table("mart_usage_alerts", columns, "alert_type = 'quota_exceeded'")
    assert ended == [("quota_exceeded", date(2026, 4, 12), date(2026, 4, 30), True, exceeded[4])]
    warehouse.usage("d.jsonl", spent("2026-05-07T12:00:00Z", "1", userId="u1"))
    warehouse.run()
    closed = warehouse.table("mart_usage_alerts", columns, "alert_type = 'quota_exceeded'")
    assert closed == [("quota_exceeded", date(2026, 4, 12), date(2026, 4, 30), False, exceeded[4])]
    # A larger allowance takes both back.
    warehouse.deliver("billing/quotas/quotas-2026-04-20.jsonl", [{**quota, "credits": "100"}])
    warehouse.run()
    assert warehouse.table("mart_usage_alerts", columns, "alert_type like 'quota%'") == []


def test_usage_without_an_owner_and_without_a_figure_is_told_of_day_by_day(warehouse: Warehouse) -> None:
    today = datetime(2026, 4, 10, 12, tzinfo=UTC)
    rows = [spent((today - timedelta(days=back)).isoformat(), "10", userId="u1") for back in range(20)]
    rows.append({"createdAt": today.isoformat(), "creditsConsumed": "5", "resourceId": "nobody's"})
    rows.append({"createdAt": today.isoformat(), "status": "unreported", "resourceId": "lost", "userId": "u1"})
    warehouse.usage("a.jsonl", *rows)
    warehouse.run()
    columns = ("alert_type", "first_seen_on", "last_seen_on", "is_open", "measured")
    day = date(2026, 4, 10)
    assert warehouse.table("mart_usage_alerts", columns) == [
        ("unmapped_share", day, day, True, Decimal("0.066666667")),
        ("unreported_share", day, day, True, Decimal("0.111111111")),
    ]
