"""The counts of a spool and its faults. Each fault is logged once, and never with the content of a record."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

OPENING, WRITING = "opening the folder of usage records", "writing usage records"
"""The steps without which no record can be written."""

_log = logging.getLogger("ingest.capture.spool")


@dataclass(frozen=True)
class SpoolHealth:
    """The state of a spool since it was made.

    `appended` records were written to a file. `buffered` ones wait in memory for a folder or disk to come back, and are
    lost if the process dies. `lost` ones came when the buffer was full or the spool closed. `torn` counts incomplete
    last lines of dead processes that were set aside in `.torn/`. `last_error` is the system's reason while something
    fails, else None. `unwritable` is the reason why no record can be written now, else None. `failed_heartbeats` counts
    heartbeats that could not be written when they were due. `unsent_files` and `unsent_bytes` are finished files that
    are not in the bucket yet, `unsent_reason` says why; a spool that writes into landing itself has none.
    """

    appended: int
    buffered: int
    lost: int
    torn: int
    last_error: str | None
    failed_heartbeats: int = 0
    unwritable: str | None = None
    unsent_files: int = 0
    unsent_bytes: int = 0
    unsent_reason: str | None = None


@dataclass(frozen=True)
class Unsent:
    """The finished files that are not in the bucket yet, and why the last one could not be sent."""

    files: int
    bytes: int
    reason: str | None


_ALL_SENT = Unsent(0, 0, None)


class SpoolAccount:
    """Keeps the counts. Faults are kept by the step that failed, so that one step's success does not hide another's
    fault.
    """

    def __init__(self, folder: str, unsent: Callable[[], Unsent] = lambda: _ALL_SENT) -> None:
        self._unsent = unsent
        self.appended = 0
        self.lost = 0
        self.torn = 0
        self.failed_heartbeats = 0
        self._folder = folder
        self._faults: dict[str, str] = {}

    @property
    def last_error(self) -> str | None:
        """The latest fault that still exists."""
        return next(reversed(self._faults.values()), None)

    def health(self, buffered: int) -> SpoolHealth:
        """The counts, with how many lines wait in memory."""
        unwritable = self._faults.get(WRITING) or self._faults.get(OPENING)
        unsent = self._unsent()
        return SpoolHealth(
            self.appended,
            buffered,
            self.lost,
            self.torn,
            self.last_error or unsent.reason,
            self.failed_heartbeats,
            unwritable,
            unsent.files,
            unsent.bytes,
            unsent.reason,
        )

    def lose(self, reason: str, records: int = 1) -> None:
        """Count records that are gone; logged the 1st, 2nd, 4th, 8th … time."""
        before, self.lost = self.lost, self.lost + records
        if before.bit_length() != self.lost.bit_length():
            self._say(logging.ERROR, "usage records lost so far: %d (%s)", self.lost, reason)

    def set_aside(self, folder: Path) -> None:
        """Count a torn line, which is below `folder` now."""
        self.torn += 1
        self._say(logging.WARNING, "a cut-off last line of a dead process was set aside below %s/.torn", folder)

    def fail(self, step: str, error: Exception) -> None:
        """Note that a step failed; it is tried again."""
        reason = type(error).__name__
        if isinstance(error, OSError):
            reason = f"{error.strerror or reason}: {error.filename or self._folder}"
        if self._faults.get(step) != reason:
            self._say(logging.ERROR, "%s fails and is tried again (%s)", step, reason)
        self._faults.pop(step, None)
        self._faults[step] = reason

    def succeed(self, step: str) -> None:
        """Note that a step succeeded."""
        if self._faults and self._faults.pop(step, None):
            self._say(logging.WARNING, "%s goes well again", step)

    def _say(self, level: int, message: str, *arguments: object) -> None:
        with suppress(Exception):  # a log handler that fails must not fail the caller's call
            _log.log(level, message, *arguments)
