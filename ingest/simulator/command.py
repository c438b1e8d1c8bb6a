"""`credits simulate`."""

from __future__ import annotations

from collections.abc import Callable

from ingest.simulator.app import create_app
from ingest.simulator.serving import server_for
from ingest.simulator.state import Simulator


def simulate(host: str, port: int, seed: int, processing_seconds: float, show: Callable[[str], None]) -> None:
    """Serve a simulated Corti until it is interrupted or terminated."""
    simulator = Simulator(seed=seed, processing_seconds=processing_seconds)
    show(
        f"a simulated Corti listens on http://{host}:{port}: /v2, /audio-bridge/v2, /realms, /agents; "
        "GET /_ledger says what it charged, POST /_faults arms a fault."
    )
    server_for(create_app(simulator), host, port).run()
