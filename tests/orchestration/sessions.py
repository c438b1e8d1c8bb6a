"""What is left of the processes that a test started, all in a session of their own."""

from __future__ import annotations

import time
from pathlib import Path


def processes_of(session: int) -> list[str]:
    """What still runs of a session, zombies apart."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, of = (process / "stat").read_text().rpartition(")")[2].split()[:4]
            if int(of) == session and state != "Z":
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except (OSError, ValueError):
            continue
    return found


def gone(session: int, seconds: int = 20) -> bool:
    """Whether nothing runs of the session any more; waits for what is ending."""
    for _ in range(seconds * 10):
        if not processes_of(session):
            return True
        time.sleep(0.1)
    return False
