"""httpx calls keep working as they did, and each leaves its records."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ingest.capture.spool import Spool
from ingest.capture.transport import AsyncCaptureTransport, CaptureTransport
from tests.ingest.capture.bodies import DOCUMENTS, TRANSCRIPT, TRANSCRIPTS, codes, document, transcript
from tests.ingest.capture.loopback_corti import Answer, json_answer, loopback_corti
from tests.ingest.capture.spool_reading import ready_files

CODING = "/v2/tools/coding/"
Lines = list[dict[str, str]]


class Captured:
    """A spool, and what it holds so far."""

    def __init__(self, landing: Path) -> None:
        self.landing = landing
        self.spool = Spool(landing)

    def client(self, **options: object) -> httpx.Client:
        return httpx.Client(transport=CaptureTransport(httpx.HTTPTransport(), self.spool), **options)  # pyright: ignore[reportArgumentType]

    def async_client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=AsyncCaptureTransport(httpx.AsyncHTTPTransport(), self.spool))

    def lines(self) -> Lines:
        self.spool.rotate()
        read = [line for file in ready_files(self.landing) for line in file.read_bytes().splitlines()]
        return [json.loads(line, parse_float=str) for line in read]


@pytest.fixture
def captured(tmp_path: Path) -> Iterator[Captured]:
    captured = Captured(tmp_path / "landing")
    yield captured
    captured.spool.close()


def test_a_record_is_in_the_spool_when_the_call_returns_and_says_whose_it_is(captured: Captured) -> None:
    with loopback_corti(json_answer(transcript())) as corti, captured.client() as client:
        whose = {"credits_user": "u-17", "credits_tenant": "clinic-3"}
        response = client.post(
            corti.base + TRANSCRIPTS + "?token=secret", headers={"Tenant-Name": "acme"}, extensions=whose
        )
        [line] = captured.lines()
        asked = corti.asked[0][2]
    assert response.json() == transcript()
    assert (line["resourceId"], line["creditsConsumed"], line["status"]) == (TRANSCRIPT, "0.3475", "final")
    assert (line["cortiTenant"], line["userId"], line["tenantId"]) == ("acme", "u-17", "clinic-3")
    assert "environment" not in line, "loopback is no environment of Corti's"
    assert "u-17" not in str(asked), "whose call it is stays in the process"


@pytest.mark.parametrize("coding", ["", "gzip", "deflate", "zstd", "br", "br, gzip"])
@pytest.mark.parametrize("chunked", [False, True])
def test_packed_and_chunked_bodies_are_understood_and_reach_the_caller(
    captured: Captured, coding: str, chunked: bool
) -> None:
    answer = json_answer(document(), coding=coding)
    answer.chunked = chunked
    with loopback_corti(answer) as corti, captured.client() as client:
        assert client.post(corti.base + DOCUMENTS).json() == document()
    assert [line["creditsConsumed"] for line in captured.lines()] == ["0.421"]


def test_a_body_stays_a_stream(captured: Captured) -> None:
    large = {**codes(), "text": "x" * 3_000_000}
    sent = json.dumps(large).encode()
    with loopback_corti(json_answer(large, 200)) as corti, captured.client() as client:
        with client.stream("POST", corti.base + CODING) as response:
            parts = response.iter_raw(chunk_size=10_000)
            first = next(parts)
            assert not response.is_closed
            assert captured.lines() == []
            assert first + b"".join(parts) == sent
        assert [line["creditsConsumed"] for line in captured.lines()] == ["0.011"]


def test_a_stream_that_the_caller_leaves_early_is_unreported_once(captured: Captured) -> None:
    large = {"text": "x" * 3_000_000, **codes()}
    with (
        loopback_corti(json_answer(large, 200)) as corti,
        captured.client() as client,
        client.stream("POST", corti.base + CODING) as response,
    ):
        next(response.iter_raw(chunk_size=100))
    assert [line["status"] for line in captured.lines()] == ["unreported"]


def test_events_reach_the_caller_one_by_one(captured: Captured) -> None:
    update = {"result": {"kind": "status-update", "taskId": "t-1", "metadata": {"credits": 0.5}}}
    body = b"data: {}\n\n" * 3 + f"data: {json.dumps(update)}\n\n".encode()
    answer = Answer(200, body, {"Content-Type": "text/event-stream"}, chunked=True)
    with (
        loopback_corti(answer) as corti,
        captured.client() as client,
        client.stream("POST", corti.base + "/agents/a-1/v1/message:stream") as response,
    ):
        assert len(list(response.iter_lines())) == 8
    assert [(line["resourceId"], line["creditsConsumed"]) for line in captured.lines()] == [("t-1", "0.5")]


def test_a_timeout_raises_as_before_and_is_unreported(captured: Captured) -> None:
    with loopback_corti(Answer(after="silent")) as corti, captured.client(timeout=0.2) as client:
        with pytest.raises(httpx.ReadTimeout):
            client.post(corti.base + CODING)
        with pytest.raises(httpx.ReadTimeout):
            client.get(corti.base + "/v2/interactions/")
    assert [(line["status"], line["kind"]) for line in captured.lines()] == [("unreported", "codes")]


def test_a_refused_connection_raises_as_before_and_leaves_no_record(captured: Captured) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with captured.client() as client, pytest.raises(httpx.ConnectError):
            client.post(f"http://127.0.0.1:{taken.getsockname()[1]}{CODING}")
    assert captured.lines() == []


def test_a_body_that_breaks_off_raises_as_before_and_is_unreported(captured: Captured) -> None:
    with (
        loopback_corti(json_answer(transcript(), after="cut")) as corti,
        captured.client() as client,
        pytest.raises(httpx.HTTPError),
    ):
        client.post(corti.base + TRANSCRIPTS)
    assert [line["status"] for line in captured.lines()] == ["unreported"]


def test_each_attempt_is_an_operation_of_its_own_unless_corti_gave_an_id(captured: Captured) -> None:
    answers = (json_answer({}, 503), json_answer(codes(), 200), json_answer(transcript()), json_answer(transcript()))
    with loopback_corti(*answers) as corti, captured.client() as client:
        for path in (CODING, CODING, TRANSCRIPTS, TRANSCRIPTS):
            client.post(corti.base + path)
    failed, final, first, again = captured.lines()
    assert (failed["status"], final["status"]) == ("unreported", "final")
    assert failed["operationId"] != final["operationId"]
    assert first["resourceId"] == again["resourceId"] and "operationId" not in first
    assert len({line["recordId"] for line in (failed, final, first, again)}) == 4


def test_an_answer_that_stands_in_memory_already_is_captured_too(captured: Captured) -> None:
    memory = httpx.MockTransport(lambda _: httpx.Response(200, json=codes()))
    with httpx.Client(transport=CaptureTransport(memory, captured.spool, environment="eu")) as client:
        client.post("https://api.us.corti.app" + CODING)
    [line] = captured.lines()
    assert (line["environment"], line["creditsConsumed"]) == ("eu", "0.011")


def test_the_environment_is_read_from_corti_s_own_host(captured: Captured) -> None:
    memory = httpx.MockTransport(lambda _: httpx.Response(200, json=codes()))
    with httpx.Client(transport=CaptureTransport(memory, captured.spool)) as client:
        client.post("https://api.us.corti.app" + CODING)
        client.post("https://api.us.corti.app.example.org" + CODING)
    assert [line.get("environment") for line in captured.lines()] == ["us", None]


def test_a_fault_of_capture_is_logged_without_content_and_breaks_no_call(
    captured: Captured, caplog: pytest.LogCaptureFixture
) -> None:
    broken = CaptureTransport(httpx.HTTPTransport(), None)  # pyright: ignore[reportArgumentType]
    with loopback_corti(json_answer(codes(), 200)) as corti, httpx.Client(transport=broken) as client:
        assert client.post(corti.base + CODING).json() == codes()
    assert [entry.getMessage() for entry in caplog.records if "captur" in entry.name] == [
        "a call was not captured (AttributeError)"
    ]


def test_the_async_twin_does_the_same(captured: Captured) -> None:
    async def calls(base: str) -> None:
        async with captured.async_client() as client:
            responses = await asyncio.gather(*(client.post(base + DOCUMENTS) for _ in range(20)))
            assert all(response.json() == document() for response in responses)
            async with client.stream("POST", base + DOCUMENTS) as response:
                assert b"".join([part async for part in response.aiter_raw()]) == json.dumps(document()).encode()

    with loopback_corti(json_answer(document())) as corti:
        asyncio.run(calls(corti.base))
    assert [line["creditsConsumed"] for line in captured.lines()] == ["0.421"] * 21


def test_a_cancelled_async_call_is_unreported(captured: Captured) -> None:
    async def call(base: str) -> None:
        async with captured.async_client() as client:
            await asyncio.wait_for(client.post(base + CODING), timeout=0.3)

    with loopback_corti(Answer(after="silent")) as corti, pytest.raises(TimeoutError):
        asyncio.run(call(corti.base))
    assert [line["status"] for line in captured.lines()] == ["unreported"]
