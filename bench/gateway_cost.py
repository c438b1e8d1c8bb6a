"""`python -m bench.gateway_cost`: measures the time that the gateway adds to a call, and how many socket messages pass
it.

Upstream, gateway and measurement are separate processes on loopback. Calls go one after the other on one connection,
alternating direct and through the gateway. On the sockets each message of audio is answered with one of text; the
figure counts both. The last line of output is one JSON object: microseconds, and messages per second.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from http.client import HTTPConnection

from websockets.asyncio.client import connect

from bench.measuring import CHECKOUT, median

CALLS = 300
TURNS = 7
SOCKETS = 200
MESSAGES = 50
AUDIO = bytes(640)
PATH = "/v2/tools/coding/"
BODY = json.dumps({"context": [{"type": "text", "text": "a text " * 40}]}).encode()


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="credits-bench-") as home, _servers(home) as (direct, through):
        latencies: dict[str, list[float]] = {"direct": [], "through": []}
        _calls(through, 50)
        for _ in range(TURNS):
            latencies["direct"] += _calls(direct, CALLS)
            latencies["through"] += _calls(through, CALLS)
        rates: dict[str, list[float]] = {"direct": [], "through": []}
        for _ in range(3):
            rates["direct"].append(asyncio.run(_messages_per_second(direct)))
            rates["through"].append(asyncio.run(_messages_per_second(through)))
    figures = {
        f"{name}_{label}_us": round(_percentile(values, share) * 1e6)
        for name, values in latencies.items()
        for label, share in (("p50", 0.50), ("p99", 0.99))
    }
    figures |= {f"added_{p}_us": figures[f"through_{p}_us"] - figures[f"direct_{p}_us"] for p in ("p50", "p99")}
    figures |= {f"{name}_messages_per_second": round(median(values)) for name, values in rates.items()}
    print(json.dumps({"calls": CALLS * TURNS, "sockets": SOCKETS, **figures}))


@contextlib.contextmanager
def _servers(home: str) -> Iterator[tuple[int, int]]:
    """Ports of the upstream and of a gateway in front of it."""
    with _process("bench.gateway_upstream") as upstream:
        assert upstream.stdout
        direct = int(upstream.stdout.readline())
        urls = [f"--upstream-base=http://127.0.0.1:{direct}/v2", f"--upstream-wss=ws://127.0.0.1:{direct}"]
        arguments = ["gateway", "--listen", "127.0.0.1:0", *urls]
        with _process("orchestration.cli", *arguments, CREDITS_HOME=home) as gateway:
            assert gateway.stdout
            found = re.search(r":(\d+) ->", gateway.stdout.readline())
            assert found
            yield direct, int(found[1])


@contextlib.contextmanager
def _process(module: str, *arguments: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", module, *arguments],
        cwd=CHECKOUT,
        env={**environ, **settings},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate()


def _calls(port: int, count: int) -> list[float]:
    """Seconds of each of `count` calls on one connection."""
    connection = HTTPConnection("127.0.0.1", port)
    taken = []
    for _ in range(count):
        started = time.perf_counter()
        connection.request("POST", PATH, BODY, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        taken.append(time.perf_counter() - started)
        if answer.status != 200:
            raise RuntimeError(f"the call was answered with {answer.status}")
    connection.close()
    return taken


async def _messages_per_second(port: int) -> float:
    """Messages, both ways, of all sockets together."""
    ready, begin = asyncio.Barrier(SOCKETS + 1), asyncio.Event()

    async def one(number: int) -> None:
        url = f"ws://127.0.0.1:{port}/audio-bridge/v2/interactions/{number}/streams"
        async with connect(url, proxy=None, compression=None, open_timeout=60) as socket:
            await ready.wait()
            await begin.wait()
            for _ in range(MESSAGES):
                await socket.send(AUDIO)
                await socket.recv()

    tasks = [asyncio.create_task(one(number)) for number in range(SOCKETS)]
    await ready.wait()
    started = time.perf_counter()
    begin.set()
    await asyncio.gather(*tasks)
    return 2 * SOCKETS * MESSAGES / (time.perf_counter() - started)


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[int(share * (len(values) - 1))]


if __name__ == "__main__":
    main()
