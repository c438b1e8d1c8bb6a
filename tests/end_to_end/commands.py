"""The `credits` command as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

from ingest.settings import CHECKOUT
from tests.end_to_end.driving import Warehouse


def started(warehouse: Warehouse, *arguments: str | bytes, **settings: str) -> subprocess.Popen[str]:
    """Start the command on a home; `settings` are further environment variables. Nothing is kept in DAGSTER_HOME."""
    environment: Mapping[str, str] = {
        **{name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"},
        "CREDITS_HOME": str(warehouse.home),
        "CREDITS_LOCK_WAIT_SECONDS": "0",
        **settings,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli", *arguments],
        cwd=CHECKOUT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of the command when it is over."""
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err
