"""The gateway as a server, with its own handling of sockets, a quiet log, and a shutdown that loses nothing."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket

import uvicorn
from starlette.applications import Starlette
from uvicorn._types import ASGISendEvent
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from ingest.capture.gateway.caller_connection import (
    CallerConnection,
    Callers,
    GatewayConfig,
    StalledCaller,
)
from ingest.capture.gateway.caller_limits import CallerLimits
from ingest.capture.gateway.sockets import LARGEST_MESSAGE
from ingest.capture.spool import Spool

_PING_SECONDS = 20.0


class CallerSocket(WebSocketsSansIOProtocol):
    """A caller's socket: a lost one is distinguished from a closed one, and a shutdown lets it go on for a while.

    uvicorn's own class closes every socket at once when the server must stop.
    """

    config: GatewayConfig

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin with the handshake."""
        super().connection_made(transport)
        callers = self.config.callers
        self._stalled = StalledCaller(self.transport, callers.capturing, callers.limits.body_idle_seconds)

    def pause_writing(self) -> None:
        """Note that the caller reads more slowly than Corti sends."""
        super().pause_writing()
        self._stalled.begin()

    def resume_writing(self) -> None:
        """Note that the caller has read."""
        self._stalled.end()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the application the code 1006 if no close frame came."""
        self._stalled.end()
        if self.handshake_complete and self.conn.close_rcvd is None and not self.close_sent:
            self.queue.put_nowait({"type": "websocket.disconnect", "code": 1006, "reason": ""})
        super().connection_lost(exc)

    async def send(self, message: ASGISendEvent) -> None:
        """Send, and note that a handshake is over if it was refused with an answer or its caller has left."""
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True  # otherwise uvicorn treats it as unanswered
        if message["type"] == "websocket.accept" and not self.handshake_complete:
            raise ClientDisconnected

    def shutdown(self) -> None:
        """Leave an open socket open until the time for running calls is over."""
        if self.close_sent or not self.handshake_complete:
            super().shutdown()


class GatewayServer(uvicorn.Server):
    """uvicorn's server, which hands the spool's records to landing as soon as it must stop."""

    def __init__(self, config: uvicorn.Config, spool: Spool) -> None:
        super().__init__(config)
        self._spool = spool

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting, rotate the spool, and let running calls end within the limit."""
        for server in self.servers:
            server.close()
        await asyncio.to_thread(self._spool.rotate)
        await super().shutdown(sockets)
        # Sockets that the limit ends still send a close frame.
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=2)


def gateway_server(
    app: Starlette, spool: Spool, drain_seconds: float, limits: CallerLimits | None = None
) -> GatewayServer:
    """A server for the gateway. `drain_seconds` is how long running calls and sockets may go on when it is stopped."""
    limits = limits or CallerLimits()
    config = GatewayConfig(
        app,
        http=CallerConnection,
        ws=CallerSocket,
        ws_max_size=LARGEST_MESSAGE,
        ws_ping_interval=_PING_SECONDS,
        ws_ping_timeout=None,
        ws_per_message_deflate=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        # URLs of sockets hold tokens, and uvicorn logs URLs on the level below.
        access_log=False,
        log_config=None,
        log_level="warning",
        timeout_keep_alive=limits.idle_seconds,
        timeout_graceful_shutdown=max(1, round(drain_seconds)),
        lifespan="on",
        backlog=limits.backlog,
    )
    config.callers = Callers(limits, app.state.capturing)
    return GatewayServer(config, spool)


def set_up_log() -> None:
    """One line for each event on standard error; libraries that log URLs or headers log only warnings."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("httpx", "httpcore", "websockets", "uvicorn", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)


def stop_on_signals(server: GatewayServer) -> None:
    """Let SIGTERM and SIGINT end the server from now on, even before it runs; running calls get their time."""

    # uvicorn has its own handlers while it runs, and raises the signal again when it is done, which would end the
    # process.
    def stop(*_: object) -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
