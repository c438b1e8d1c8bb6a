"""Large bodies, callers that leave, and upstreams that don't answer."""

from __future__ import annotations

import contextlib
import hashlib
import json
import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from ingest.capture.gateway.upstreams import Upstreams
from ingest.capture.spool import Spool
from ingest.simulator.serving import Served, serving
from tests.ingest.capture.gateways import asked, gateway_here, gateway_process, landed, upstreams_of
from tests.ingest.capture.upstream import LARGE_PIECES, PIECE, Upstream

ALLOWED_GROWTH_KILOBYTES = 24 * 1024
CODING = "/v2/tools/coding/"


@pytest.fixture(scope="module")
def upstream() -> Iterator[tuple[Upstream, Served]]:
    app = Upstream()
    with serving(app) as at:
        yield app, at


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with contextlib.closing(Spool(tmp_path / "landing")) as spool:
        yield spool


def test_a_large_recording_passes_both_ways_without_being_held_in_memory(
    upstream: tuple[Upstream, Served], tmp_path: Path
) -> None:
    size = LARGE_PIECES * len(PIECE)
    expected = hashlib.sha256()
    for _ in range(LARGE_PIECES):
        expected.update(PIECE)
    with gateway_process(upstream[1], tmp_path) as gateway:
        path = "/v2/interactions/i/recordings/"
        asked(gateway.served, "POST", path, body=PIECE)
        before = gateway.peak_kilobytes
        connection = HTTPConnection(gateway.served.host, gateway.served.port)
        headers = {"Content-Length": str(size), "Content-Type": "application/octet-stream"}
        connection.request("POST", path, body=(PIECE for _ in range(LARGE_PIECES)), headers=headers)
        seen = json.loads(connection.getresponse().read())
        connection.request("GET", path + "large")
        answer, heard = connection.getresponse(), hashlib.sha256()
        while piece := answer.read(len(PIECE)):
            heard.update(piece)
        connection.close()
        grown = gateway.peak_kilobytes - before
    assert (seen["size"], seen["sha256"]) == (size, expected.hexdigest())
    assert ["content-length", str(size)] in seen["headers"]
    assert heard.hexdigest() == expected.hexdigest()
    assert grown < ALLOWED_GROWTH_KILOBYTES, grown


def test_an_upstream_that_cannot_be_reached_is_a_502(spool: Spool, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with gateway_here(Upstreams(f"http://127.0.0.1:{port}/v2", None, None, None), spool) as gateway:
        status, headers, body = asked(gateway, "POST", f"{CODING}?token=zz", body=b"{}")
        assert (status, json.loads(body)["error"]["source"]) == (502, "credits-gateway")
        assert ("content-type", "application/json") in headers
        assert b"upstream_errors_total 1\n" in asked(gateway, "GET", "/metrics")[2]
        assert asked(gateway, "POST", "/agents/a/v1/message:send", body=b"{}")[0] == 502
    assert landed(tmp_path) == [], "what never left can't have been charged"


def test_an_upstream_that_stays_silent_is_a_504_and_a_record(spool: Spool, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        upstreams = Upstreams(f"http://127.0.0.1:{port}/v2", None, None, None)
        with gateway_here(upstreams, spool, timeout_seconds=0.2) as gateway:
            assert asked(gateway, "POST", CODING, body=b"{}")[0] == 504
    assert [record["status"] for record in landed(tmp_path)] == ["unreported"]


def test_an_answer_too_large_to_look_at_passes_and_is_told_of(
    upstream: tuple[Upstream, Served], spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.capture.answer.MOST_BODY_BYTES", 10)
    with gateway_here(upstreams_of(upstream[1]), spool) as gateway:
        assert json.loads(asked(gateway, "POST", CODING, body=b"{}")[2])["size"] == 2
        health = json.loads(asked(gateway, "GET", "/healthz")[2])
    assert health["status"] == "degraded" and "longer" in health["faults"][0]
    assert [record["status"] for record in landed(tmp_path)] == ["unreported"]
