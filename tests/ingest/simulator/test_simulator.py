"""The simulated Corti: its ledger agrees with its answers."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import sys
import time
from decimal import Decimal

import httpx
import pytest

from ingest.settings import CHECKOUT
from ingest.simulator.invention import MARKER, Invention
from ingest.simulator.serving import Served
from ingest.simulator.state import Simulator
from tests.ingest.capture.sessions import Session
from tests.ingest.simulator.booked import ledger

CREDITS = re.compile(r'"(?:creditsConsumed|credits)":([0-9.]+)')


def test_an_answer_carries_the_digits_that_the_ledger_booked(session: Session, corti: Served) -> None:
    answers = [session.client.post("/v2/tools/coding/", json={}).text for _ in range(50)]
    said = [found[1] for answer in answers if (found := CREDITS.search(answer))]
    assert said == [charge["credits"] for charge in ledger(corti)["charges"]]
    assert any(text.endswith("0") and "." in text for text in said)
    assert Decimal(ledger(corti)["total"]) == sum(map(Decimal, said))


def test_every_billable_call_is_booked_once_and_nothing_else_is(session: Session, corti: Served) -> None:
    session.everything()
    session.client.get("/v2/interactions/")
    kinds = [charge["kind"] for charge in ledger(corti)["charges"]]
    assert sorted(kinds) == sorted(
        ["transcript"] * 2
        + ["document"] * 2
        + ["guided_document"] * 2
        + ["facts", "codes", "stream", "transcribe"]
        + ["agent_task"] * 3
    )


def test_a_token_is_needed_and_holds_for_its_time(corti: Served, simulator: Simulator, session: Session) -> None:
    refused = httpx.get(f"{corti.http}/v2/interactions/")
    assert (refused.status_code, refused.content) == (401, b"") and "www-authenticate" in refused.headers
    assert session.client.get("/v2/interactions/").status_code == 200
    simulator.tokens[session.token] = time.monotonic() - 1
    assert session.client.get("/v2/interactions/").status_code == 401
    empty = httpx.post(f"{corti.http}/realms/t/protocol/openid-connect/token", data={"client_id": "x"})
    assert (empty.status_code, empty.json()["error"]) == (401, "invalid_client")


def test_interactions_come_in_pages_until_an_empty_one(session: Session) -> None:
    made = [session.interaction]
    for status in ("planned", "completed", "planned", "planned"):
        made.append(session.post("/v2/interactions/", {"encounter": {"status": status}})["interactionId"])

    def page(index: int, **more: str) -> list[str]:
        asked = session.client.get("/v2/interactions/", params={"pageSize": 2, "index": index, "sort": "id", **more})
        return [interaction["id"] for interaction in asked.json()["interactions"]]

    pages = [page(index, direction="asc") for index in range(1, 5)]
    assert pages[3] == [] and [*pages[0], *pages[1], *pages[2]] == sorted(made)
    assert [*page(1), *page(2), *page(3)] == sorted(made, reverse=True)
    assert len(page(1, encounterStatus="completed")) == 1
    assert len(session.client.get("/v2/interactions/").json()["interactions"]) == 5


def test_a_transcript_is_charged_when_it_is_done(session: Session, corti: Served, simulator: Simulator) -> None:
    simulator.processing_seconds = 3600
    recording = session.client.post(session.of_interaction("recordings/"), content=b"x").json()["recordingId"]
    body = {"recordingId": recording, "async": True}
    accepted = session.client.post(session.of_interaction("transcripts/"), json=body)
    assert accepted.status_code == 202 and accepted.json()["status"] == "processing"
    assert accepted.json()["usageInfo"] == {"creditsConsumed": 0} and ledger(corti)["charges"] == []
    assert session.client.get(accepted.headers["location"] + "/status").json() == {"status": "processing"}
    simulator.interactions[session.interaction].transcripts[accepted.json()["id"]].done_at = 0
    done = session.client.get(accepted.headers["location"]).text
    session.client.get(accepted.headers["location"])
    [charge] = ledger(corti)["charges"]
    assert CREDITS.findall(done) == [charge["credits"]]


def test_a_document_that_is_not_kept_is_charged_and_cannot_be_read(session: Session, corti: Served) -> None:
    path = session.of_interaction("documents/")
    answer = session.client.post(path, json={}, headers={"X-Corti-Retention-Policy": "none"})
    assert answer.headers["x-corti-retention-policy"] == "acknowledged"
    assert session.client.get(path + answer.json()["id"]).status_code == 404
    ephemeral = session.client.post("/v2/documents/", json={}, headers={"X-Corti-Retention-Policy": "none"})
    assert ephemeral.status_code == 200 and not {"id", "createdAt"} & set(ephemeral.json()["document"])
    assert session.client.post("/v2/documents/", json={}).status_code == 201
    assert len(ledger(corti)["charges"]) == 3


def test_recordings_are_counted_and_not_kept(session: Session, simulator: Simulator) -> None:
    session.client.post(session.of_interaction("recordings/"), content=b"x" * 100_000)
    assert simulator.uploaded_bytes == 100_000
    assert list(simulator.interactions[session.interaction].recordings.values()) == [100_000]


@pytest.mark.parametrize("transcribe", [False, True])
def test_a_socket_tells_a_running_total_then_the_total_then_the_end(
    session: Session, corti: Served, transcribe: bool
) -> None:
    said = asyncio.run(session.stream(transcribe=transcribe))
    running = [message["credits"] for message in said if message["type"] == "delta_usage"]
    assert running == sorted(running) and len(running) == 3
    assert [message["type"] for message in said[-2:]] == ["usage", "ended" if transcribe else "ENDED"]
    assert said[0]["type"] == "CONFIG_ACCEPTED" and ("sessionId" in said[0]) == transcribe
    [charge] = ledger(corti)["charges"]
    assert (float(charge["credits"]), charge["reported"]) == (said[-2]["credits"], "final")


def test_a_socket_that_breaks_off_is_charged_its_running_total(session: Session, corti: Served) -> None:
    said = asyncio.run(session.stream(ends="leave"))
    while not (charges := ledger(corti)["charges"]):
        pass
    assert charges[0]["reported"] == "estimate"
    assert (
        float(charges[0]["credits"]) == [message["credits"] for message in said if message["type"] == "delta_usage"][-1]
    )


def test_the_same_seed_invents_the_same_and_every_text_is_marked() -> None:
    first, second = Invention(1), Invention(1)
    assert [first.uuid(), first.price(), first.text()] == [second.uuid(), second.price(), second.text()]
    assert MARKER in first.text()
    prices = [first.price() for _ in range(2000)]
    assert all(0 < price < 3 for price in prices)
    assert {-price.as_tuple().exponent for price in prices} == {1, 2, 3, 4, 5, 6, 9}  # type: ignore[operator]


def test_the_command_serves_until_it_is_stopped() -> None:
    with httpx.Client() as client:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "orchestration.cli", "simulate", "--listen", "127.0.0.1:0"],
            cwd=CHECKOUT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        try:
            address = re.search(r"http://[^ ]+", process.stdout.readline())
            assert address
            assert client.get(f"{address[0]}/_ledger").json()["total"] == "0"
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate()
