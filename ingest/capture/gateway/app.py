"""The gateway as an ASGI application."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from ingest.capture.gateway.caller_limits import CallerLimits
from ingest.capture.gateway.calls import Calls
from ingest.capture.gateway.capturing import Capturing
from ingest.capture.gateway.own_pages import healthz, metrics
from ingest.capture.gateway.sockets import Sockets
from ingest.capture.gateway.upstream_connections import UpstreamConnections
from ingest.capture.gateway.upstreams import Upstreams
from ingest.capture.spool import Spool
from ingest.contract.dimensions import DEFAULT_KEYS

CONNECT_SECONDS = 10.0
TIMEOUT_SECONDS = 300.0
"""How long Corti may be silent within a call. The SDKs wait 60 seconds at most, which is less."""
CALL_LINGER_SECONDS = 60.0
SOCKET_LINGER_SECONDS = 10.0
"""How long to wait for the cost of a call or a socket after its caller has left."""


@dataclass(frozen=True)
class _Everything:
    calls: Calls
    sockets: Sockets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self.sockets if scope["type"] == "websocket" else self.calls)(scope, receive, send)


def create_app(
    upstreams: Upstreams,
    spool: Spool,
    *,
    timeout_seconds: float = TIMEOUT_SECONDS,
    call_linger_seconds: float = CALL_LINGER_SECONDS,
    socket_linger_seconds: float = SOCKET_LINGER_SECONDS,
    most_idle: int = CallerLimits.idle_upstream,
    dimension_keys: tuple[str, ...] = DEFAULT_KEYS,
) -> Starlette:
    """The application that passes everything on to these upstreams and writes records to this spool.

    `most_idle` is how many connections to Corti are kept for later calls; `dimension_keys` are the dimensions that
    records may have. It closes its connections to Corti when the
    server shuts it down; the caller closes the spool.
    """
    tls = httpx.create_ssl_context()
    connections = UpstreamConnections(tls, most_idle)
    timeouts = {"connect": CONNECT_SECONDS, "read": timeout_seconds, "write": timeout_seconds, "pool": None}
    capturing = Capturing(spool, upstreams.environment, dimension_keys)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await connections.aclose()

    everything = _Everything(
        Calls(upstreams, connections, capturing, timeouts, call_linger_seconds),
        Sockets(upstreams, capturing, tls, socket_linger_seconds),
    )
    routes = [
        Route("/healthz", healthz, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
        Mount("/", app=everything),
    ]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.state.capturing = capturing
    return app
