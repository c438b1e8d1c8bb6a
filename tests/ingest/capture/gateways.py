"""A gateway in front of an upstream: in this process, or as the real command; and what it wrote."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from ingest.capture.gateway.app import create_app
from ingest.capture.gateway.serving import gateway_server
from ingest.capture.gateway.upstreams import Upstreams
from ingest.capture.spool import Spool
from ingest.settings import CHECKOUT
from ingest.simulator.serving import Served, running

Seen = tuple[int, list[tuple[str, str]], bytes]
"""An answer: the status, the headers except those of one connection, and the body as it came over the wire (chunks
joined).
"""

_OF_ONE_CONNECTION = ("date", "connection", "keep-alive", "transfer-encoding")


def upstreams_of(at: Served) -> Upstreams:
    """The base URLs of a server that has the paths of all of Corti's hosts."""
    return Upstreams(f"{at.http}/v2", f"{at.ws}/audio-bridge/v2", f"{at.http}/realms", at.http, "test", at.http)


@contextlib.contextmanager
def gateway_here(upstreams: Upstreams, spool: Spool, **options: Any) -> Iterator[Served]:
    """A gateway in a thread of this process. The spool is rotated when the block ends."""
    with running(gateway_server(create_app(upstreams, spool, **options), spool, drain_seconds=1)) as at:
        yield at
    spool.rotate()


@dataclass
class Process:
    """`credits gateway` as a process: where it listens, and all its output when it has ended."""

    popen: subprocess.Popen[str]
    served: Served
    home: Path
    said: list[str] = field(default_factory=list)

    def stop(self) -> int:
        """Send SIGTERM and wait; the exit code."""
        self.popen.send_signal(signal.SIGTERM)
        self.said.extend(self.popen.communicate(timeout=60))
        return self.popen.returncode

    @property
    def peak_kilobytes(self) -> int:
        """The most memory that it has had resident."""
        text = Path(f"/proc/{self.popen.pid}/status").read_text()
        return int(text.partition("VmHWM:")[2].split()[0])


@contextlib.contextmanager
def gateway_process(at: Served, home: Path, *more: str, open_files: int | None = None) -> Iterator[Process]:
    """The command in front of an upstream, on a home of its own; ended when the block ends.

    `open_files` is how many files it may open, if it may not open as many as this process.
    """
    within = ["sh", "-c", f'ulimit -n {open_files}; exec "$@"', "sh"] if open_files else []
    upstreams = upstreams_of(at)
    urls = {name: getattr(upstreams, name) for name in ("base", "wss", "login", "agents", "models")}
    arguments = ["gateway", "--listen", "127.0.0.1:0", "--environment-name", "test"]
    arguments += [part for name, url in urls.items() for part in (f"--upstream-{name}", str(url))]
    popen = subprocess.Popen(
        [*within, sys.executable, "-m", "orchestration.cli", *arguments, *more],
        cwd=CHECKOUT,
        env={**os.environ, "CREDITS_HOME": str(home), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert popen.stdout
        lines: list[str] = []
        while not (found := re.search(r"gateway: http://([^: ]+):(\d+)", lines[-1] if lines else "")):
            lines.append(popen.stdout.readline())
            assert lines[-1], popen.stderr.read() if popen.stderr else ""
        yield Process(popen, Served(found[1].replace("0.0.0.0", "127.0.0.1"), int(found[2])), home, lines)
    finally:
        if popen.poll() is None:
            popen.kill()
        popen.communicate()


def landed(home: Path) -> list[dict[str, Any]]:
    """All records in landing, with their numbers as exact decimals; files that are still growing don't count."""
    folder = home / "landing" / "usage_records"
    files = [path for path in folder.glob("*.jsonl") if not path.name.startswith((".", "_"))]
    lines = [line for path in sorted(files) for line in path.read_text().splitlines()]
    return [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in lines]


def asked(at: Served, method: str, path: str, headers: list[tuple[str, str]] | None = None, body: bytes = b"") -> Seen:
    """Send one request with exactly these headers (and Host) in this order, and give what came back."""
    connection = HTTPConnection(at.host, at.port, timeout=30)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers or []:
            connection.putheader(name, value)
        if body:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        response = connection.getresponse()
        kept = [(name.lower(), value) for name, value in response.getheaders()]
        content = response.read()
        return response.status, [pair for pair in kept if pair[0] not in _OF_ONE_CONNECTION], content
    finally:
        connection.close()
