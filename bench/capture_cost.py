"""Measures the time that capture adds to a call, and how fast the spool takes records. Prints one JSON line.

Calls go through `httpx.Client` with a transport that answers from memory, alternating with and without
`CaptureTransport`. The cost is the time in the transport and in reading the body with capture, minus the median of the
same without.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from ingest.capture.recognition import usage_records
from ingest.capture.spool import Spool
from ingest.capture.transport import CaptureTransport
from ingest.contract.call import CallContext

CALLS = 20_000
APPENDS = 200_000
URL = "https://api.eu.corti.app/v2/interactions/f3a1b2c4-d5e6-4f70-8192-a3b4c5d6e7f8/transcripts/"
LARGE_CALLS = 300


def body(utterances: int) -> bytes:
    """A transcript with this number of utterances of 60 bytes."""
    said = {"channel": 0, "participant": 0, "speakerId": -1, "text": "synthetic words " * 4, "start": 0, "end": 1850}
    transcript = {
        "id": "5b0f6a52-3c1e-4d0a-9a55-0d6f3c9e1a01",
        "recordingId": "9d1c2b3a-4e5f-4a6b-8c7d-0e1f2a3b4c5d",
        "status": "completed",
        "metadata": {"participantsRoles": [{"channel": 0, "role": "doctor"}]},
        "transcripts": [said] * utterances,
        "usageInfo": {"creditsConsumed": 0.3475},
    }
    return json.dumps(transcript).encode()


class Answer(httpx.SyncByteStream):
    """A body in one chunk."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        yield self._body


class Memory(httpx.BaseTransport):
    """Answers every call at once."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(self._body)).encode()),
            (b"date", b"Mon, 02 Mar 2026 09:14:07 GMT"),
        ]
        return httpx.Response(201, headers=headers, stream=Answer(self._body))


def times_of_calls(transports: tuple[httpx.BaseTransport, ...], calls: int) -> tuple[list[float], ...]:
    """Microseconds in each transport, for alternating calls; the first tenth is not counted."""
    request = httpx.Request("POST", URL, json={"recordingId": "x"}, headers={"Tenant-Name": "demo"})
    taken: tuple[list[float], ...] = tuple([] for _ in transports)
    for call in range(calls + calls // 10):
        for transport, times in zip(transports, taken, strict=True):
            begun = time.perf_counter_ns()
            response = transport.handle_request(request)
            response.read()
            response.close()
            spent = time.perf_counter_ns() - begun
            if call >= calls // 10:
                times.append(spent / 1000)
    return taken


def appends_per_second(landing: Path, threads: int) -> float:
    """How many records per second the spool takes from this many threads."""
    context = CallContext.mint(environment="eu", corti_tenant="demo")
    [record] = usage_records("POST", URL.partition(".app")[2], 201, {}, body(1), context)
    spool = Spool(landing, name=f"bench{threads}")

    def run() -> None:
        for _ in range(APPENDS // threads):
            spool.append(record)

    workers = [threading.Thread(target=run) for _ in range(threads)]
    begun = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    spent = time.perf_counter() - begun
    spool.close()
    assert spool.health().appended == APPENDS
    return APPENDS / spent


def at(share: float, values: list[float]) -> float:
    """The value below which this share of the values is."""
    return sorted(values)[int(share * len(values))]


def main() -> None:
    """Measure, and print one JSON line."""
    home = Path(tempfile.mkdtemp(prefix="capture-cost-", dir=os.environ.get("CREDITS_HOME")))
    try:
        spool = Spool(home / "landing")
        small, large = Memory(body(1)), Memory(body(700))
        bare, captured = times_of_calls((small, CaptureTransport(small, spool)), CALLS)
        large_bare, large_captured = times_of_calls((large, CaptureTransport(large, spool)), LARGE_CALLS)
        spool.close()
        assert spool.health().appended == (CALLS + LARGE_CALLS) * 11 // 10
        base = at(0.5, bare)
        said = {
            "bare_p50_us": base,
            "added_p50_us": at(0.5, captured) - base,
            "added_p99_us": at(0.99, captured) - base,
            "bare_p99_us": at(0.99, bare),
            "large_body_kB": len(body(700)) / 1000,
            "large_body_added_p50_us": at(0.5, large_captured) - at(0.5, large_bare),
            "appends_per_second_1_thread": appends_per_second(home / "landing", 1),
            "appends_per_second_8_threads": appends_per_second(home / "landing", 8),
        }
    finally:
        shutil.rmtree(home)
    print(json.dumps({name: round(value, 1) for name, value in said.items()}))


if __name__ == "__main__":
    main()
