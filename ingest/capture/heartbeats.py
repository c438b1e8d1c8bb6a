"""One line a minute that shows that a process is capturing, so that an hour without usage differs from a failure.

The lines are in files of this process below `landing/heartbeats/` (`spool_file.py`), which landing sees when
they are 15 minutes old, and at the end.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from ingest.capture.spool_file import SpoolFile
from ingest.contract.capture_sources import CaptureSource

FOLDER = "heartbeats"
INTERVAL_SECONDS = 60.0
FILE_SECONDS = 15 * 60.0
_RETRY_SECONDS = 5.0


def wall_clock() -> datetime:
    """The time of day, in UTC."""
    return datetime.now(UTC)


class Heartbeats:
    """The heartbeats of one process. Not thread-safe; the caller must lock.

    `records` returns how many records the process has written so far. `clock` measures intervals in seconds and `now`
    gives the time in the lines, so a jump of the machine's clock changes no interval.
    """

    def __init__(
        self,
        landing_folder: Path,
        source: CaptureSource,
        *,
        records: Callable[[], int],
        environment: str | None = None,
        corti_tenant: str | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = wall_clock,
    ) -> None:
        self._folder = landing_folder / FOLDER
        self._source = source
        self._records = records
        self._clock = clock
        self._now = now
        self._same_in_each = {"environment": environment, "cortiTenant": corti_tenant}
        self._started_at = _text(now())
        self._due = clock()
        self._file: SpoolFile | None = None
        self._file_begun = 0.0

    def due_in(self) -> float:
        """Seconds until the next line is due; 0 if it is due."""
        return max(self._due - self._clock(), 0.0)

    def beat(self, *, stopped: bool = False) -> None:
        """Write one line, and hand the file to landing if it is old enough or the process stops.

        Raises:
            OSError: the line was not written, or the file not handed over; that is done later.
        """
        self._due = self._clock() + _RETRY_SECONDS
        if self._file is not None and not self._file.in_place():
            self._hand_over()
        if self._file is None:
            self._file = SpoolFile.create(self._folder, self._source.file_prefix)
            self._file_begun = self._clock()
        self._file.write(self._line(stopped))
        self._due = self._clock() + INTERVAL_SECONDS
        if stopped or self._clock() - self._file_begun >= FILE_SECONDS:
            self._hand_over()

    def stop(self) -> None:
        """Note that the process ends in an orderly way, and hand everything to landing.

        Raises:
            OSError: it failed; the next process with this landing folder hands over the file.
        """
        try:
            self.beat(stopped=True)
        except Exception:
            with suppress(OSError):
                self._hand_over()
            raise
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Close the file and leave it as it is."""
        if self._file is not None:
            self._file.abandon()
            self._file = None

    def _hand_over(self) -> None:
        if self._file is not None:
            self._file.finish()
            self._file = None

    def _line(self, stopped: bool) -> bytes:
        said = {
            "source": str(self._source),
            "at": _text(self._now()),
            "startedAt": self._started_at,
            "records": self._records(),
            **{name: value for name, value in self._same_in_each.items() if value},
            **({"stopped": True} if stopped else {}),
        }
        return json.dumps(said, separators=(",", ":")).encode("ascii") + b"\n"


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
