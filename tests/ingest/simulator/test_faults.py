"""Faults of the simulated Corti: each shows as often as it was armed, and the ledger knows what it cost."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from ingest.simulator.faults import ACTIONS, Fault, Faults
from ingest.simulator.serving import Served
from ingest.simulator.state import Simulator
from tests.ingest.capture.sessions import Session
from tests.ingest.simulator.booked import ledger


@pytest.mark.parametrize(
    ("action", "status", "charged"),
    [("status", 503, []), ("charge_then_status", 503, ["nothing"]), ("no_usage", 200, ["nothing"])],
)
def test_a_fault_shows_once_and_the_ledger_knows(
    session: Session, corti: Served, action: str, status: int, charged: list[str]
) -> None:
    assert httpx.post(f"{corti.http}/_faults", json={"action": action, "path": "/coding/"}).status_code == 204
    answer = session.client.post("/v2/tools/coding/", json={})
    assert answer.status_code == status and "usageInfo" not in answer.text
    assert [charge["reported"] for charge in ledger(corti)["charges"]] == charged
    assert session.client.post("/v2/tools/coding/", json={}).status_code == 200


def test_broken_answers_are_broken(session: Session, simulator: Simulator) -> None:
    simulator.faults.arm(Fault("broken_json"))
    with pytest.raises(json.JSONDecodeError):
        session.client.post("/v2/tools/coding/", json={}).json()
    simulator.faults.arm(Fault("cut_short"))
    with pytest.raises(httpx.RemoteProtocolError):
        session.client.post("/v2/tools/coding/", json={})


def test_a_refused_socket_shows_its_status(session: Session, simulator: Simulator) -> None:
    simulator.faults.arm(Fault("refuse", method="WS", status=403))
    for expected in (403, None):
        if expected is None:
            asyncio.run(session.stream())
        else:
            with pytest.raises(InvalidStatus) as refusal:
                asyncio.run(session.stream())
            assert refusal.value.response.status_code == expected

    async def without_token() -> None:
        async with connect(f"{session.at.ws}/audio-bridge/v2/transcribe", proxy=None):
            pass

    with pytest.raises(InvalidStatus) as refusal:
        asyncio.run(without_token())
    assert refusal.value.response.status_code == 401


def test_faults_are_taken_in_turn_as_often_as_they_say() -> None:
    faults = Faults()
    faults.arm(Fault("status", path="/a", method="POST", times=2))
    faults.arm(Fault("status", times=0, status=429))
    assert [found.status for _ in range(3) if (found := faults.take("POST", "/a", "status"))] == [503, 503, 429]
    assert faults.take("GET", "/a", "slow") is None
    faults.clear()
    assert faults.take("POST", "/a", "status") is None
    for unusable in ({"action": "explode"}, {"action": "slow", "colour": "red"}, {}):
        with pytest.raises(ValueError, match="fault"):
            faults.arm_json(unusable)
    assert all(ACTIONS.values())
