"""What two servers may read in two ways goes no further, in either direction, and nothing of it is a fault of the log."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.capture.spool import Spool
from ingest.simulator.serving import Served
from tests.ingest.capture.gateways import asked, gateway_here, landed, upstreams_of
from tests.ingest.capture.raw_http import Logged, answering, connected, heard, logged
from tests.ingest.capture.talking import STREAM

HEAD = b"POST /v2/echo HTTP/1.1\r\nHost: x\r\n"
CODING = "/v2/tools/coding/"
BODY = b'{"usageInfo": {"creditsConsumed": 0.25}}'
CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)


@pytest.fixture(scope="module")
def gateway(upstream: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    landing = tmp_path_factory.mktemp("home") / "landing"
    with contextlib.closing(Spool(landing)) as spool, gateway_here(upstreams_of(upstream), spool) as at:
        yield at


@pytest.fixture
def log() -> Iterator[Logged]:
    with logged() as log:
        yield log


def healthy(at: Served) -> bool:
    return asked(at, "GET", "/healthz")[0] == 200


@pytest.mark.parametrize(
    "request_",
    [
        HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        HEAD + b"Content-Length: 3, 3\r\n\r\nabc",
        HEAD + b"Content-Length: +3\r\n\r\nabc",
        HEAD + b"Content-Length : 3\r\n\r\nabc",
        HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: identity\r\n\r\n",
        HEAD + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        b"POST /v2/echo HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"X-A: 1\r\n 2\r\n\r\n",
        HEAD + b"X-A: 1\r\n\t2\r\n\r\n",
        HEAD + b"X-A: 1\rX-B: 2\r\n\r\n",
        HEAD + b"X-A: 1\nX-B: 2\r\n\r\n",
        HEAD + b"X-A: \x00\r\n\r\n",
        HEAD + b"Host: y\r\n\r\n",
        b"GET /v2/a b HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /v2/echo HTTP/1.1\rHost: x\r\r",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_a_request_that_two_servers_may_read_in_two_ways_is_refused(gateway: Served, request_: bytes) -> None:
    assert heard(connected(gateway, request_)).startswith(b"HTTP/1.1 400 Bad Request\r\n")


def test_a_body_whose_chunks_are_broken_ends_the_connection(gateway: Served, log: Logged) -> None:
    for chunk in (b"3\nabc\r\n", b"-3\r\nabc\r\n", b"0x3\r\nabc\r\n", b"zz\r\n", b"3\r\nabcd\r\n"):
        answer = heard(connected(gateway, HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n" + chunk))
        assert answer == b"" or answer.startswith(b"HTTP/1.1 400")
    assert log.tracebacks == [] and healthy(gateway)


@pytest.mark.parametrize("line", [b"CONNECT a.example:443", b"OPTIONS *", b"GET http://elsewhere.example/v2/echo"])
def test_other_forms_of_a_target_go_nowhere_else(gateway: Served, log: Logged, line: bytes) -> None:
    answer = heard(connected(gateway, line + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
    assert answer[9:12] in (b"200", b"404", b"405")
    assert log.tracebacks == []


@pytest.mark.parametrize("pieces", [1, 7, 10_000])
@pytest.mark.parametrize(
    "body", [b"Content-Length: 2\r\n\r\n{}", b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"]
)
def test_a_wish_for_another_protocol_is_passed_over_and_the_body_arrives(
    gateway: Served, body: bytes, pieces: int
) -> None:
    wish = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"
    request_ = HEAD + wish + body + HEAD + b"Connection: close\r\n" + body
    caller = connected(gateway)
    for at in range(0, len(request_), pieces):
        caller.sendall(request_[at : at + pieces])
    said = heard(caller)
    assert said.count(b"HTTP/1.1 200 OK\r\n") == said.count(b'"size": 2') == 2
    assert b"h2c" not in said and b"http2-settings" not in said


@pytest.mark.parametrize(
    "path", ["/v2/../../admin", "/v2/..%2f..%2fadmin", "/v2//elsewhere.example/x", "/v2/@elsewhere"]
)
def test_a_path_that_climbs_stays_with_the_host_that_was_given(gateway: Served, upstream: Served, path: str) -> None:
    seen = json.loads(asked(gateway, "POST", path)[2])
    assert seen["path"] == path
    assert ["host", f"{upstream.host}:{upstream.port}"] in seen["headers"]


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 7\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 4000\r\n",
        b"transfer-encoding: Chunked\r\ncontent-length: 0\r\n",
    ],
)
def test_a_length_beside_chunks_is_dropped_and_the_caller_gets_all(tmp_path: Path, log: Logged, head: bytes) -> None:
    with _gateway_to(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + CHUNKED, tmp_path) as gateway:
        status, headers, body = asked(gateway, "POST", CODING, body=b"{}")
    assert (status, body) == (200, BODY) and "content-length" not in dict(headers)
    assert [record["status"] for record in landed(tmp_path)] == ["final"]
    assert log.records == []


@pytest.mark.parametrize(
    ("answer", "statuses"),
    [
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", (204,)),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", (304,)),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-A: a\x01b\r\n\r\nabc", (200, 502)),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-A: caf\xe9\r\n\r\nabc", (200,)),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-A: 1\r\n 2\r\n\r\nabc", (200, 502)),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX{A}: 1\r\n\r\nabc", (502,)),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", (502,)),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nabcd", (502,)),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n" + CHUNKED, (502,)),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n", (502,)),
        (b"HTTP/1.1 699 What\r\nContent-Length: 0\r\n\r\n", (502,)),
        (b"HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n", (502,)),
        (b"HTTP/1.1 2 What\r\n\r\n", (502,)),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\n\r\n", (502,)),
        (b"HTTP/1.0 200 OK\r\n\r\nabc", (200,)),
        (b"", (502,)),
        (b"nonsense\r\n\r\n", (502,)),
    ],
)
def test_an_answer_that_breaks_http_is_passed_or_a_502(
    tmp_path: Path, log: Logged, answer: bytes, statuses: tuple[int, ...]
) -> None:
    with _gateway_to(answer, tmp_path) as gateway:
        assert asked(gateway, "GET", "/v2/x")[0] in statuses
        assert asked(gateway, "POST", "/v2/x", body=b"x")[0] in statuses
    assert log.records == []


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n",
    ],
)
def test_an_answer_that_breaks_off_gives_the_caller_a_broken_one(tmp_path: Path, log: Logged, answer: bytes) -> None:
    with _gateway_to(answer, tmp_path) as gateway:
        said = heard(connected(gateway, f"POST {CODING} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode()))
    assert said.startswith(b"HTTP/1.1 200 OK\r\n") and b"abc" in said
    assert not said.endswith(b"0\r\n\r\n"), "half an answer must not look whole"
    assert [record["status"] for record in landed(tmp_path)] == ["unreported"]
    assert log.tracebacks == []


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"HTTP/1.1 403 No\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n", b"403"),
        (b"HTTP/1.1 699 What\r\nContent-Length: 0\r\n\r\n", b"502"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", b"502"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", b"200"),
        (b"nonsense\r\n\r\n", b"502"),
        (b"", b"502"),
    ],
)
def test_a_socket_whose_handshake_corti_breaks_is_refused(
    tmp_path: Path, log: Logged, answer: bytes, status: bytes
) -> None:
    wish = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
    head = f"GET {STREAM} HTTP/1.1\r\nHost: x\r\n".encode() + wish + b"AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    with _gateway_to(answer, tmp_path) as gateway:
        assert heard(connected(gateway, head))[9:12] == status
    assert log.tracebacks == [] and landed(tmp_path) == []


@contextlib.contextmanager
def _gateway_to(answer: bytes, home: Path) -> Iterator[Served]:
    spool = Spool(home / "landing")
    with contextlib.closing(spool), answering(answer) as corti, gateway_here(upstreams_of(corti), spool) as gateway:
        yield gateway
