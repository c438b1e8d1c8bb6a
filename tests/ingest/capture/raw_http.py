"""Bytes on a connection that HTTP libraries would not send or answer."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Iterator

from ingest.simulator.serving import Served


def connected(at: Served, said: bytes = b"") -> socket.socket:
    caller = socket.create_connection((at.host, at.port), timeout=20)
    caller.sendall(said)
    return caller


def heard(caller: socket.socket) -> bytes:
    """All that the gateway says until it closes."""
    said = b""
    with contextlib.suppress(ConnectionError):
        while piece := caller.recv(65536):
            said += piece
    caller.close()
    return said


class Logged(logging.Handler):
    """The messages of the server's own loggers; some of them reach no other handler."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    @property
    def tracebacks(self) -> list[str]:
        """The messages that came with a traceback."""
        return [record.getMessage() for record in self.records if record.exc_info]


@contextlib.contextmanager
def logged() -> Iterator[Logged]:
    """Listen to the server's loggers until the block ends."""
    handler, loggers = Logged(), [logging.getLogger(name) for name in ("uvicorn.error", "asyncio", "websockets")]
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield handler
    finally:
        for logger in loggers:
            logger.removeHandler(handler)


def _hang_up(caller: socket.socket) -> None:
    """Close in order: closing with a part of the request unread would reset the connection, and lose the answer."""
    with contextlib.suppress(OSError):
        caller.shutdown(socket.SHUT_WR)
        caller.settimeout(5)
        while caller.recv(65536):
            pass


@contextlib.contextmanager
def answering(answer: bytes) -> Iterator[Served]:
    """A server that gives each request these bytes, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    with listener.accept()[0] as caller:
                        caller.recv(65536)
                        caller.sendall(answer)
                        _hang_up(caller)

        threading.Thread(target=serve, daemon=True).start()
        yield Served(*listener.getsockname())
        listener.shutdown(socket.SHUT_RDWR)
