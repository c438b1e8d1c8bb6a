"""A round of deliveries, and its record."""

from __future__ import annotations

from pathlib import Path

from ingest.settings import Settings
from orchestration.alerts.alerting import Delivered, deliver_alerts
from tests.orchestration.alert_receiver import Receiver

URLS = "CREDITS_ALERT_URLS"


def deliver(settings: Settings, *receivers: Receiver) -> Delivered:
    """One round of deliveries to them."""
    outcome = deliver_alerts(settings, {URLS: " ".join(receiver.url() for receiver in receivers)})
    assert outcome is not None
    return outcome


def record(settings: Settings) -> Path:
    return settings.home / "alerts" / "deliveries.jsonl"
