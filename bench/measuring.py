"""Measures one process: CPU-seconds with its children, wall time, peak memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Finding:
    """One line of the report: what was measured, the figures, the ratio or size that the goal is for, and the goal."""

    what: str
    figures: str
    result: str
    goal: str


@dataclass(frozen=True)
class Measured:
    """The cost of a process: CPU and wall time in seconds, peak memory in GB, and its last line of output as JSON."""

    cpu: float
    wall: float
    peak_gb: float
    said: dict[str, float]


def measure(
    arguments: list[str],
    home: Path | None = None,
    settings: Mapping[str, str] | None = None,
    checkout: Path = CHECKOUT,
) -> Measured:
    """Run `python -m ARGUMENTS` in a checkout and measure it. `settings` are more environment variables.

    Raises:
        RuntimeError: it failed; the message has its standard error.
    """
    environ = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environ |= {"PYTHONPATH": str(checkout), **(settings or {})}
    if home:
        environ["CREDITS_HOME"] = str(home)
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments], cwd=checkout, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout and process.stderr
    output = process.stdout.read().decode()
    errors = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed: {errors.strip()[-500:]}")
    last = output.strip().splitlines()[-1] if output.strip() else "{}"
    said = json.loads(last) if last.startswith("{") else {}
    return Measured(usage.ru_utime + usage.ru_stime, time.monotonic() - started, usage.ru_maxrss * 1024 / 1e9, said)


def median(values: list[float]) -> float:
    """The middle value."""
    return sorted(values)[len(values) // 2]
