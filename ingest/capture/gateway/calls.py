"""HTTP calls are passed to Corti and back unchanged, with bodies as streams; capture gets a copy of small
JSON answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

import httpx
from starlette.types import Receive, Scope, Send

from ingest.capture import recognition
from ingest.capture.answer import Answer
from ingest.capture.gateway.capturing import Capturing
from ingest.capture.gateway.headers import (
    STATUSES,
    Headers,
    Owner,
    answered_with,
    only_readable,
    passed_on,
    value_of,
    without_owner,
)
from ingest.capture.gateway.upstreams import Target, Upstreams
from ingest.capture.gateway.watched_call import WatchedCall

_LEAVES = "send_request_headers.started"
"""The event with which httpcore says that it begins to send a request."""
_HELD_BYTES = 64 * 1024
"""How much of a billable call's body is read before the call goes to Corti: a short call is sent whole or not
at all.
"""


class _ClientGone(Exception):
    """The caller has hung up."""


@dataclass
class _Body(httpx.AsyncByteStream):
    """The request's body as the caller sends it; `over` is set when it has come completely."""

    receive: Receive
    over: asyncio.Event = field(default_factory=asyncio.Event)
    held: list[bytes] = field(default_factory=list)

    async def hold(self, size: int) -> None:
        """Wait for the whole body, or for this number of bytes of it.

        Raises:
            _ClientGone: the caller left before.
        """
        while not self.over.is_set() and sum(map(len, self.held)) < size:
            self.held.append(await self._next())

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self.held:
            yield self.held.pop(0)
        while not self.over.is_set():
            if piece := await self._next():
                yield piece

    async def _next(self) -> bytes:
        message = await self.receive()
        if message["type"] == "http.disconnect":
            raise _ClientGone
        if not message.get("more_body", False):
            self.over.set()
        return message.get("body", b"")


@dataclass(frozen=True)
class Calls:
    """The ASGI application for HTTP. `timeouts` are httpcore's, in seconds.

    `linger_seconds` is how long to wait for Corti's answer when the caller has hung up and the answer may contain the
    cost.
    """

    upstreams: Upstreams
    transport: httpx.AsyncBaseTransport
    capturing: Capturing
    timeouts: Mapping[str, float | None]
    linger_seconds: float

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one call on."""
        counts = self.capturing.counts
        counts.calls += 1
        counts.open_calls += 1
        try:
            target = self.upstreams.call(scope["raw_path"])
            if target is None:
                await _answer(send, 502, "no upstream was given for this path")
            else:
                await self._pass_on(scope, receive, send, target)
        finally:
            counts.open_calls -= 1

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send, target: Target) -> None:
        owner, body = Owner(), _Body(receive)
        request = _request(scope, target, owner, body)
        answer = Answer(scope["method"], scope["raw_path"].decode("latin-1"), owner.request_id)

        async def trace(event: str, _: object) -> None:
            if event.endswith(_LEAVES):
                answer.sent()

        request.extensions |= {"timeout": dict(self.timeouts), "trace": trace}
        if self.capturing.guarded("is_billable", lambda: recognition.is_billable(answer.method, answer.path), False):
            try:
                await body.hold(_HELD_BYTES)
            except _ClientGone:
                return
        call = WatchedCall(self.capturing, answer, self.capturing.begin(owner))
        relay = asyncio.ensure_future(self._relay(request, call, send))
        watch = asyncio.ensure_future(_hung_up(body))
        try:
            await asyncio.wait((relay, watch), return_when=asyncio.FIRST_COMPLETED)
            if not relay.done() and call.may_tell:
                call.abandoned = True
                await asyncio.wait((relay,), timeout=self.linger_seconds)
        finally:
            for task in (relay, watch):
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError, _ClientGone):
                await relay
            call.settle_now()

    async def _relay(self, request: httpx.Request, call: WatchedCall, send: Send) -> None:
        try:
            response = await self.transport.handle_async_request(request)
        except _ClientGone:
            raise
        except Exception as error:
            self.capturing.counts.upstream_errors += 1
            call.settle_now()
            timed_out = isinstance(error, httpx.TimeoutException)
            await _answer(send, 504 if timed_out else 502, f"upstream: {type(error).__name__}")
            return
        try:
            await self._relay_answer(response, call, send)
        finally:
            with contextlib.suppress(Exception):
                await response.aclose()

    async def _relay_answer(self, response: httpx.Response, call: WatchedCall, send: Send) -> None:
        status, headers = response.status_code, answered_with(response.status_code, response.headers.raw)
        call.answered(status, headers)
        if status not in STATUSES:
            self.capturing.counts.upstream_errors += 1
            call.settle_now()
            await _answer(send, 502, f"upstream: status {status}")
            return
        assert isinstance(response.stream, httpx.AsyncByteStream)
        try:
            await send({"type": "http.response.start", "status": status, "headers": headers})
            async for chunk in response.stream:
                await call.take(chunk)
                if call.abandoned and not call.may_tell:
                    return
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        except Exception:
            # The answer was cut off, so ours must be too. The server closes the connection if an answer has no end.
            self.capturing.counts.upstream_errors += 1
            return
        await call.ended()
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _request(scope: Scope, target: Target, owner: Owner, body: _Body) -> httpx.Request:
    given: Headers = scope["headers"]
    headers = [
        (name, target.authority if name == b"host" else value)
        for name, value in without_owner(passed_on(given), owner)
        # The server has already answered an `Expect: 100-continue`, by reading the body.
        if name != b"expect"
    ]
    headers = only_readable(headers)
    if value_of(headers, b"host") is None:
        headers.insert(0, (b"host", target.authority))
    if value_of(given, b"transfer-encoding"):
        headers.append((b"transfer-encoding", b"chunked"))
    elif (value_of(given, b"content-length") or b"0") == b"0":
        body.over.set()
    path = target.path + (b"?" + scope["query_string"] if scope["query_string"] else b"")
    return httpx.Request(
        scope["method"],
        target.origin,
        headers=headers,
        stream=body,
        extensions={"target": path},
    )


async def _hung_up(body: _Body) -> None:
    """Wait until the caller hangs up after it has sent its whole body."""
    await body.over.wait()
    while (await body.receive())["type"] != "http.disconnect":
        pass


async def _answer(send: Send, status: int, reason: str) -> None:
    """An answer of the gateway's own."""
    body = json.dumps({"error": {"source": "credits-gateway", "message": reason}}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
