from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from ingest.object_storage import open_storage
from ingest.settings import CHECKOUT
from ingest.simulator.serving import Served
from tests.ingest.capture.gateways import Process, gateway_process
from tests.objects.servers import Place

pytestmark = pytest.mark.objects
CALLS = 10_000
THREADS_EACH = 4


@contextmanager
def upstream() -> Iterator[Served]:
    popen = subprocess.Popen(
        [sys.executable, "-m", "tests.objects.upstream"], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert popen.stdout
        yield Served("127.0.0.1", int(popen.stdout.readline()))
    finally:
        popen.kill()
        popen.communicate()


class Callers:
    """Threads that call through gateways until all calls were answered. `answered` has the figure of each answer."""

    def __init__(self, calls: int, gateways: list[Process]) -> None:
        self.answered: list[str] = []
        self.gateways = gateways
        self._left = calls
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._call, args=(place,))
            for place in range(len(gateways))
            for _ in range(THREADS_EACH)
        ]

    def __enter__(self) -> Callers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for thread in self._threads:
            thread.join()

    def _call(self, place: int) -> None:
        connection: HTTPConnection | None = None
        while True:
            with self._lock:
                if self._left <= 0:
                    return
                self._left -= 1
            served = self.gateways[place].served
            try:
                if connection is None or connection.port != served.port:
                    connection = HTTPConnection(served.host, served.port, timeout=30)
                headers = {"Authorization": "Bearer x", "Tenant-Name": "acme", "Content-Type": "application/json"}
                connection.request("POST", "/v2/tools/coding/", b"{}", headers)
                answer = connection.getresponse()
                body = answer.read()
                assert answer.status == 200
                figure = json.loads(body)["usageInfo"]["creditsConsumed"]
                self.answered.append(f"{figure:.6f}")
            except (OSError, HTTPException):
                connection = None
                with self._lock:
                    self._left += 1
                time.sleep(0.05)


def recorded(url: str) -> list[str]:
    storage = open_storage(url)
    return [
        f"{json.loads(line)['creditsConsumed']:.6f}"
        for entry in storage.list("usage_records")
        for line in storage.read(entry.key)[0].splitlines()
    ]


def test_three_gateways_one_of_them_killed_lose_and_double_no_call(place: Place, tmp_path: Path) -> None:
    url = place.new()
    writes: list[str] = []

    def spoil(method: str, path: str) -> str | None:  # a network that loses an answer now and then
        if method != "PUT":
            return None
        writes.append(path)
        return {3: "lose", 6: "conflict"}.get(len(writes) % 10)

    place.proxy.spoil = spoil
    options = ("--landing", url, "--rotate-seconds", "0.5")
    homes = [tmp_path / f"host{n}" for n in range(3)]
    began = time.monotonic()
    with (
        upstream() as corti,
        gateway_process(corti, homes[0], *options, "--host", "host0") as first,
        gateway_process(corti, homes[1], *options, "--host", "host1") as second,
        gateway_process(corti, homes[2], *options, "--host", "host2") as third,
    ):
        gateways = [first, second, third]
        with Callers(CALLS, gateways) as callers:
            while len(callers.answered) < CALLS * 0.4:
                time.sleep(0.05)
            os.kill(second.popen.pid, signal.SIGKILL)
            second.popen.wait()
            with gateway_process(corti, homes[1], *options, "--host", "host1") as again:
                gateways[1] = again
                while len(callers.answered) < CALLS:
                    time.sleep(0.05)
                seconds = time.monotonic() - began
                assert [gateway.stop() for gateway in (first, again, third)] == [0, 0, 0]
    place.proxy.spoil = lambda method, path: None
    figures = Counter(recorded(url))
    lost = [figure for figure in callers.answered if not figures[figure]]
    doubled = [figure for figure, count in figures.items() if count > 1]
    unsent = [path for home in homes for path in (home / "spool/usage_records").rglob("*.jsonl")]
    print(
        f"{place.name}: {len(callers.answered)} calls through 3 gateways in {seconds:.0f} s, one killed: {len(lost)} lost, "
        f"{len(doubled)} doubled; {len(open_storage(url).list('usage_records'))} objects"
    )
    assert len(callers.answered) == len(set(callers.answered)) == CALLS
    assert (lost, doubled, unsent) == ([], [], [])
    # The killed gateway may have recorded calls whose answers never came.
    assert len(figures) - CALLS < 3 * THREADS_EACH
