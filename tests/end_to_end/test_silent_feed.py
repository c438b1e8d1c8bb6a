"""A feed that dies is an alert of the next run, although nothing new landed; and that run is the only one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from orchestration.change_detection import has_news
from tests.end_to_end.driving import Row, Warehouse

SOURCE = "host-1/gateway"
_FILE = "gateway@host-1-20260101T000000Z-1-0123456789ab"
ALERT = ("alert_type", "severity", "scope", "is_open", "summary")
OF_SOURCE = ("state", "is_silent", "expected_until", "state_until")


def test_a_feed_that_is_dead_for_two_hours_is_an_alert_though_nothing_landed(warehouse: Warehouse) -> None:
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    _deliver_four_weeks(warehouse, now)
    warehouse.run()
    [(state, is_silent, expected_until, state_until)] = warehouse.table("mart_capture_sources", OF_SOURCE)
    assert (state, is_silent, expected_until) == ("expected", False, now + timedelta(hours=2))
    assert _manifest(warehouse)["current_until"] == state_until.isoformat() == expected_until.isoformat()
    assert warehouse.table("mart_usage_alerts", ALERT, "alert_type = 'silence'") == []
    assert not has_news(warehouse.settings)

    _let_hours_pass(warehouse, 3)
    assert has_news(warehouse.settings)
    assert warehouse.land().summary.files == 0
    warehouse.build()
    warehouse.publish()
    since = f"{now - timedelta(hours=3):%Y-%m-%d %H:%M} UTC"
    [(kind, severity, scope, is_open, summary)] = warehouse.table("mart_usage_alerts", ALERT, "alert_type = 'silence'")
    assert (kind, severity, scope, is_open) == ("silence", "critical", "source", True)
    assert summary.startswith(f"Source {SOURCE} has sent no heartbeat since {since}, in hours that usually bring ")
    assert warehouse.table("mart_capture_sources", ("is_silent",)) == [(True,)]
    # All is said until the source counts as ended: no run after run.
    assert not has_news(warehouse.settings)

    back = datetime.now(UTC).replace(tzinfo=None)
    warehouse.deliver(f"heartbeats/{_FILE}-2.jsonl", [_heartbeat(back)])
    assert not has_news(warehouse.settings)
    warehouse.usage(f"{_FILE.replace('0123', '9123')}.jsonl", _record(back))
    assert has_news(warehouse.settings)
    warehouse.run()
    assert warehouse.table("mart_usage_alerts", ALERT, "alert_type = 'silence'") == []
    assert warehouse.table("mart_capture_sources", ("source", "is_silent")) == [(SOURCE, False)]


def _deliver_four_weeks(warehouse: Warehouse, now: datetime) -> None:
    """Usage twice an hour, day and night, and the heartbeats of the last day, the last one now."""
    half_hours = [now - timedelta(minutes=30 * number) for number in range(1, 28 * 48)]
    warehouse.usage(f"{_FILE}.jsonl", *(_record(at) for at in half_hours))
    minutes = [now - timedelta(minutes=number) for number in range(25 * 60)]
    warehouse.deliver(f"heartbeats/{_FILE}.jsonl", [_heartbeat(at) for at in minutes])


def _record(at: datetime) -> Row:
    return {"recordId": at.isoformat(), "creditsConsumed": "1", "createdAt": f"{at.isoformat()}Z"}


def _heartbeat(at: datetime) -> Row:
    return {"source": SOURCE, "at": f"{at.isoformat()}Z", "startedAt": "2026-01-01T00:00:00Z", "records": 0}


def _let_hours_pass(warehouse: Warehouse, hours: int) -> None:
    """What every clock would show so many hours later: all times that are compared with it lie further back."""
    earlier = f"- interval {hours} hour"
    warehouse.damage(
        f"update intermediate.int_source_heartbeats set first_heard_at = first_heard_at {earlier}, "
        f"last_heard_at = last_heard_at {earlier}",
        f"update intermediate.int_file_hours set hour_start = hour_start {earlier}, "
        f"first_record_at = first_record_at {earlier}, last_record_at = last_record_at {earlier}",
    )
    manifest = _manifest(warehouse)
    until = datetime.fromisoformat(manifest["current_until"]) - timedelta(hours=hours)
    path = (warehouse.settings.published / "current" / "manifest.json").resolve()
    path.unlink()
    path.write_text(json.dumps(manifest | {"current_until": until.isoformat()}), encoding="utf-8")


def _manifest(warehouse: Warehouse) -> dict[str, str]:
    return json.loads((warehouse.settings.published / "current" / "manifest.json").read_text(encoding="utf-8"))
