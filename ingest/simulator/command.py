"""`credits simulate`."""

from __future__ import annotations

from collections.abc import Callable

from ingest.errors import SettingsError
from ingest.simulator.app import create_app
from ingest.simulator.serving import server_for
from ingest.simulator.state import Simulator


def run_simulator(show: Callable[[str], None], *, listen: str, seed: int, processing_seconds: float) -> None:
    """Serve a simulated Corti on `listen` (`host:port`) until it is interrupted or terminated.

    Raises:
        SettingsError: `listen` is no address.
    """
    host, _, port = listen.rpartition(":")
    if not port.isascii() or not port.isdigit():
        raise SettingsError(f"--listen is {listen!r}: give HOST:PORT, such as 127.0.0.1:8791.")
    simulator = Simulator(seed=seed, processing_seconds=processing_seconds)
    show(
        f"simulator: http://{listen} (/v2, /audio-bridge/v2, /realms, /agents); "
        "GET /_ledger says what it charged, POST /_faults arms a fault"
    )
    server_for(create_app(simulator), host.strip("[]") or "127.0.0.1", int(port)).run()
