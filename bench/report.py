"""Writes the measurements as a page of the documentation."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.measuring import CHECKOUT, Finding

PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb", "dagster", "pandas")


def write_report(findings: list[Finding]) -> None:
    """Write `docs/benchmarks.md`."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    lines = [
        "# Benchmarks",
        "",
        f"Measured on {datetime.now(UTC):%Y-%m-%d} by `make bench`, on {_machine()}, Python",
        f"{platform.python_version()}, {packages}.",
        "CPU-seconds include all threads and child processes. Processes that are compared ran alternately; quick",
        "measurements are medians of three. No test asserts on these figures.",
        "",
        "| measurement | figures | result | goal |",
        "|---|---|---|---|",
        *(f"| {finding.what} | {finding.figures} | {finding.result} | {finding.goal} |" for finding in findings),
        "",
        "The sample generator makes the data, with about 16,700 records a day, so ten times the records are ten times",
        "the days. The hand-written session (`bench/hand_written.py`) does the same work for good records without",
        "the ledger, the quarantine, rejection of broken lines, validity windows, incremental bookkeeping or checks.",
        "",
    ]
    (CHECKOUT / "docs" / "benchmarks.md").write_text("\n".join(lines), encoding="utf-8")


def _machine() -> str:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = next(
        int(line.split()[1])
        for line in Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
        if "MemTotal" in line
    )
    return f"{os.cpu_count()} cores of {model}, {memory / 1e6:.0f} GB of memory"
