"""A call through the gateway is the call without it."""

from __future__ import annotations

import contextlib
import http.client
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.capture.spool import Spool
from ingest.simulator.serving import Served, serving
from tests.ingest.capture.gateways import asked, gateway_here, upstreams_of
from tests.ingest.capture.upstream import Upstream

STRANGE_PATHS = (
    "/v2/interactions/a%2Fb%20c/documents/?x=1&x=2&empty=&y=%C3%A9+%2B",
    "/v2//double/../dots/./echo?",
    "/v2/interactions/%e2%82%ac/",
    "/agents/agt.1/v1/message:send?a=b;c",
    "/realms/tenant/protocol/openid-connect/token",
    "/elsewhere/echo",
)


@pytest.fixture(scope="module")
def upstream() -> Iterator[tuple[Upstream, Served]]:
    app = Upstream()
    with serving(app) as at:
        yield app, at


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def gateway(upstream: tuple[Upstream, Served], home: Path) -> Iterator[Served]:
    with contextlib.closing(Spool(home / "landing")) as spool, gateway_here(upstreams_of(upstream[1]), spool) as at:
        yield at


@pytest.mark.parametrize("word", ["gzipped", "empty", "chunked", "duplicates", "redirect", "teapot", "echo"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_an_answer_comes_back_as_it_was_sent(
    upstream: tuple[Upstream, Served], gateway: Served, word: str, method: str
) -> None:
    headers = [("accept-encoding", "gzip"), ("host-of-nothing", "x")]
    direct, through = (asked(at, method, f"/v2/{word}", headers) for at in (upstream[1], gateway))
    if word == "echo" and method != "HEAD":
        direct, through = (_without_host(answer) for answer in (direct, through))
    assert through == direct


@pytest.mark.parametrize("path", STRANGE_PATHS)
def test_the_request_arrives_as_it_was_sent(upstream: tuple[Upstream, Served], gateway: Served, path: str) -> None:
    headers = [
        ("Tenant-Name", "acme"),
        ("x-twice", "1"),
        ("Authorization", "Bearer t"),
        ("x-twice", "2"),
        ("accept-encoding", "gzip, deflate"),
        ("x-latin", "caf\xe9"),
        ("cookie", "a=1; b=2"),
    ]
    seen = [json.loads(asked(at, "POST", path, headers, b'{"a": 1}')[2]) for at in (upstream[1], gateway)]
    assert seen[1]["headers"][0] == ["host", f"{upstream[1].host}:{upstream[1].port}"]
    for request in seen:
        request["headers"] = [pair for pair in request["headers"] if pair[0] != "host"]
    assert seen[1] == seen[0]
    assert seen[0]["path"] == path.partition("?")[0]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_every_method_passes(upstream: tuple[Upstream, Served], gateway: Served, method: str) -> None:
    assert json.loads(asked(gateway, method, "/v2/echo", body=b"x")[2])["method"] == method


def test_a_chunked_request_stays_chunked(gateway: Served) -> None:
    connection = http.client.HTTPConnection(gateway.host, gateway.port)
    connection.request("POST", "/v2/echo", body=iter([b"one", b"two"]), encode_chunked=True)
    seen = json.loads(connection.getresponse().read())
    connection.close()
    names = [name for name, _ in seen["headers"]]
    assert seen["size"] == 6 and "transfer-encoding" in names and "content-length" not in names


def test_the_words_of_the_gateway_end_there_and_those_of_one_connection_too(gateway: Served) -> None:
    headers = [
        ("X-Credits-User", "u1"),
        ("x-credits-tenant", "t1"),
        ("Connection", "keep-alive, X-Mine"),
        ("X-Mine", "1"),
        ("Keep-Alive", "timeout=5"),
        ("TE", "trailers"),
        ("X-Credits-Other", "stays"),
    ]
    seen = json.loads(asked(gateway, "GET", "/v2/echo?X-Credits-User=stays", headers)[2])
    assert [pair for pair in seen["headers"] if pair[0] != "host"] == [["x-credits-other", "stays"]]
    assert seen["query"] == "X-Credits-User=stays"


def test_an_answer_that_breaks_off_breaks_off_for_the_caller(gateway: Served) -> None:
    with pytest.raises(http.client.IncompleteRead) as broken:
        asked(gateway, "GET", "/v2/truncated")
    assert broken.value.partial == b"half"


def test_own_pages_stand_in_the_way_of_nothing_else(gateway: Served) -> None:
    assert json.loads(asked(gateway, "GET", "/healthz")[2])["status"] == "ok"
    assert b"credits_gateway_calls_total" in asked(gateway, "GET", "/metrics")[2]
    for path in ("/v2/healthz", "/agents/metrics", "/healthz/echo"):
        assert json.loads(asked(gateway, "GET", path)[2])["path"] == path


def _without_host(answer: tuple[int, list[tuple[str, str]], bytes]) -> tuple[int, object, object]:
    """An echo without what must differ: the host that was asked."""
    seen = json.loads(answer[2])
    seen["headers"] = [pair for pair in seen["headers"] if pair[0] != "host"]
    return answer[0], [pair for pair in answer[1] if pair[0] != "content-length"], seen


@pytest.mark.parametrize(
    ("asked_for", "passed"),
    [
        ("br, gzip, deflate", "gzip, deflate"),
        ("gzip;q=0.8, BR;q=1.0, *;q=0.1", "gzip;q=0.8"),
        ("br", "identity"),
        ("gzip,  deflate", "gzip,  deflate"),
    ],
)
def test_a_coding_that_capture_cannot_undo_is_not_asked_for(
    gateway: Served, monkeypatch: pytest.MonkeyPatch, asked_for: str, passed: str
) -> None:
    seen = []
    for installed in (False, True):
        monkeypatch.setattr("ingest.capture.gateway.headers._BROTLI", installed)
        headers = json.loads(asked(gateway, "POST", "/v2/echo", [("accept-encoding", asked_for)])[2])["headers"]
        seen.append(dict(headers)["accept-encoding"])
    assert seen == [passed, asked_for]
