"""Sockets: opened at Corti when the caller opens them here, with messages both ways, and closed with the same code and
reason.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import dataclass

from starlette.types import Message, Receive, Scope, Send
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import CloseCode
from websockets.http11 import Response
from websockets.typing import Subprotocol

from ingest.capture.gateway.capturing import Capturing
from ingest.capture.gateway.headers import STATUSES, Headers, Owner, passed_on, query_without_owner, without_owner
from ingest.capture.gateway.upstreams import Target, Upstreams
from ingest.capture.json_bodies import read_json
from ingest.capture.socket_tap import SocketTap

LARGEST_MESSAGE = 128 * 1024 * 1024
"""The longest message that passes, in bytes, in both directions."""

_PING_SECONDS = 20.0
_CLOSING_SECONDS = 10.0
_RESTARTING = 1012
_END = "end"
_LONGEST_END = 1024


class _Connect(connect):
    """websockets' client without redirects: the caller gets them."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Never follow."""
        return exc


@dataclass(frozen=True)
class Sockets:
    """The ASGI application for WebSocket. `tls` verifies the upstream; `open_seconds` bounds the handshake.

    `linger_seconds` is how long to wait for the cost of a session after its caller has left.
    """

    upstreams: Upstreams
    capturing: Capturing
    tls: ssl.SSLContext
    linger_seconds: float
    open_seconds: float = 30.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one socket on."""
        counts = self.capturing.counts
        counts.sockets += 1
        counts.open_sockets += 1
        try:
            await receive()  # websocket.connect
            target = self.upstreams.socket(scope["raw_path"])
            if target is None:
                await _refuse(send, 404)
            else:
                await self._pass_on(scope, receive, send, target)
        finally:
            counts.open_sockets -= 1

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send, target: Target) -> None:
        owner = Owner()
        try:
            upstream = await self._open(scope, target, owner)
        except InvalidStatus as refusal:
            await _refuse_as(send, refusal.response)
            return
        except Exception as error:
            self.capturing.counts.upstream_errors += 1
            await _refuse(send, 504 if isinstance(error, TimeoutError) else 502)
            return
        tap = self.capturing.tap(scope["raw_path"].decode("latin-1"), self.capturing.begin(owner))
        assert upstream.response is not None
        answered = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in _raw(upstream.response)]
        accept: Message = {"type": "websocket.accept", "headers": passed_on(answered, handshake=True)}
        conversation = _Conversation(upstream, receive, send, self.capturing, tap)
        try:
            await send({**accept, "subprotocol": upstream.subprotocol})
            await conversation.run(self.linger_seconds)
        except asyncio.CancelledError:
            # The server stops and the time for running calls is over; nothing waits for this task's end.
            conversation.over()
            with contextlib.suppress(Exception):
                await send({"type": "websocket.close", "code": _RESTARTING, "reason": ""})
                await asyncio.wait_for(upstream.close(_RESTARTING), 1)
        finally:
            conversation.over()
            upstream.transport.abort()

    async def _open(self, scope: Scope, target: Target, owner: Owner) -> ClientConnection:
        headers = without_owner(passed_on(scope["headers"], handshake=True), owner)
        query = query_without_owner(scope["query_string"], owner)
        url = target.origin + (target.path + (b"?" + query if query else b"")).decode("latin-1")
        return await _Connect(
            url,
            additional_headers=[
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in headers if name != b"host"
            ],
            subprotocols=[Subprotocol(word) for word in scope["subprotocols"]] or None,
            user_agent_header=None,
            compression=None,
            proxy=None,
            ssl=self.tls if target.origin.startswith("wss:") else None,
            open_timeout=self.open_seconds,
            ping_interval=_PING_SECONDS,
            ping_timeout=None,
            close_timeout=_CLOSING_SECONDS,
            max_size=LARGEST_MESSAGE,
        )


@dataclass
class _Conversation:
    """One socket: both directions until one side ends; then the other side is ended in the same way."""

    upstream: ClientConnection
    receive: Receive
    send: Send
    capturing: Capturing
    tap: SocketTap | None
    spoken: bool = False
    """Whether a message of the caller has gone to Corti."""
    costly: bool = False
    """Whether one of them was audio, or the request to end the session."""
    caller_listens: bool = True

    def over(self) -> None:
        """Write the session's record, once. If the caller never sent anything, nothing was charged."""
        if self.spoken:
            self.capturing.hung_up(self.tap)

    async def run(self, linger_seconds: float) -> None:
        """Pass messages on. When the caller has left, Corti has this long to report the cost of the session."""
        from_server = asyncio.ensure_future(self._from_server())
        from_client = asyncio.ensure_future(self._from_client())
        try:
            await asyncio.wait((from_server, from_client), return_when=asyncio.FIRST_COMPLETED)
            if from_client.done() and not from_server.done() and (left := from_client.result()) is not None:
                self.caller_listens = False
                if self.costly and self.tap is not None and self.tap.may_tell:
                    await asyncio.wait((from_server,), timeout=linger_seconds)
                # The server may still send the usage before it closes; the tap reads it.
                await _close_upstream(self.upstream, left)
                await asyncio.wait((from_server,), timeout=_CLOSING_SECONDS)
                return
            await asyncio.wait((from_server,))
            self.over()
            if (closed := self.upstream.protocol.close_rcvd) is not None:
                code = None if closed.code == CloseCode.NO_STATUS_RCVD else int(closed.code)
                await self.send({"type": "websocket.close", "code": code, "reason": closed.reason})
            # Without a close frame from Corti the caller gets none: the server drops a socket that is left open.
        finally:
            for task in (from_server, from_client):
                task.cancel()
            await asyncio.gather(from_server, from_client, return_exceptions=True)

    async def _from_server(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            while self.caller_listens or self.tap is None or self.tap.may_tell:
                message = await self.upstream.recv()
                self.capturing.heard(self.tap, message)
                if self.caller_listens:
                    word = "text" if isinstance(message, str) else "bytes"
                    try:
                        await self.send({"type": "websocket.send", word: message})
                    except Exception:
                        self.caller_listens = False

    async def _from_client(self) -> Message | None:
        """Pass messages on until the caller leaves; return how it left, or None if the server left."""
        while True:
            message = await self.receive()
            if message["type"] == "websocket.disconnect":
                return message
            text = message.get("text")
            self.spoken = True
            self.costly = self.costly or text is None or _ends(text)
            try:
                await self.upstream.send(message["bytes"] if text is None else text)
            except ConnectionClosed:
                return None


def _ends(text: str) -> bool:
    """Whether a caller's message asks for the session's end."""
    if len(text) > _LONGEST_END or _END not in text.lower():
        return False
    message = read_json(text.encode("utf-8", "replace"))
    word = message.get("type") if isinstance(message, dict) else None
    return isinstance(word, str) and word.lower() == _END


async def _close_upstream(upstream: ClientConnection, left: Message) -> None:
    code, reason = left.get("code"), left.get("reason") or ""
    if code == CloseCode.ABNORMAL_CLOSURE:
        upstream.transport.abort()
    elif code in (None, CloseCode.NO_STATUS_RCVD):
        async with upstream.send_context():
            upstream.protocol.send_close()
    else:
        await upstream.close(code, reason)


def _raw(response: Response) -> list[tuple[str, str]]:
    return list(response.headers.raw_items())


async def _refuse_as(send: Send, response: Response) -> None:
    """Refuse the handshake as Corti did: its status, headers and body."""
    if response.status_code not in STATUSES:
        await _refuse(send, 502)
        return
    given: Headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in _raw(response)]
    # The server gives the length of the body, since Corti's may come together with `Transfer-Encoding`.
    headers = [(name, value) for name, value in passed_on(given, handshake=True) if name.lower() != b"content-length"]
    await send({"type": "websocket.http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": bytes(response.body or b"")})


async def _refuse(send: Send, status: int) -> None:
    await send({"type": "websocket.http.response.start", "status": status, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b""})
