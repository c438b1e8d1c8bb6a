"""A socket through the gateway is the socket without it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from ingest.capture.spool import Spool
from ingest.simulator.serving import Served
from tests.ingest.capture.gateways import gateway_here, upstreams_of
from tests.ingest.capture.talking import STREAM, closed_by_server, echoed, opened
from tests.ingest.capture.upstream import LEFT

SOCKETS = 200
MESSAGES = 5


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def gateway(upstream: Served, home: Path) -> Iterator[Served]:
    with contextlib.closing(Spool(home / "landing")) as spool, gateway_here(upstreams_of(upstream), spool) as at:
        yield at


def test_text_and_binary_pass_both_ways_whatever_their_size(gateway: Served) -> None:
    messages = ["", "caf\xe9 \U0001f600", b"", bytes(range(256)), b"a" * 3_000_000, "x" * 1_000_000]

    async def converse() -> list[str | bytes]:
        async with opened(gateway, STREAM) as socket:
            return await echoed(socket, *messages)

    assert asyncio.run(converse()) == messages


def test_a_message_in_pieces_arrives_whole(gateway: Served) -> None:
    async def converse() -> str | bytes:
        async with opened(gateway, STREAM) as socket:
            await socket.send([b"one", b"two", b"three"])
            return await socket.recv()

    assert asyncio.run(converse()) == b"onetwothree"


@pytest.mark.parametrize(
    "word", ["close-1000", "close-1008", "close-1011", "close-4001", "close-3000", "close-", "drop"]
)
def test_the_server_closes_with_its_own_code_and_reason(upstream: Served, gateway: Served, word: str) -> None:
    path = f"/audio-bridge/v2/{word}"
    assert asyncio.run(closed_by_server(gateway, path)) == asyncio.run(closed_by_server(upstream, path))


@pytest.mark.parametrize("code", [1000, 1001, 1008, 1011, 4000, 4999])
def test_the_caller_closes_with_its_own_code_and_reason(gateway: Served, code: int) -> None:
    LEFT.clear()

    async def leave() -> None:
        async with opened(gateway, STREAM) as socket:
            await socket.close(code, f"bye {code}")
            assert socket.close_code == code
        await until_left()

    asyncio.run(leave())
    assert [(code, f"bye {code}")] == LEFT


def test_a_caller_that_vanishes_or_gives_no_code_does_so_upstream_too(gateway: Served) -> None:
    async def leave() -> None:
        LEFT.clear()
        async with opened(gateway, STREAM) as socket, socket.send_context():
            socket.protocol.send_close()
        await until_left()
        assert LEFT == [(1005, "")]
        LEFT.clear()
        async with opened(gateway, STREAM) as socket:
            await echoed(socket, "there")
            socket.transport.abort()
        await until_left()
        assert [reason for _, reason in LEFT] == [None]  # the server's code if no close frame came

    asyncio.run(leave())


async def until_left() -> None:
    for _ in range(500):
        if LEFT:
            return
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("status", [401, 403, 404, 429, 302])
def test_a_refused_handshake_is_refused_with_the_same_status_and_body(
    upstream: Served, gateway: Served, status: int
) -> None:
    async def refused(at: Served) -> tuple[object, ...]:
        with pytest.raises(InvalidStatus) as refusal:
            async with opened(at, f"/audio-bridge/v2/refuse-{status}?token=Bearer%20x"):
                pass
        response = refusal.value.response
        return response.status_code, response.body, response.headers["x-reason"]

    assert asyncio.run(refused(gateway)) == asyncio.run(refused(upstream)) == (status, b"not you", "token")


def test_the_handshake_passes_headers_subprotocols_and_query_but_for_the_gateways_words(
    upstream: Served, gateway: Served
) -> None:
    query = "tenant-name=acme&token=Bearer%20x.y&x=%C3%A9&X-Credits-User=u%201&x-credits-tenant=t1"
    options: dict[str, Any] = {
        "subprotocols": [Subprotocol("one"), Subprotocol("two")],
        "additional_headers": {"Authorization": "Bearer x", "X-Credits-User": "u1", "X-Mine": "1"},
        "origin": "https://app.example",
        "user_agent_header": "app/1",
        "compression": None,
    }

    async def seen(at: Served) -> tuple[Any, ...]:
        async with opened(at, f"/audio-bridge/v2/a%2Fb/headers?{query}", **options) as socket:
            assert socket.response
            return json.loads(await socket.recv()), socket.subprotocol, socket.response.headers["set-cookie"]

    (direct, *rest), (through, *through_rest) = asyncio.run(seen(upstream)), asyncio.run(seen(gateway))
    assert through_rest == rest == ["two", "s=1"]
    assert through["path"] == direct["path"] == "/audio-bridge/v2/a%2Fb/headers"
    assert through["query"] == "tenant-name=acme&token=Bearer%20x.y&x=%C3%A9"
    differ = {"host", "x-credits-user", "sec-websocket-key", "connection"}
    wanted, got = ({name.lower(): value for name, value in handshake["headers"]} for handshake in (direct, through))
    assert {n: v for n, v in got.items() if n not in differ} == {n: v for n, v in wanted.items() if n not in differ}
    assert "x-credits-user" not in got
    assert got["host"] == f"{upstream.host}:{upstream.port}"


def test_no_socket_but_cortis_own_paths_passes(gateway: Served) -> None:
    async def refused() -> int:
        with pytest.raises(InvalidStatus) as refusal:
            async with opened(gateway, "/healthz/socket"):
                pass
        return refusal.value.response.status_code

    assert asyncio.run(refused()) == 404


def test_many_sockets_at_once_are_kept_apart(gateway: Served, home: Path) -> None:
    async def one(number: int, ready: asyncio.Barrier) -> bool:
        path = f"/audio-bridge/v2/interactions/many-{number}/streams"
        async with opened(gateway, path, compression=None, open_timeout=60) as socket:
            await ready.wait()  # all are open before the first one says a word
            messages = [bytes([number % 256, turn]) * 600 for turn in range(MESSAGES)]
            usage = json.dumps({"type": "usage", "credits": number})
            return await echoed(socket, *messages, usage) == [*messages, usage]

    async def all_of_them() -> list[bool]:
        ready = asyncio.Barrier(SOCKETS)
        return await asyncio.gather(*(one(number, ready) for number in range(SOCKETS)))

    assert all(asyncio.run(all_of_them()))
