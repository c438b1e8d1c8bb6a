"""Corti Models through the gateway: where calls go, and how streams pass."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from ingest.capture.gateway.upstreams import Upstreams, upstreams_for
from ingest.capture.spool import Spool
from ingest.simulator.serving import Served, serving
from tests.ingest.capture.gateways import gateway_here, gateway_process, landed, upstreams_of
from tests.ingest.capture.model_streams import CHAT, MESSAGES, chat_stream

PIECE = chat_stream(64, with_usage=False).removesuffix(b"data: [DONE]\n\n")
MANY = 4000
"""How many pieces make a long stream."""
ALLOWED_GROWTH_KILOBYTES = 24 * 1024


@dataclass
class Talking:
    """A model that says one piece, waits until it may go on, says `pieces` more and the usage; `left` is set when its
    caller has gone. A call to `/go-on` lets it go on. One that `thinks` waits for `has_thought` before it says anything.
    """

    pieces: int = 1
    thinks: bool = False
    has_thought: threading.Event = field(default_factory=threading.Event)
    may_go_on: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        if scope["path"] == "/go-on":
            self.may_go_on.set()
        gone = asyncio.ensure_future(receive())
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        while self.thinks and not self.has_thought.is_set():
            await asyncio.sleep(0.005)
        await send({"type": "http.response.body", "body": PIECE, "more_body": True})
        while not self.may_go_on.is_set():
            if gone.done():
                self.left.set()
                return
            await asyncio.sleep(0.005)
        for _ in range(self.pieces):
            await send({"type": "http.response.body", "body": PIECE, "more_body": True})
        await send({"type": "http.response.body", "body": chat_stream(1)})


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with contextlib.closing(Spool(tmp_path / "landing")) as spool:
        yield spool


@pytest.mark.parametrize("url", ["https://ai.eu.corti.app", "https://ai.eu.corti.app/", "https://ai.eu.corti.app/v1"])
def test_the_paths_of_models_go_to_their_host(url: str) -> None:
    for upstreams in (upstreams_for("eu"), upstreams_for("eu", models=url), upstreams_for(None, models=url)):
        for path in (CHAT, MESSAGES, "/v1/models"):
            target = upstreams.call(path.encode())
            assert target and (target.origin, target.path) == ("https://ai.eu.corti.app", path.encode())
    agents = upstreams_for("us").call(b"/agents/a-1/v1/message:send")
    assert agents and agents.origin == "https://api.us.corti.app"
    assert upstreams_for(None, base="https://x/v2").call(CHAT.encode()) is None


@contextlib.contextmanager
def _asked(at: Served) -> Iterator[HTTPResponse]:
    """The answer to a caller that leaves when the block ends."""
    with contextlib.closing(HTTPConnection(at.host, at.port, timeout=30)) as connection:
        connection.request("POST", CHAT, body=b'{"stream": true}', headers={"Authorization": "Bearer Zzsecret"})
        with connection.getresponse() as answer:
            yield answer


def test_a_stream_reaches_the_caller_while_the_model_is_still_talking(spool: Spool, tmp_path: Path) -> None:
    model = Talking()
    with (
        serving(model) as upstream,
        gateway_here(upstreams_of(upstream), spool) as gateway,
        _asked(gateway) as answer,
    ):
        assert answer.read(len(PIECE)) == PIECE, "and the rest has not been said yet"
        model.may_go_on.set()
        assert answer.read() == PIECE + chat_stream(1)
    [record] = landed(tmp_path)
    assert (record["status"], record["inputTokens"], record["outputTokens"]) == ("metered", 120, 30)
    assert "Zzsecret" not in str(record)


def test_a_stream_that_its_caller_leaves_ends_at_corti_and_is_unreported(spool: Spool, tmp_path: Path) -> None:
    model = Talking()
    with serving(model) as upstream, gateway_here(upstreams_of(upstream), spool) as gateway:
        with _asked(gateway) as answer:
            answer.read(len(PIECE))
        assert model.left.wait(10), "much less than the time that the gateway waits for other answers"
    [record] = landed(tmp_path)
    assert (record["kind"], record["status"], record["model"]) == ("chat_completion", "unreported", "corti-s1")


def test_a_model_that_begins_to_talk_when_its_caller_has_left_is_ended(spool: Spool, tmp_path: Path) -> None:
    model = Talking(thinks=True)
    with serving(model) as upstream, gateway_here(upstreams_of(upstream), spool) as gateway:
        with _asked(gateway):
            pass
        time.sleep(0.3)  # so that the gateway knows it
        model.has_thought.set()
        assert model.left.wait(10)
    assert [record["status"] for record in landed(tmp_path)] == ["unreported"]


def test_a_long_stream_is_not_held_in_memory(tmp_path: Path) -> None:
    model = Talking(MANY)
    with serving(model) as upstream, gateway_process(upstream, tmp_path) as gateway:
        model.may_go_on.set()
        model.pieces = 1
        with _asked(gateway.served) as answer:
            answer.read()
        before, model.pieces, size = gateway.peak_kilobytes, MANY, 0
        with _asked(gateway.served) as answer:
            while piece := answer.read(64 * 1024):
                size += len(piece)
        grown = gateway.peak_kilobytes - before
        assert gateway.stop() == 0
    assert size > 32 * 1024 * 1024
    assert grown < ALLOWED_GROWTH_KILOBYTES
    assert [record["status"] for record in landed(tmp_path)] == ["metered", "metered"]


def test_without_the_host_of_models_their_calls_are_answered_with_502(spool: Spool, tmp_path: Path) -> None:
    upstreams = Upstreams("http://127.0.0.1:9/v2", None, None, None)
    with gateway_here(upstreams, spool) as gateway, _asked(gateway) as answer:
        assert answer.status == 502
    assert landed(tmp_path) == []
