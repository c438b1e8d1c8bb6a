"""Serves the simulated Corti: in a thread of this process, or as its own process."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from ingest.listening import Address, listening
from ingest.simulator.app import create_app
from ingest.simulator.state import Simulator

LARGEST_MESSAGE = 128 * 1024 * 1024
_IDLE_SECONDS = 60
"""After which an idle connection is closed, as load balancers do."""


@dataclass(frozen=True)
class Served:
    """A running server and its address."""

    host: str
    port: int

    @property
    def http(self) -> str:
        """`http://host:port`."""
        return f"http://{self.host}:{self.port}"

    @property
    def ws(self) -> str:
        """`ws://host:port`."""
        return f"ws://{self.host}:{self.port}"


def server_for(app: ASGIApp) -> uvicorn.Server:
    """A server that logs no URLs, because URLs of sockets contain tokens."""
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
        lifespan="off",
        ws_max_size=LARGEST_MESSAGE,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


@contextlib.contextmanager
def running(server: uvicorn.Server) -> Iterator[Served]:
    """Run a server on a free port of loopback, in its own thread, until the block ends."""
    listener, address = listening(Address("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    with listener:
        thread.start()
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError("the server ended before it listened")
            time.sleep(0.005)
        try:
            yield Served(address.host, address.port)
        finally:
            server.should_exit = True
            thread.join()


@contextlib.contextmanager
def serving(app: ASGIApp) -> Iterator[Served]:
    """Serve an application on a free port of loopback, until the block ends."""
    with running(server_for(app)) as served:
        yield served


@contextlib.contextmanager
def simulated(simulator: Simulator) -> Iterator[Served]:
    """Serve a simulator on a free port of loopback, until the block ends."""
    with serving(create_app(simulator)) as served:
        yield served
