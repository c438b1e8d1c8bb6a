"""A server on loopback that answers each call as the test says."""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import brotli
import zstandard

PACKED = {
    "": bytes,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstandard.compress,
    "br": brotli.compress,
    "br, gzip": lambda body: gzip.compress(brotli.compress(body)),
}


@dataclass
class Answer:
    """One answer. `after` says what becomes of the connection: it is kept, cut in the middle of the body, or silent.

    `seconds` is how long it takes.
    """

    status: int = 201
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    coding: str = ""
    after: str = "keep"
    chunked: bool = False
    seconds: float = 0


def json_answer(body: object, status: int = 201, **options: str) -> Answer:
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/json"}, **options)  # pyright: ignore[reportArgumentType]


@dataclass
class LoopbackCorti:
    """Gives its answers one after the other, the last one again and again; keeps what was asked."""

    base: str
    answers: list[Answer]
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)

    def next_answer(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    corti: LoopbackCorti

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.corti.asked.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
        answer = self.corti.next_answer()
        if answer.after == "silent":
            self.corti.release.wait(20)
            self.close_connection = True
            return
        self.corti.release.wait(answer.seconds)
        body = PACKED[answer.coding](answer.body)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.coding:
            self.send_header("Content-Encoding", answer.coding)
        if answer.chunked:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            size = max(7, len(body) // 8)
            for at in range(0, len(body), size):
                part = body[at : at + size]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            self.wfile.write(b"0\r\n\r\n")
            return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if answer.after == "cut":
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            return
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = do_DELETE = _answer

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output clean."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is what some tests are about."""


@contextmanager
def loopback_corti(*answers: Answer) -> Iterator[LoopbackCorti]:
    """Serve on a free port of loopback."""
    handler = type("Handler", (_Handler,), {})
    with _Server(("127.0.0.1", 0), handler) as server:
        corti = LoopbackCorti(f"http://127.0.0.1:{server.server_address[1]}", list(answers))
        handler.corti = corti
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield corti
        finally:
            corti.release.set()
            server.shutdown()
            thread.join()
