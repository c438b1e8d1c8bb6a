"""`credits simulate`."""

from __future__ import annotations

from collections.abc import Callable

from ingest.listening import address_of, listening
from ingest.simulator.app import create_app
from ingest.simulator.serving import server_for
from ingest.simulator.state import Simulator


def run_simulator(show: Callable[[str], None], *, listen: str, seed: int, processing_seconds: float) -> None:
    """Serve a simulated Corti on `listen` (`host:port`) until it is interrupted or terminated.

    Raises:
        CreditsError: `listen` is not an address, or can't be used.
    """
    listener, address = listening(address_of(listen))
    with listener:
        server = server_for(create_app(Simulator(seed=seed, processing_seconds=processing_seconds)))
        show(
            f"simulator: http://{address} (/v2, /audio-bridge/v2, /realms, /agents, /v1, /anthropic, "
            "/functions/v1/public); GET /_ledger says what it charged, POST /_faults arms a fault"
        )
        server.run(sockets=[listener])
