"""Which alert was sent where: an append-only file, since this can't be derived from landed files.

Each attempt is noted before it is made, and its outcome afterwards. An attempt without an outcome was interrupted. It
may have arrived, so it is not repeated.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from ingest.errors import HomeError, LockedError
from ingest.flushing import flush_to_disk
from ingest.settings import Settings

FILE = "deliveries.jsonl"


class State(Enum):
    """What is known about an alert at a target; the higher value counts."""

    FAILED = 1
    UNKNOWN = 2
    DELIVERED = 3


@dataclass(frozen=True)
class Attempt:
    """One message to one target about some alerts (their keys). `at` is when it was begun, in ISO 8601."""

    target: str
    alerts: tuple[str, ...]
    at: str
    state: State


class Deliveries:
    """The file of a home. A sender holds `exclusively` while it sends."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.home / "alerts"
        self._wait_seconds = settings.lock_wait_seconds

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        """Keep every other process from sending.

        Raises:
            HomeError: the folder can't be written.
            LockedError: another process is still sending after the time that settings allow.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = (self._folder / ".lock").open("a+")
        except OSError as error:
            raise self._unwritable(error) from None
        with file:
            deadline = time.monotonic() + self._wait_seconds
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() >= deadline:
                        raise LockedError(
                            "another process is delivering alerts: the next run sends what it leaves."
                        ) from None
                    time.sleep(0.2)
            yield

    def attempts(self) -> list[Attempt]:
        """All attempts, the first one first.

        Raises:
            HomeError: the file can't be read.
        """
        try:
            text = (self._folder / FILE).read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise HomeError(f"{self._folder / FILE} cannot be read ({error.strerror}): check its owner.") from None
        found: dict[str, Attempt] = {}
        for line in text.splitlines():
            try:
                note = json.loads(line)
                state = State[note["state"].upper()]
                # Each line is complete in itself, so a line that a power cut tore does not damage others.
                earlier = found.get(note["attempt"])
                at = earlier.at if earlier else str(note["at"])
                found[note["attempt"]] = Attempt(note["target"], tuple(note["alerts"]), at, state)
            except (ValueError, KeyError, TypeError, AttributeError):
                continue
        return list(found.values())

    def begin(self, target: str, alerts: tuple[str, ...]) -> str:
        """Note that a message is about to be sent; returns the attempt's id, for `end`.

        Raises:
            HomeError: the file can't be written: nothing may be sent then.
        """
        attempt = secrets.token_hex(8)
        self._append(attempt, target, alerts, State.UNKNOWN)
        return attempt

    def end(self, attempt: str, target: str, alerts: tuple[str, ...], *, delivered: bool) -> None:
        """Note the outcome of an attempt.

        Raises:
            HomeError: the file can't be written.
        """
        self._append(attempt, target, alerts, State.DELIVERED if delivered else State.FAILED)

    def _append(self, attempt: str, target: str, alerts: tuple[str, ...], state: State) -> None:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        note = {"at": at, "attempt": attempt, "state": state.name.lower(), "target": target, "alerts": [*alerts]}
        path = self._folder / FILE
        try:
            is_new = not path.exists()
            with os.fdopen(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "a+b") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - 1))
                torn = size > 0 and file.read(1) != b"\n"
                file.write((b"\n" if torn else b"") + json.dumps(note).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            if is_new:
                flush_to_disk(self._folder)
        except OSError as error:
            raise self._unwritable(error) from None

    def _unwritable(self, error: OSError) -> HomeError:
        return HomeError(f"{self._folder} cannot be written ({error.strerror}): check its owner, mode and disk.")


def known(attempts: list[Attempt]) -> dict[tuple[str, str], State]:
    """What is known about each target and alert: one delivery is enough, and an interrupted attempt is not repeated."""
    states: dict[tuple[str, str], State] = {}
    for attempt in attempts:
        for alert in attempt.alerts:
            at = (attempt.target, alert)
            states[at] = max(states.get(at, State.FAILED), attempt.state, key=lambda state: state.value)
    return states
