"""Runs in which little landed, and homes of many small files."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.measuring import CHECKOUT, Finding, measure, median

_LATE = "2026-10-01T00:00:00Z"
_IN_A_FOLDER = 1_000
_PATIENCE = 300
"""Seconds in which a run of `credits watch` must have published."""
_NUMBERS = itertools.count()


def small_runs(home: Path, against: Path | None) -> Iterator[Finding]:
    """One late record in the sample's home: with `credits run`, in turn with another checkout, and in `credits watch`.

    `against` is the other checkout; without it there are no ratios.
    """
    checkouts = [CHECKOUT, *([against] if against else [])]
    homes = {checkout: home / str(at) for at, checkout in enumerate(checkouts)}
    for checkout, own in homes.items():
        shutil.copytree(CHECKOUT / "data" / "sample" / "landing", own / "landing")
        measure(["orchestration.cli", "run"], own, checkout=checkout)
        one_late_record(own, checkout)  # the first increment is compiled
    taken = [[one_late_record(own, checkout) for checkout, own in homes.items()] for _ in range(3)]
    watched = _watched(homes[CHECKOUT])
    ours = [turn[0] for turn in taken]
    figures = f"{median(ours):.1f} CPU-s" + (f", there {median([turn[1] for turn in taken]):.1f}" if against else "")
    ratio = f"{median([turn[0] / turn[1] for turn in taken]):.2f} times" if against else figures
    yield Finding("`credits run` with one late record in the sample's home, the whole process", figures, ratio, "0.35")
    ratio = f"{watched / median([turn[1] for turn in taken]):.2f} times" if against else f"{watched:.1f} CPU-s"
    yield Finding("The same in a running `credits watch`", f"{watched:.1f} CPU-s", ratio, "0.12")


def one_late_record(home: Path, checkout: Path = CHECKOUT) -> float:
    """CPU-seconds of `credits run` for one more record."""
    _deliver(home)
    return measure(["orchestration.cli", "run"], home, checkout=checkout).cpu


def _deliver(home: Path) -> None:
    number = next(_NUMBERS)
    record = {"recordId": f"late-{number}", "creditsConsumed": 1, "createdAt": _LATE, "kind": "stream"}
    path = home / "landing" / "usage_records" / f"late-{number}.jsonl"
    path.write_text(json.dumps(record) + "\n", encoding="utf-8")


def _watched(home: Path) -> float:
    """CPU-seconds that `credits watch` takes for one record: the median of three runs after its first."""
    environ = os.environ | {"CREDITS_HOME": str(home), "PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-m", "orchestration.cli", "watch"]
    process = subprocess.Popen(command, cwd=CHECKOUT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        taken: list[float] = []
        for _ in range(4):
            version, before = _version(home), _cpu(process.pid)
            _deliver(home)
            deadline = time.monotonic() + _PATIENCE
            while _version(home) == version and time.monotonic() < deadline:
                time.sleep(0.2)
            time.sleep(1)  # what follows the switch belongs to the run
            taken.append(_cpu(process.pid) - before)
        return median(taken[1:])
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _version(home: Path) -> str:
    return str((home / "published" / "current").readlink())


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def many_files(home: Path, files: int) -> Finding:
    """The first run of a home whose usage came in files of one line."""
    _write_files(home, files)
    run = measure(["orchestration.cli", "run"], home)
    return Finding(
        f"`credits run` that lands and publishes {files:,} files of one line, in a new home, including start-up",
        f"{run.cpu:.1f} CPU-s",
        f"{run.cpu:.1f} CPU-s",
        "15 CPU-s or less",
    )


def idle_files(home: Path, files: int) -> Finding:
    """A run with nothing new in a home of many files."""
    _write_files(home, files)
    measure(["orchestration.cli", "run"], home)
    idle = median([measure(["orchestration.cli", "run"], home).cpu for _ in range(3)])
    return Finding(
        f"`credits run` with nothing new in a home of {files:,} files",
        f"{idle:.2f} CPU-s",
        f"{idle:.2f} CPU-s",
        "1 CPU-s or less",
    )


def _write_files(home: Path, files: int) -> None:
    for number in range(files):
        folder = home / "landing" / "usage_records" / f"{number // _IN_A_FOLDER:04}"
        folder.mkdir(parents=True, exist_ok=True)
        record = {"recordId": f"r{number}", "creditsConsumed": 1, "createdAt": _LATE, "kind": "stream"}
        (folder / f"{number}.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
