"""Connections to Corti that are kept for later calls; the cost of a call does not grow with their number.

httpx's own pool goes through all its connections for each call: with 200 calls at once that takes longer than the
calls. Here every connection is a pool of one, and the idle ones of an upstream are on a stack.
"""

from __future__ import annotations

import ssl
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx

_IDLE_SECONDS = 3.0
"""Well below the 5 seconds after which the most impatient servers close an idle connection: a call that is sent on it
at that moment fails.
"""
_ALONE = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=_IDLE_SECONDS)


class UpstreamConnections(httpx.AsyncBaseTransport):
    """A transport that gives each call its own connection. `tls` verifies the upstream; at most `most_idle` idle
    connections are kept, to all hosts together.
    """

    def __init__(self, tls: ssl.SSLContext, most_idle: int) -> None:
        self._tls = tls
        self._most_idle = most_idle
        self._idle: defaultdict[tuple[str, bytes], list[httpx.AsyncHTTPTransport]] = defaultdict(list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; its connection is free again when the response's stream is closed."""
        idle = self._idle[request.url.scheme, request.url.netloc]
        connection = idle.pop() if idle else httpx.AsyncHTTPTransport(verify=self._tls, limits=_ALONE)

        async def give_back() -> None:
            if sum(map(len, self._idle.values())) < self._most_idle:
                idle.append(connection)
            else:
                await connection.aclose()

        try:
            response = await connection.handle_async_request(request)
        except BaseException:
            await give_back()
            raise
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _Lent(response.stream, give_back)
        return response

    async def aclose(self) -> None:
        """Close the idle connections."""
        for idle in self._idle.values():
            while idle:
                await idle.pop().aclose()


class _Lent(httpx.AsyncByteStream):
    """A response's body; its connection is given back when it is closed."""

    def __init__(self, stream: httpx.AsyncByteStream, give_back: Callable[[], Awaitable[None]]) -> None:
        self._stream = stream
        self._give_back = give_back
        self._closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            yield chunk

    async def aclose(self) -> None:
        if not self._closed:
            self._closed = True
            try:
                await self._stream.aclose()
            finally:
                await self._give_back()
