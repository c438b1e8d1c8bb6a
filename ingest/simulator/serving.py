"""The simulated Corti on a socket: in this process beside other work, or as a process of its own."""

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


@dataclass(frozen=True)
class Served:
    """A server that runs: where it listens."""

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
    """A server that logs no URL: those of sockets hold tokens."""
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
        lifespan="off",
        ws_max_size=LARGEST_MESSAGE,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


@contextlib.contextmanager
def running(server: uvicorn.Server) -> Iterator[Served]:
    """Run a server on a free port of loopback, in a thread of its own, until the block ends."""
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
