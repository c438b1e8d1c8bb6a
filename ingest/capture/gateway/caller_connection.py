"""A caller's HTTP connection, with limits that uvicorn's own connection does not have."""

from __future__ import annotations

import asyncio
import http
import json
from dataclasses import dataclass, field

import httptools
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from ingest.capture.gateway.caller_limits import CallerLimits
from ingest.capture.gateway.capturing import Capturing
from ingest.capture.gateway.headers import passed_on, value_of
from ingest.capture.gateway.own_pages import OWN_PAGES

_CLOSING_SECONDS = 2.0
"""How long a refused caller may take to read the answer; what it still sends meanwhile is discarded."""
_FRAMING = (b"transfer-encoding", b"content-length")
_HEAD, _BODY, _QUIET = "head", "body", "quiet"


@dataclass
class Callers:
    """What all connections of callers share. `reserved` are the connections beyond the limit, the oldest first."""

    limits: CallerLimits
    capturing: Capturing
    reserved: dict[CallerConnection, None] = field(default_factory=dict)


class StalledCaller:
    """Closes the connection of a caller that has read nothing of its waiting answer for `seconds`, since that blocks
    Corti's answer.
    """

    def __init__(self, transport: asyncio.Transport, capturing: Capturing, seconds: float) -> None:
        self._transport = transport
        self._capturing = capturing
        self._seconds = seconds
        self._waiting = 0
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Note that the caller does not read: no more is written."""
        self.end()
        self._waiting = self._transport.get_write_buffer_size()
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._look)

    def end(self) -> None:
        """Note that the caller has read, or has gone."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        if self._transport.get_write_buffer_size() < self._waiting:
            self.begin()
        else:
            self._capturing.refused("reads nothing")
            self._transport.abort()


class GatewayConfig(uvicorn.Config):
    """uvicorn's settings, and what its connections need from the gateway."""

    callers: Callers


class _RefusedError(Exception):
    """A request is refused; the status is stored separately."""


class CallerConnection(HttpToolsProtocol):
    """Refuses requests that are too large, too slow or ambiguous before the application sees them.

    A head has limits of time, size and number of fields; bodies in both directions have a limit of time between two
    bytes. Beyond the most connections only the gateway's own pages are answered. After a refusal the caller's data are
    read and discarded for a moment, because otherwise the system would discard the refusal.
    """

    config: GatewayConfig

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start waiting for a request's head."""
        super().connection_made(transport)
        self._callers = self.config.callers
        self._limits = self._callers.limits
        self._refusal: int | None = None
        self._refused = False
        self._head_bytes = self._fields = 0
        self.last_byte = self.loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self._stalled = StalledCaller(transport, self._callers.capturing, self._limits.body_idle_seconds)
        self._begin_head()
        self._reserved = self._full() and not self._made_room()
        if self._reserved:
            self._start_timer(self._limits.reserved_head_seconds)
            reserved = self._callers.reserved
            if len(reserved) >= self._limits.reserved:
                next(iter(reserved)).refuse_for_room()
            reserved[self] = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_timer()
        self._stalled.end()
        self._callers.reserved.pop(self, None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes of a request; bytes of a head are counted."""
        if self._refused or self.parser is None:
            return
        self._unset_keepalive_if_required()
        self.last_byte = self.loop.time()
        if self._stage == _QUIET and (self.cycle is None or self.cycle.response_complete):
            self._begin_head()
        began_as_head = self._stage == _HEAD
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self.refuse(self._refusal or 400)
            return
        except httptools.HttpParserUpgrade as upgrade:
            if self._should_upgrade():
                self.handle_websocket_upgrade()
            else:
                self._go_on_without_upgrade(data[upgrade.args[0] :])
            return
        if self._stage == _HEAD and began_as_head:
            self._head_bytes += len(data)
            if self._head_bytes > self._limits.head_bytes:
                self.refuse(431)
        elif self._stage == _BODY and self._timer is None:
            self._start_timer(self._limits.body_idle_seconds)

    def pause_writing(self) -> None:
        """Note that the caller reads more slowly than Corti answers."""
        super().pause_writing()
        self._stalled.begin()

    def resume_writing(self) -> None:
        """Note that the caller has read."""
        self._stalled.end()
        super().resume_writing()

    def on_message_begin(self) -> None:
        """Take a request's first byte."""
        super().on_message_begin()
        self._head_size = self._fields = 0
        if self._stage != _HEAD:
            self._begin_head()

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request's target."""
        self._grow(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field of the head; fields after a body (trailers) are left out."""
        self._fields += 1
        self._grow(len(name) + len(value) + 4)
        if self._fields > self._limits.head_fields:
            self._refuse_request(431)
        if self._stage == _HEAD:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is complete: accept or refuse the request."""
        self._stage = _BODY
        self._head_bytes = 0
        self._stop_timer()
        assert self.parser is not None
        coding = value_of(self.headers, b"transfer-encoding")
        chunked = (
            coding is not None and coding.strip().lower() == b"chunked" and self.parser.get_http_version() == "1.1"
        )
        if (coding is not None and not chunked) or sum(name == b"host" for name, _ in self.headers) > 1:
            self._refuse_request(400)
        if self.parser.get_method() == b"CONNECT":
            self._refuse_request(405)
        if self._reserved and not self._full():
            self._reserved = False
            self._callers.reserved.pop(self, None)
        if self._reserved and self.url.partition(b"?")[0] not in OWN_PAGES:
            self._refuse_request(503)
        if not self._wants_other_protocol():
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is complete."""
        if self._wants_other_protocol():
            return
        self._stage = _QUIET
        self._stop_timer()
        super().on_message_complete()

    def _wants_other_protocol(self) -> bool:
        assert self.parser is not None
        return self.parser.should_upgrade() and not self._should_upgrade()

    def _go_on_without_upgrade(self, rest: bytes) -> None:
        """Read a request again without its `Upgrade` to another protocol (`h2c`), at which the parser stops."""
        assert self.parser is not None
        line = b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        fields = [b"%s: %s" % field for field in passed_on(self.headers) if field[0] not in _FRAMING]
        fields += [b"%s: %s" % field for field in self.headers if field[0] in _FRAMING]
        if b"close" in (value_of(self.headers, b"connection") or b"").lower():
            fields.append(b"connection: close")
        self.parser = httptools.HttpRequestParser(self)
        self._begin_head()
        self.data_received(b"\r\n".join((line, *fields, b"", b"")) + rest)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGIApp) -> None:  # type: ignore[override]
        if self._reserved:
            cycle.keep_alive = False
        super()._start_asgi_task(cycle, app)  # pyright: ignore[reportArgumentType]

    def refuse(self, status: int) -> None:
        """Answer with a refusal of the gateway's own, and close."""
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        self._stop_timer()
        phrase = http.HTTPStatus(status).phrase
        self._callers.capturing.refused(phrase)
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            if self.cycle.response_started or self.pipeline:
                self.transport.close()
                return
        body = json.dumps({"error": {"source": "credits-gateway", "message": phrase}}).encode()
        head = f"HTTP/1.1 {status} {phrase}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
        again = "retry-after: 1\r\n" if status == http.HTTPStatus.SERVICE_UNAVAILABLE else ""
        self.transport.write(f"{head}{again}connection: close\r\n\r\n".encode() + body)
        self.flow.resume_reading()
        self.transport.write_eof()
        self._timer = self.loop.call_later(_CLOSING_SECONDS, self.transport.abort)

    def refuse_for_room(self) -> None:
        """Close the connection at once: another one needs its place."""
        self._callers.reserved.pop(self, None)
        self._callers.capturing.refused("no connection is free")
        self.transport.abort()

    def idle_before(self, time: float) -> bool:
        """Whether the connection has been idle since then, on the loop's clock."""
        waits = self.cycle is None or self.cycle.response_complete
        return waits and not self._head_bytes and self.last_byte < time and not self.transport.is_closing()

    def _full(self) -> bool:
        return max(len(self.connections), len(self.tasks)) > self._limits.connections

    def _made_room(self) -> bool:
        """Close the connection that has been idle for the longest time, if there is one."""
        if len(self.tasks) > self._limits.connections:
            return False
        since = self.loop.time() - self._limits.room_seconds
        idle = [one for one in self.connections if isinstance(one, CallerConnection) and one.idle_before(since)]
        if idle:
            min(idle, key=lambda one: one.last_byte).transport.close()
        return bool(idle)

    def _refuse_request(self, status: int) -> None:
        """Stop the parser, from within one of its callbacks."""
        self._refusal = status
        raise _RefusedError

    def _grow(self, size: int) -> None:
        self._head_size += size
        if self._head_size > self._limits.head_bytes:
            self._refuse_request(431)

    def _begin_head(self) -> None:
        self._stage = _HEAD
        self._head_bytes = self._head_size = 0
        self._start_timer(self._limits.head_seconds)

    def _start_timer(self, seconds: float) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(seconds, self._look_at_time)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_at_time(self) -> None:
        """The time is over, unless the gateway keeps the caller waiting, or bytes of a body have come."""
        self._timer = None
        if self.transport.is_closing():
            return
        answering = self.cycle is not None and not self.cycle.response_complete
        if self.flow.read_paused or (answering and self._stage == _HEAD):
            self.last_byte = self.loop.time()
            self._start_timer(self._limits.body_idle_seconds)
            return
        left = self._limits.body_idle_seconds - (self.loop.time() - self.last_byte)
        if self._stage == _BODY and left > 0:
            self._start_timer(left)
        elif self._stage == _HEAD and not self._head_bytes:
            self._callers.capturing.refused("silence")
            self.transport.close()
        else:
            self.refuse(408)
