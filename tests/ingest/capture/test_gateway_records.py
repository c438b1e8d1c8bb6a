"""What the gateway writes down is what Corti charged, to the last digit."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ingest.capture.spool import Spool
from ingest.simulator.faults import Fault
from ingest.simulator.invention import MARKER
from ingest.simulator.serving import Served, simulated
from ingest.simulator.state import Simulator
from tests.ingest.capture.gateways import asked, gateway_here, landed, upstreams_of
from tests.ingest.capture.sessions import OWNER, TENANT, Session, captured, charged

CALLS = 100


@pytest.fixture
def simulator() -> Simulator:
    return Simulator(seed=11, processing_seconds=0.1)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with contextlib.closing(Spool(tmp_path / "landing")) as spool:
        yield spool


@contextlib.contextmanager
def gateway_to(simulator: Simulator, spool: Spool) -> Iterator[Served]:
    with simulated(simulator) as at, gateway_here(upstreams_of(at), spool) as gateway:
        yield gateway


def test_records_equal_the_ledger(simulator: Simulator, spool: Spool, tmp_path: Path) -> None:
    with gateway_to(simulator, spool) as gateway:
        session = Session(gateway, OWNER)
        session.everything()
        session.ask_models()
    records = landed(tmp_path)
    assert captured(records) == charged(simulator.ledger)
    assert sum(record["status"] == "metered" for record in records) == 9
    assert len({record["recordId"] for record in records}) == len(records)


def test_every_record_says_whose_call_it_was(simulator: Simulator, spool: Spool, tmp_path: Path) -> None:
    with gateway_to(simulator, spool) as gateway:
        Session(gateway, OWNER).everything()
    said = {
        tuple(record[name] for name in ("userId", "tenantId", "cortiTenant", "environment"))
        for record in landed(tmp_path)
    }
    assert said == {("user-1", "tenant-1", TENANT, "test")}


def test_no_text_of_a_body_a_token_or_a_query_stands_in_a_record(
    simulator: Simulator, spool: Spool, tmp_path: Path
) -> None:
    with gateway_to(simulator, spool) as gateway:
        session = Session(gateway)
        session.everything()
        session.ask_models()
    text = json.dumps(landed(tmp_path), default=str)
    assert MARKER not in text and session.token not in text and "Bearer" not in text


def test_a_socket_that_drops_leaves_its_running_total_and_its_successor_a_record_of_its_own(
    simulator: Simulator, spool: Spool, tmp_path: Path
) -> None:
    simulator.faults.arm(Fault("drop", path="/streams", method="WS", after=2))
    with gateway_to(simulator, spool) as gateway:
        session = Session(gateway)
        asyncio.run(session.stream(messages=2, ends="wait"))
        asyncio.run(session.stream())
    records = landed(tmp_path)
    assert sorted(record["status"] for record in records) == ["estimate", "final"]
    assert len({record["operationId"] for record in records}) == 2
    assert captured(records) == charged(simulator.ledger)


def test_a_socket_that_its_caller_leaves_early_is_an_estimate(
    simulator: Simulator, spool: Spool, tmp_path: Path
) -> None:
    with gateway_to(simulator, spool) as gateway:
        asyncio.run(Session(gateway).stream(ends="leave"))
    [record] = landed(tmp_path)
    assert record["status"] == "estimate"
    assert captured([record]) == charged(simulator.ledger)


@pytest.mark.parametrize("action", ["charge_then_status", "no_usage", "broken_json", "cut_short"])
def test_a_charge_that_no_answer_tells_of_is_unreported(
    simulator: Simulator, spool: Spool, tmp_path: Path, action: str
) -> None:
    with gateway_to(simulator, spool) as gateway:
        session = Session(gateway)
        simulator.faults.arm(Fault(action, path="/coding/", status=504))
        token = ("Authorization", f"Bearer {session.token}")
        with contextlib.suppress(Exception):
            asked(gateway, "POST", "/v2/tools/coding/", [token], b"{}")
    [record] = landed(tmp_path)
    assert (record["kind"], record["status"]) == ("codes", "unreported")
    assert [charge.reported for charge in simulator.ledger.charges] == ["nothing"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 429])
def test_a_call_that_corti_refused_leaves_no_record(
    simulator: Simulator, spool: Spool, tmp_path: Path, status: int
) -> None:
    with gateway_to(simulator, spool) as gateway:
        session = Session(gateway)
        simulator.faults.arm(Fault("status", path="/coding/", status=status))
        token = ("Authorization", f"Bearer {session.token}")
        assert asked(gateway, "POST", "/v2/tools/coding/", [token], b"{}")[0] == status
    assert landed(tmp_path) == []


def test_an_accepted_transcript_without_a_body_is_known_by_its_location(
    simulator: Simulator, spool: Spool, tmp_path: Path
) -> None:
    with gateway_to(simulator, spool) as gateway:
        session = Session(gateway)
        recording = session.client.post(session.of_interaction("recordings/"), content=b"x").json()["recordingId"]
        simulator.faults.arm(Fault("empty_accepted", path="/transcripts/"))
        answer = session.client.post(session.of_interaction("transcripts/"), json={"recordingId": recording})
        assert (answer.status_code, answer.content) == (202, b"")
        while session.client.get(answer.headers["location"]).json()["status"] != "completed":
            pass
    records = landed(tmp_path)
    assert {record["resourceId"] for record in records} == {answer.headers["location"].rpartition("/")[2]}
    assert captured(records) == charged(simulator.ledger)


def test_calls_at_once_leave_a_record_each(simulator: Simulator, spool: Spool, tmp_path: Path) -> None:
    async def all_at_once(session: Session) -> list[int]:
        headers, limits = {"Authorization": f"Bearer {session.token}"}, httpx.Limits(max_connections=CALLS)
        async with httpx.AsyncClient(base_url=session.at.http, headers=headers, limits=limits, timeout=60) as client:
            calls = (client.post("/v2/tools/coding/", json={}) for _ in range(CALLS))
            return [answer.status_code for answer in await asyncio.gather(*calls)]

    with gateway_to(simulator, spool) as gateway:
        assert asyncio.run(all_at_once(Session(gateway))) == [200] * CALLS
    assert captured(landed(tmp_path)) == charged(simulator.ledger)
