"""Talking through a socket, as a caller does."""

from __future__ import annotations

from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from ingest.simulator.serving import Served

STREAM = "/audio-bridge/v2/interactions/i-1/streams"


class Straight(connect):
    """A client that follows no redirect."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


def opened(at: Served, path: str, **options: Any) -> connect:
    return Straight(f"{at.ws}{path}", proxy=None, max_size=None, **options)


async def closed_by_server(at: Served, path: str) -> tuple[object, ...]:
    """How the server's end of a socket looks to its caller: close code and reason, or that there was none."""
    async with opened(at, path) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        received = closed.value.rcvd
        return (socket.close_code, socket.close_reason, received is not None)


async def echoed(socket: ClientConnection, *messages: str | bytes) -> list[str | bytes]:
    for message in messages:
        await socket.send(message)
    return [await socket.recv() for _ in messages]
