"""No caller takes the gateway from the others: what is too large, too slow, too many or ambiguous is refused."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed

from ingest.capture.gateway.app import create_app
from ingest.capture.gateway.caller_limits import CallerLimits, limits_for
from ingest.capture.gateway.serving import gateway_server
from ingest.capture.spool import Spool
from ingest.simulator.serving import Served, running
from tests.ingest.capture.gateways import asked, gateway_process, landed, upstreams_of
from tests.ingest.capture.loopback_corti import json_answer, loopback_corti
from tests.ingest.capture.raw_http import connected, heard
from tests.ingest.capture.talking import STREAM, opened
from tests.ingest.capture.upstream import LARGE_PIECES, PIECE

HEAD = b"POST /v2/echo HTTP/1.1\r\nHost: x\r\n"
MEBIBYTE = 1024 * 1024
QUICK = CallerLimits(head_seconds=1, body_idle_seconds=1, idle_seconds=1)


@contextlib.contextmanager
def bounded(upstream: Served, folder: Path, limits: CallerLimits) -> Iterator[Served]:
    with contextlib.closing(Spool(folder / "landing")) as spool:
        app = create_app(upstreams_of(upstream), spool, socket_linger_seconds=0.2)
        with running(gateway_server(app, spool, 1, limits)) as at:
            yield at


@pytest.fixture(scope="module")
def gateway(upstream: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with bounded(upstream, tmp_path_factory.mktemp("home"), QUICK) as at:
        yield at


def served(url: str) -> Served:
    at = urlsplit(url)
    return Served(str(at.hostname), at.port or 0)


def healthy(at: Served) -> bool:
    return asked(at, "GET", "/healthz")[0] == 200


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"", b""),
        (b"\r\n", b"408"),
        (b"POST /v2/ec", b"408"),
        (HEAD, b"408"),
        (HEAD + b"Content-Length: 9\r\n\r\n1234", b"408"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nab", b"408"),
    ],
)
def test_a_request_that_does_not_go_on_is_closed(gateway: Served, said: bytes, status: bytes) -> None:
    answers = [heard(caller) for caller in [connected(gateway, said) for _ in range(30)]]
    assert {answer[9:12] for answer in answers} <= {status, b""}
    assert answers[0][9:12] == status


def test_a_head_that_drips_is_closed_though_bytes_come(gateway: Served) -> None:
    caller = connected(gateway, HEAD)
    with contextlib.suppress(ConnectionError):
        for _ in range(200):
            caller.sendall(b"X: 1\r\n")
            time.sleep(0.05)
    assert heard(caller)[9:12] in (b"408", b"")


def test_a_body_that_takes_longer_than_any_deadline_passes_as_long_as_bytes_come(gateway: Served) -> None:
    caller = connected(gateway, HEAD + b"Content-Length: 20\r\nConnection: close\r\n\r\n")
    for _ in range(20):
        time.sleep(0.15)
        caller.sendall(b"x")
    assert json.loads(heard(caller).partition(b"\r\n\r\n")[2])["size"] == 20


def test_a_connection_that_stays_idle_between_two_requests_is_closed(gateway: Served) -> None:
    answer = heard(connected(gateway, b"GET /v2/echo HTTP/1.1\r\nHost: x\r\n\r\n"))
    assert answer.startswith(b"HTTP/1.1 200")


def test_a_second_request_on_a_connection_has_its_deadline_too(gateway: Served) -> None:
    caller = connected(gateway, b"GET /v2/teapot HTTP/1.1\r\nHost: x\r\n\r\n")
    assert caller.recv(65536).startswith(b"HTTP/1.1 418")
    caller.sendall(HEAD)
    assert b"HTTP/1.1 408" in heard(caller)


@pytest.mark.parametrize(
    "head",
    [
        HEAD + b"X: " + b"x" * (64 * MEBIBYTE),
        HEAD + b"X: 1\r\n" * 300_000,
        b"GET /" + b"x" * MEBIBYTE + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        HEAD + b"X: " + b"x" * 70_000 + b"\r\n\r\n",
        HEAD + b"X: 1\r\n" * 130 + b"\r\n",
        HEAD + b"x" * MEBIBYTE,
    ],
    ids=["a long field", "many fields", "a long path", "a whole head", "129 fields", "a long name"],
)
def test_a_head_that_is_too_large_is_refused_with_431_and_delays_nobody(gateway: Served, head: bytes) -> None:
    caller = socket.create_connection((gateway.host, gateway.port), timeout=20)
    with contextlib.suppress(ConnectionError):
        caller.sendall(head)
    assert healthy(gateway)
    assert heard(caller).startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")


def test_trailers_are_no_headers_and_have_a_bound(gateway: Served) -> None:
    chunked = HEAD + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n1\r\nx\r\n0\r\n"
    answer = heard(connected(gateway, chunked + b"X-Mine: 1\r\n\r\n"))
    assert answer.startswith(b"HTTP/1.1 200") and b"x-mine" not in answer
    caller = connected(gateway)
    with contextlib.suppress(ConnectionError):
        caller.sendall(chunked + b"X: 1\r\n" * 100_000 + b"\r\n")
    assert not heard(caller).startswith(b"HTTP/1.1 200")
    assert healthy(gateway)


def test_beyond_the_most_connections_only_own_pages_are_answered(upstream: Served, tmp_path: Path) -> None:
    with bounded(upstream, tmp_path, CallerLimits(connections=20, head_seconds=2)) as at:
        silent = [connected(at) for _ in range(100)]
        assert healthy(at)
        assert b"credits_gateway_refusals_total" in asked(at, "GET", "/metrics")[2]
        status, headers, body = asked(at, "POST", "/v2/echo", body=b"x")
        assert (status, dict(headers)["retry-after"]) == (503, "1")
        assert json.loads(body)["error"]["source"] == "credits-gateway"
        for caller in silent:
            assert heard(caller) == b""
        assert asked(at, "POST", "/v2/echo", body=b"x")[0] == 200


def test_idle_connections_make_room_for_others(upstream: Served, tmp_path: Path) -> None:
    with bounded(upstream, tmp_path, CallerLimits(connections=5, room_seconds=0)) as at:
        idle = [connected(at, b"GET /v2/teapot HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(5)]
        assert all(caller.recv(65536).startswith(b"HTTP/1.1 418") for caller in idle)
        busy = connected(at, HEAD + b"Content-Length: 2\r\n\r\nx")
        for _ in range(10):
            # The place of a connection that has just been closed is free a moment later.
            assert 200 in (asked(at, "POST", "/v2/echo", body=b"x")[0] for _ in range(50))
        busy.sendall(b"x")
        assert busy.recv(65536).startswith(b"HTTP/1.1 200")
        for caller in (*idle, busy):
            caller.close()


def test_few_open_files_leave_room_for_own_pages_and_records(upstream: Served, tmp_path: Path) -> None:
    with gateway_process(upstream, tmp_path, "--head-seconds", "3", open_files=64) as gateway:
        callers = [connected(gateway.served, HEAD) for _ in range(200)]
        assert healthy(gateway.served)
        for caller in callers:
            heard(caller)
        assert asked(gateway.served, "POST", "/v2/tools/coding/", body=b"{}")[0] == 200
        health = json.loads(asked(gateway.served, "GET", "/healthz")[2])
        assert gateway.stop() == 0
    assert health["status"] == "ok" and "warning: 8 connections at once, not 1024" in "".join(gateway.said)
    assert [record["kind"] for record in landed(tmp_path)] == ["codes"]


def test_a_caller_that_does_not_read_is_closed_and_the_whole_answer_recorded(tmp_path: Path) -> None:
    long = {"text": "x" * 14 * MEBIBYTE, "usageInfo": {"creditsConsumed": 0.25}}
    with loopback_corti(json_answer(long)) as corti, bounded(served(corti.base), tmp_path, QUICK) as at:
        caller = connected(at, b"POST /v2/tools/coding/ HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        while b"credits_gateway_open_calls 0\n" not in asked(at, "GET", "/metrics")[2]:
            time.sleep(0.05)
        assert b'why="reads nothing"} 1\n' in asked(at, "GET", "/metrics")[2]
        assert len(heard(caller)) < 14 * MEBIBYTE
    assert [record["creditsConsumed"] for record in landed(tmp_path)] == [Decimal("0.25")]


def test_a_caller_that_reads_slowly_gets_all(upstream: Served, tmp_path: Path) -> None:
    with bounded(upstream, tmp_path, QUICK) as at:
        caller = connected(at, b"GET /v2/large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        began, size, limit = time.monotonic(), 0, 0
        while piece := caller.recv(MEBIBYTE):
            size += len(piece)
            if size > limit:
                time.sleep(0.3)  # ten times, in all more than twice as long as a caller may read nothing
                limit += LARGE_PIECES * len(PIECE) // 10
        caller.close()
    assert size > LARGE_PIECES * len(PIECE) and time.monotonic() - began > 2


def test_a_socket_whose_caller_does_not_read_is_closed(upstream: Served, tmp_path: Path) -> None:
    async def talk_only(at: Served) -> None:
        async with opened(at, STREAM, max_queue=1) as socket:
            socket.transport.pause_reading()
            with contextlib.suppress(ConnectionClosed):
                while True:
                    await socket.send(b"x" * MEBIBYTE)

    with bounded(upstream, tmp_path, QUICK) as at:
        asyncio.run(talk_only(at))
        while b"credits_gateway_open_sockets 0\n" not in asked(at, "GET", "/metrics")[2]:
            time.sleep(0.05)


@pytest.mark.parametrize(("files", "connections"), [(64, 8), (256, 62), (1024, 330), (20_000, 1024), (40, 1)])
def test_connections_follow_the_files_that_may_be_open(files: int, connections: int) -> None:
    limits = limits_for(1024, files)
    assert limits.connections == connections
    most = 32 + limits.backlog + limits.reserved + 2 * limits.connections + limits.idle_upstream
    assert most <= files or files == 40
