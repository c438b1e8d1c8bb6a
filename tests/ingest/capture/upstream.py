"""An upstream that answers in every way that HTTP knows, and that remembers what it saw."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import threading
from dataclasses import dataclass, field

from starlette.types import Message, Receive, Scope, Send

PIECE = bytes(range(256)) * 256
LARGE_PIECES = 2400
"""The piece that large bodies are made of, and how many of them make 150 MiB."""

Pairs = list[tuple[bytes, bytes]]


@dataclass
class Upstream:
    """An ASGI application. `cancelled` is set once a caller has left a call that waits; `waiting` once one does."""

    waiting: threading.Event = field(default_factory=threading.Event)
    cancelled: threading.Event = field(default_factory=threading.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the last word of the path says."""
        if scope["type"] == "websocket":
            await _refuse_or_echo(scope, receive, send)
            return
        word = scope["path"].rpartition("/")[2]
        match word:
            case "wait":
                await _body(receive)
                self.waiting.set()
                while (await receive())["type"] != "http.disconnect":
                    pass
                self.cancelled.set()
            case "silent":
                await asyncio.sleep(3)
                await _answer(send, 200, [], b"late")
            case _:
                await _ANSWERS.get(word, _echo)(scope, receive, send)


async def _body(receive: Receive) -> tuple[int, str, int]:
    """Length, hash and number of pieces of the request's body; nothing of it is kept."""
    size, digest, pieces = 0, hashlib.sha256(), 0
    while True:
        message = await receive()
        piece = message.get("body", b"")
        size, pieces = size + len(piece), pieces + 1
        digest.update(piece)
        if not message.get("more_body"):
            return size, digest.hexdigest(), pieces


async def _answer(send: Send, status: int, headers: Pairs, *bodies: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    for body in bodies:
        await send({"type": "http.response.body", "body": body, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    size, digest, _ = await _body(receive)
    seen = {
        "method": scope["method"],
        "path": scope["raw_path"].decode("latin-1"),
        "query": scope["query_string"].decode("latin-1"),
        "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]],
        "size": size,
        "sha256": digest,
    }
    body = json.dumps(seen).encode()
    length = (b"content-length", str(len(body)).encode())
    await _answer(
        send, 200, [(b"content-type", b"application/json"), length], b"" if scope["method"] == "HEAD" else body
    )


async def _gzipped(_: Scope, receive: Receive, send: Send) -> None:
    body = gzip.compress(b'{"usageInfo": {"creditsConsumed": 1.5}}' * 1000, mtime=0)
    headers = [(b"content-encoding", b"gzip"), (b"content-length", str(len(body)).encode()), (b"etag", b'"x"')]
    await _answer(send, 200, [*headers, (b"content-type", b"application/json")], body)


async def _empty(_: Scope, receive: Receive, send: Send) -> None:
    await _answer(send, 204, [(b"x-corti-retention-policy", b"acknowledged")])


async def _chunked(_: Scope, receive: Receive, send: Send) -> None:
    await _answer(send, 200, [(b"content-type", b"application/json")], b'{"a":', b"1", b"}")


async def _duplicates(_: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"set-cookie", b"a=1; Path=/"), (b"x-order", b"1"), (b"set-cookie", b"b=2"), (b"x-order", b"2")]
    await _answer(send, 200, [*headers, (b"content-length", b"2")], b"ok")


async def _redirect(_: Scope, receive: Receive, send: Send) -> None:
    await _answer(send, 307, [(b"location", b"/v2/echo"), (b"content-length", b"0")])


async def _teapot(_: Scope, receive: Receive, send: Send) -> None:
    await _answer(send, 418, [(b"content-length", b"5"), (b"www-authenticate", b"Bearer")], b"short")


async def _truncated(_: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})
    await send({"type": "http.response.body", "body": b"half", "more_body": True})


async def _large(_: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"content-length", str(LARGE_PIECES * len(PIECE)).encode()), (b"content-type", b"audio/wav")]
    await _answer(send, 200, headers, *(PIECE for _ in range(LARGE_PIECES)))


async def _refuse_or_echo(scope: Scope, receive: Receive, send: Send) -> None:
    """A socket: refused as the path's last word says (`refuse-401`), else every message comes back."""
    await receive()
    kind, _, rest = scope["path"].rpartition("/")[2].partition("-")
    if kind == "refuse":
        headers = [(b"content-type", b"text/plain"), (b"x-reason", b"token"), (b"location", b"/audio-bridge/v2/x")]
        await send({"type": "websocket.http.response.start", "status": int(rest), "headers": headers})
        await send({"type": "websocket.http.response.body", "body": b"not you"})
        return
    chosen = scope["subprotocols"][-1] if scope["subprotocols"] else None
    await send({"type": "websocket.accept", "subprotocol": chosen, "headers": [(b"set-cookie", b"s=1")]})
    if kind == "headers":
        seen = {
            "path": scope["raw_path"].decode(),
            "query": scope["query_string"].decode(),
            "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]],
        }
        await send({"type": "websocket.send", "text": json.dumps(seen)})
    elif kind == "close":
        await send({"type": "websocket.close", "code": int(rest) if rest else None, "reason": "why" if rest else ""})
        return
    elif kind == "drop":
        return
    await _echo_messages(receive, send)


async def _echo_messages(receive: Receive, send: Send) -> None:
    while True:
        message: Message = await receive()
        if message["type"] == "websocket.disconnect":
            LEFT.append((message["code"], message.get("reason")))
            return
        await send({"type": "websocket.send", "text": message.get("text"), "bytes": message.get("bytes")})


LEFT: list[tuple[int, str | None]] = []
"""How callers of echoing sockets have left: code and reason."""

_ANSWERS = {
    "gzipped": _gzipped,
    "empty": _empty,
    "chunked": _chunked,
    "duplicates": _duplicates,
    "redirect": _redirect,
    "teapot": _teapot,
    "truncated": _truncated,
    "large": _large,
}
