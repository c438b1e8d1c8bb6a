"""A pull of many interactions from a simulated Corti: time, requests and peak memory.

Run `python -m bench.corti_pull 100000`. The simulator is a separate process; both use loopback only.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from multiprocessing.synchronize import Event
from pathlib import Path

from ingest.corti.accounts import Account
from ingest.corti.pull_settings import PullSettings
from ingest.corti.pulls import Pulls
from ingest.corti.summaries import PullSummary
from ingest.secret import Secret
from ingest.simulator.invention import at
from ingest.simulator.serving import simulated
from ingest.simulator.state import Interaction, Simulator, Transcript

_DAYS = 30


def populated(count: int) -> Simulator:
    """A simulator with this number of interactions over the last days; every tenth has a transcript."""
    simulator = Simulator(token_seconds=300)
    start = datetime.now(UTC) - timedelta(days=_DAYS)
    step = timedelta(days=_DAYS) / count
    for number in range(count):
        stamp, uuid = at(start + number * step), simulator.invention.uuid
        interaction = Interaction(uuid(), uuid(), {"status": "completed"}, stamp, stamp)
        if number % 10 == 0:
            transcript = Transcript(uuid(), uuid(), interaction.id, Decimal("0.1"), 0.0)
            interaction.transcripts[transcript.id] = transcript
        simulator.add_interaction(interaction)
    return simulator


def _serve(count: int, port: multiprocessing.Queue[int], over: Event) -> None:
    with simulated(populated(count)) as served:
        port.put(served.port)
        over.wait()


def _pull(base: str, landing: Path, repeat: bool) -> None:
    account = Account("bench", "eu", "acme", f"{base}/v2", f"{base}/realms", "client", Secret("secret"))
    pulls = Pulls([account], landing, PullSettings(page_size=100), lambda *_: None)
    for name in ("first", "second") if repeat else ("first",):
        began = time.monotonic()
        (summary,) = pulls.interactions(lambda *_: ())
        _tell(name, summary, time.monotonic() - began)


def _tell(name: str, summary: PullSummary, seconds: float) -> None:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name} pull: {summary.interactions} interactions, {summary.listed} listed, {summary.requests} requests, "
        f"{summary.days_failed} days failed, {seconds:.0f} s, {summary.requests / seconds:.0f} requests/s, "
        f"{most:.0f} MiB at most",
        flush=True,
    )


def main(count: int) -> None:
    """Serve and pull."""
    context = multiprocessing.get_context("spawn")
    port: multiprocessing.Queue[int] = context.Queue()
    over = context.Event()
    server = context.Process(target=_serve, args=(count, port, over), daemon=True)
    server.start()
    base = f"http://127.0.0.1:{port.get()}"
    try:
        with tempfile.TemporaryDirectory() as folder:
            puller = context.Process(target=_pull, args=(base, Path(folder) / "landing", True))
            puller.start()
            puller.join()
    finally:
        over.set()
        server.join()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
