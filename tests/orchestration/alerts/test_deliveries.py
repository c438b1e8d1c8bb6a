"""Alerts reach each target once: over repeated rounds, failures and kills."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.settings import Settings
from orchestration.alerts.alerting import Alert, Delivered, deliver_alerts, delivery_lines, messages
from tests.orchestration.alert_receiver import Receiver, publish_alerts, receiving
from tests.orchestration.alerts.rounds import URLS, deliver, record
from tests.orchestration.homes import CHECKOUT


def test_without_a_target_nothing_is_sent_or_written(settings: Settings) -> None:
    assert deliver_alerts(settings, {URLS: " \n"}) is None
    assert not record(settings).parent.exists()


def test_each_open_alert_is_sent_once_the_critical_ones_first(settings: Settings, receiver: Receiver) -> None:
    assert deliver(settings, receiver) == Delivered(1, 2, 2, 0, 0, ())
    assert receiver.bodies == ["second", "first"]
    assert [body["type"] for body in receiver.taken] == ["failure", "warning"]
    assert receiver.taken[0]["title"] == "Credits: unusual day"
    for _ in range(3):
        assert deliver(settings, receiver) == Delivered(1, 2, 0, 0, 0, ())
    publish_alerts(settings.home, ["second", "third"])
    assert deliver(settings, receiver).delivered == 1
    assert receiver.bodies == ["second", "first", "third"]


def test_an_alert_that_closes_and_opens_again_is_not_told_of_twice(settings: Settings, receiver: Receiver) -> None:
    deliver(settings, receiver)
    publish_alerts(settings.home, [])
    assert deliver(settings, receiver) == Delivered(1, 0, 0, 0, 0, ())
    publish_alerts(settings.home, ["first"])
    deliver(settings, receiver)
    assert receiver.bodies.count("first") == 1


def test_a_failed_delivery_is_tried_again_and_only_at_the_target_that_failed(settings: Settings) -> None:
    with receiving() as one, receiving() as other:
        other.status = 500
        outcome = deliver(settings, one, other)
        assert (outcome.delivered, outcome.waiting, outcome.unknown) == (2, 2, 0)
        assert len(outcome.problems) == 1
        assert outcome.problems[0].startswith("2 alerts wait for the next run: json-")
        assert other.asked == 1  # one that is out of order is not asked again for each alert
        other.status = 200
        assert deliver(settings, one, other) == Delivered(2, 2, 2, 0, 0, ())
        assert one.bodies == other.bodies == ["second", "first"]


def test_a_target_that_nobody_listens_at_holds_up_no_other(settings: Settings, receiver: Receiver) -> None:
    with receiving() as gone:
        pass
    outcome = deliver(settings, gone, receiver)
    assert (outcome.delivered, outcome.waiting) == (2, 2)
    assert receiver.bodies == ["second", "first"]


def test_a_redirect_is_not_followed(settings: Settings, receiver: Receiver) -> None:
    """It would carry the message, and the URL's password, to a host that nobody named."""
    receiver.status = 307
    assert deliver(settings, receiver).waiting == 2


def test_a_delivery_that_was_cut_off_is_not_repeated_and_status_names_it(
    settings: Settings, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.silent = True
    script = (
        "from orchestration.alerts.alerting import deliver_alerts; from ingest.settings import load_settings as s; "
    )
    environment = {"CREDITS_HOME": str(settings.home), URLS: receiver.url(), "PATH": "", "PYTHONPATH": str(CHECKOUT)}
    with subprocess.Popen([sys.executable, "-c", script + "deliver_alerts(s())"], env=environment) as process:
        assert receiver.came.wait(60)
        process.send_signal(signal.SIGKILL)
    receiver.silent = False
    receiver.ended.set()
    outcome = deliver(settings, receiver)
    assert (outcome.delivered, outcome.waiting, outcome.unknown) == (1, 0, 1)
    assert [body for body in receiver.bodies if body == "first"] == ["first"]
    assert deliver(settings, receiver).delivered == 0
    monkeypatch.setenv(URLS, receiver.url())
    lines = [*delivery_lines(settings)]
    assert lines[0] == "alerts      2 open (1 critical): mart_usage_alerts"
    assert len(lines) == 2
    assert lines[1].startswith("cut off     1 alert to json-") and "are not sent again" in lines[1]


def test_many_alerts_go_together_in_one_message(tmp_path: Path, receiver: Receiver) -> None:
    many = [f"alert {number:02}" for number in range(25)]
    settings = publish_alerts(tmp_path / "home", many, critical=["alert 24"])
    assert deliver(settings, receiver).delivered == 25
    [message] = receiver.taken
    assert message["title"] == "Credits: 25 alerts"
    lines = message["message"].splitlines()
    assert lines[:2] == ["critical: alert 24", "warning: alert 00"]
    assert len(lines) == 21 and lines[-1] == "and 5 more: mart_usage_alerts"
    assert deliver(settings, receiver).delivered == 0


def test_a_message_calls_nobody_and_holds_no_markup() -> None:
    alert = Alert("k", "unusual_day", False, "User <!channel>\n@everyone <b>x</b>\x1b[31m used 3 credits.")
    [message] = messages([alert])
    assert message.body == "User \u2039!channel\u203a @ everyone \u2039b\u203ax\u2039/b\u203a [31m used 3 credits."


def test_a_version_of_an_earlier_day_has_no_alerts(settings: Settings, receiver: Receiver) -> None:
    manifest = settings.published / "current" / "manifest.json"
    manifest.write_text(json.dumps({"version": "v1", "database": "credits.duckdb", "tables": {}}), encoding="utf-8")
    assert deliver(settings, receiver) == Delivered(1, 0, 0, 0, 0, ())
