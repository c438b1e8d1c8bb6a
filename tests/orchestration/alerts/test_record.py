"""The record of deliveries: no line of it changes, a torn one takes no other with it, and nothing is sent without one."""

from __future__ import annotations

import json

import pytest

from ingest.errors import HomeError, LockedError
from ingest.settings import Settings
from orchestration.alerts.deliveries import Deliveries, State, known
from tests.orchestration.alert_receiver import Receiver
from tests.orchestration.alerts.rounds import deliver, record


def test_a_torn_line_takes_no_other_with_it(settings: Settings, receiver: Receiver) -> None:
    deliveries = Deliveries(settings)
    with deliveries.exclusively():
        first = deliveries.begin("t", ("a",))
        deliveries.end(first, "t", ("a",), delivered=True)
        deliveries.begin("t", ("b",))
    path = record(settings)
    path.write_bytes(path.read_bytes()[:-7])  # as a power cut leaves it
    with deliveries.exclusively():
        third = deliveries.begin("t", ("c",))
        deliveries.end(third, "t", ("c",), delivered=False)
    states = known(deliveries.attempts())
    assert states == {("t", "a"): State.DELIVERED, ("t", "c"): State.FAILED}
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_no_line_of_the_record_is_ever_changed(settings: Settings, receiver: Receiver) -> None:
    receiver.status = 500
    deliver(settings, receiver)
    before = record(settings).read_bytes()
    receiver.status = 200
    deliver(settings, receiver)
    after = record(settings).read_bytes()
    assert after.startswith(before)
    assert [json.loads(line)["state"] for line in after.splitlines()] == [
        "unknown", "failed", "unknown", "delivered", "unknown", "delivered",
    ]  # fmt: skip


def test_two_processes_do_not_send_at_once(settings: Settings, receiver: Receiver) -> None:
    with Deliveries(settings).exclusively(), pytest.raises(LockedError, match="another process is delivering alerts"):
        deliver(settings, receiver)
    assert receiver.asked == 0


def test_what_cannot_be_noted_is_not_sent(settings: Settings, receiver: Receiver) -> None:
    record(settings).mkdir(parents=True)
    with pytest.raises(HomeError):
        deliver(settings, receiver)
    assert receiver.asked == 0
