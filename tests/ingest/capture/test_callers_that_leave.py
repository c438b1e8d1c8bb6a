"""A caller that has left takes nothing with it: what Corti still says of the cost is written down."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection

from ingest.capture.gateway.upstreams import Upstreams
from ingest.capture.spool import Spool
from ingest.simulator.faults import Fault
from ingest.simulator.serving import Served, serving
from ingest.simulator.state import Simulator
from tests.ingest.capture.gateways import asked, gateway_here, gateway_process, landed, upstreams_of
from tests.ingest.capture.raw_http import logged
from tests.ingest.capture.sessions import TENANT, Session, captured, charged
from tests.ingest.capture.talking import opened
from tests.ingest.capture.upstream import Upstream

CODING = "/v2/tools/coding/"


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with contextlib.closing(Spool(tmp_path / "landing")) as spool:
        yield spool


@pytest.fixture(autouse=True)
def no_traceback() -> Iterator[None]:
    with logged() as log:
        yield
    assert log.tracebacks == []


def left(at: Served, path: str, session: Session | None = None, method: str = "POST") -> socket.socket:
    """A connection on which a call was sent; who closes it leaves the call."""
    caller = socket.create_connection((at.host, at.port))
    token = f"Authorization: Bearer {session.token}\r\nTenant-Name: {TENANT}\r\n" if session else ""
    caller.sendall(f"{method} {path} HTTP/1.1\r\nHost: x\r\n{token}Content-Length: 2\r\n\r\n{{}}".encode())
    return caller


def until_over(at: Served) -> None:
    while b"credits_gateway_open_calls 0\n" not in asked(at, "GET", "/metrics")[2]:
        time.sleep(0.01)


@pytest.mark.parametrize(("action", "seconds"), [("slow", 0.5), ("drip", 0.03)])
def test_a_call_that_its_caller_leaves_is_recorded_with_what_corti_answers(
    simulator: Simulator, corti: Served, spool: Spool, tmp_path: Path, action: str, seconds: float
) -> None:
    with gateway_here(upstreams_of(corti), spool) as gateway:
        session = Session(gateway)
        simulator.faults.arm(Fault(action, path="/coding/", seconds=seconds))
        with left(gateway, CODING, session):
            while b"credits_gateway_open_calls 1\n" not in asked(gateway, "GET", "/metrics")[2]:
                time.sleep(0.01)
            time.sleep(0.1)
        until_over(gateway)
    [record] = landed(tmp_path)
    assert record["status"] == "final"
    assert [record["creditsConsumed"]] == [charge.credits for charge in simulator.ledger.charges]


def test_a_call_that_was_left_is_recorded_before_a_gateway_that_is_told_to_stop_ends(
    simulator: Simulator, corti: Served, tmp_path: Path
) -> None:
    with gateway_process(corti, tmp_path, "--drain-seconds", "20") as gateway:
        session = Session(gateway.served)
        simulator.faults.arm(Fault("slow", path="/coding/", seconds=1))
        with left(gateway.served, CODING, session):
            time.sleep(0.3)
        gateway.popen.send_signal(signal.SIGTERM)
        assert gateway.popen.wait(timeout=30) == 0
    assert captured(landed(tmp_path)) == charged(simulator.ledger) != {}


def test_nobody_waits_for_corti_longer_than_said(spool: Spool, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        upstreams = Upstreams(f"http://127.0.0.1:{silent.getsockname()[1]}/v2", None, None, None)
        with gateway_here(upstreams, spool, call_linger_seconds=0.2) as gateway:
            with left(gateway, CODING):
                answering, _ = silent.accept()
                assert answering.recv(10)
            while answering.recv(65536):
                pass  # until the gateway has hung up
            answering.close()
    [record] = landed(tmp_path)
    assert (record["kind"], record["status"]) == ("codes", "unreported")
    assert "creditsConsumed" not in record


def test_nobody_waits_for_an_answer_that_says_nothing_of_cost(spool: Spool, tmp_path: Path) -> None:
    app = Upstream()
    with serving(app) as at, gateway_here(upstreams_of(at), spool) as gateway:
        with left(gateway, "/v2/wait", method="GET"):
            assert app.waiting.wait(10)
        assert app.cancelled.wait(10)
    assert landed(tmp_path) == []


@pytest.mark.parametrize(("length", "statuses"), [(2, []), (60_000, []), (200_000, ["unreported"])])
def test_a_call_that_its_caller_leaves_half_said_goes_to_corti_only_where_it_is_long(
    spool: Spool, tmp_path: Path, length: int, statuses: list[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        upstreams = Upstreams(f"http://127.0.0.1:{silent.getsockname()[1]}/v2", None, None, None)
        with gateway_here(upstreams, spool) as gateway:
            with socket.create_connection((gateway.host, gateway.port)) as caller:
                caller.sendall(f"POST {CODING} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode())
                caller.sendall(b"x" * (length - 1))
                gone = [silent.accept()[0] for _ in statuses]
                assert all(answering.recv(10) for answering in gone)
            for answering in gone:
                while answering.recv(65536):
                    pass  # until the gateway has hung up
                answering.close()
            until_over(gateway)
        silent.setblocking(False)
        with pytest.raises(BlockingIOError):
            silent.accept()
    assert [record["status"] for record in landed(tmp_path)] == statuses


def test_a_call_whose_caller_left_while_corti_was_being_reached_leaves_no_record(spool: Spool, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        upstreams = Upstreams(f"https://127.0.0.1:{silent.getsockname()[1]}/v2", None, None, None)
        with gateway_here(upstreams, spool) as gateway:
            with left(gateway, CODING):
                answering, _ = silent.accept()  # and no handshake of TLS
                assert answering.recv(10)
            answering.close()
            until_over(gateway)
    assert landed(tmp_path) == []


@pytest.mark.parametrize("how", ["closes", "closes without a code", "vanishes", "stays"])
@pytest.mark.parametrize("transcribe", [False, True])
def test_a_socket_whose_caller_ends_it_and_leaves_is_final(
    simulator: Simulator, corti: Served, spool: Spool, tmp_path: Path, how: str, transcribe: bool
) -> None:
    async def converse(session: Session) -> None:
        async with opened(session.at, _path(session, transcribe)) as socket:
            await socket.send(json.dumps({"type": "config", "configuration": {}}))
            await socket.recv()
            for _ in range(2):
                await socket.send(b"\x00" * 320)
                await socket.recv()
            await socket.send(json.dumps({"type": "end"}))
            await _leave(socket, how)

    with gateway_here(upstreams_of(corti), spool) as gateway:
        asyncio.run(converse(Session(gateway)))
        _until_sockets_are_over(gateway)
    [record] = landed(tmp_path)
    assert record["status"] == "final"
    assert captured([record]) == charged(simulator.ledger)


@pytest.mark.parametrize("how", ["closes", "vanishes"])
def test_a_socket_that_is_left_without_its_end_tells_the_last_that_corti_said(
    simulator: Simulator, corti: Served, spool: Spool, tmp_path: Path, how: str
) -> None:
    async def converse(session: Session) -> None:
        async with opened(session.at, _path(session)) as socket:
            for _ in range(20):
                await socket.send(b"\x00" * 320)
            await _leave(socket, how)

    with gateway_here(upstreams_of(corti), spool, socket_linger_seconds=1) as gateway:
        asyncio.run(converse(Session(gateway)))
        _until_sockets_are_over(gateway)
    [record] = landed(tmp_path)
    assert record["status"] == "estimate"
    assert captured([record]) == charged(simulator.ledger)


def test_a_socket_in_which_nobody_said_a_word_leaves_no_record(corti: Served, spool: Spool, tmp_path: Path) -> None:
    async def converse(session: Session) -> None:
        async with opened(session.at, _path(session)):
            pass

    with gateway_here(upstreams_of(corti), spool) as gateway:
        asyncio.run(converse(Session(gateway)))
        _until_sockets_are_over(gateway)
    assert landed(tmp_path) == []


def _path(session: Session, transcribe: bool = False) -> str:
    word = "transcribe" if transcribe else f"interactions/{session.interaction}/streams"
    return f"/audio-bridge/v2/{word}?tenant-name={TENANT}&token=Bearer%20{session.token}"


async def _leave(socket: ClientConnection, how: str) -> None:
    if how == "vanishes":
        socket.transport.abort()
    elif how == "closes without a code":
        async with socket.send_context():
            socket.protocol.send_close()
    elif how == "closes":
        await socket.close(1000)
    else:
        await socket.wait_closed()


def _until_sockets_are_over(at: Served) -> None:
    while b"credits_gateway_open_sockets 0\n" not in asked(at, "GET", "/metrics")[2]:
        time.sleep(0.01)
