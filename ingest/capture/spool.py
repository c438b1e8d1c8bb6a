"""A spool of usage records that loses nothing once `append` has returned.

`append` is one `write()` of one line to a file of the process's own (`growing_file.py`): from then on the line
survives the death of the process. A background thread flushes it to disk against the death of the machine, and renames
the file into landing by size and age.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ingest.capture.background import Background
from ingest.capture.growing_file import GrowingFile, take_over
from ingest.capture.line_buffer import LineBuffer
from ingest.capture.process_life import unwatch, watch
from ingest.capture.spool_account import SpoolAccount, SpoolHealth
from ingest.capture.usage_record import UsageRecord

MEBIBYTE = 1024 * 1024
_LONGEST_WAIT = 1.0
_LINES_AT_A_TIME = 100
_STARTING = "starting the upkeep"
_WRITING, _FLUSHING, _RENAMING, _TAKING_OVER = "writing", "flushing", "renaming", "taking over"


class Spool:
    """Writes usage records below `landing_folder / "usage_records"`, from any number of threads and processes.

    Both folders are made here where missing; a landing folder that vanishes later is reported, not made anew: it may be
    a share that will come back. Files of dead processes are taken over at the start and every `rotate_seconds`.
    `flush_seconds` is how much a machine that dies may lose, `rotate_seconds` and `rotate_bytes` how old and large a
    file may grow, `buffer_bytes` how much waits in memory. Making a spool never raises: `health()` and the log tell.
    """

    def __init__(
        self,
        landing_folder: Path,
        *,
        name: str = "capture",
        flush_seconds: float = 0.05,
        rotate_seconds: float = 60,
        rotate_bytes: int = 16 * MEBIBYTE,
        buffer_bytes: int = 16 * MEBIBYTE,
    ) -> None:
        self._ready = landing_folder / "usage_records"
        self._name = name
        self._flush_seconds = flush_seconds
        self._rotate_seconds = rotate_seconds
        self._rotate_bytes = rotate_bytes
        self._buffer_bytes = buffer_bytes
        self._begin_empty()
        watch(self)
        with suppress(OSError):  # the first step that needs it tells
            self._ready.mkdir(parents=True, exist_ok=True)
        self._attempt(_TAKING_OVER, self._take_over)

    def _begin_empty(self) -> None:
        self._lock = threading.RLock()  # over the file, the buffer and the counts; held for one write at most
        self._upkeep = threading.RLock()  # over flushing and renaming; taken before the other one, never after
        self._background = Background(f"spool {self._name}", self._step)
        self._wait = self._flush_seconds
        self._file: GrowingFile | None = None
        self._unflushed = False
        self._full: list[GrowingFile] = []
        self._buffer = LineBuffer(self._buffer_bytes)
        self._account = SpoolAccount(str(self._ready))
        self._looked_for_dead = 0.0
        self._closed = False

    def append(self, record: UsageRecord) -> None:
        """Write one record. Never raises, and never waits for a disk to come back: `health` says what went wrong."""
        try:
            line = record.line()
            with self._lock:
                if self._closed:
                    self._account.lose("the spool is closed")
                elif self._buffer or not self._written(line):
                    self._keep(line)
        except Exception as error:
            self._account.lose(type(error).__name__)
        if not self._background.started:
            self._attempt(_STARTING, self._background.start)

    def rotate(self) -> None:
        """Hand what was appended so far to landing, now. What can't be handed over now is tried again later."""
        with self._upkeep:
            self._attempt(_WRITING, self._drain)
            with self._lock:
                self._set_full()
            self._attempt(_RENAMING, self._rename)

    def close(self) -> None:
        """Rotate and stop the background thread. Later appends are lost; a second call does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._background.stop()
        self.rotate()
        with self._lock:
            if self._buffer:
                self._account.lose(self._account.last_error or "the spool was closed", len(self._buffer))
                self._buffer.clear()
        unwatch(self)

    def health(self) -> SpoolHealth:
        """The counts so far, and what fails now."""
        return self._account.health(len(self._buffer))

    def forget_after_fork(self) -> None:
        """In a forked child: begin empty. The parent's file, buffer and counts stay the parent's."""
        self._set_full()
        for file in self._full:
            file.abandon()
        self._begin_empty()

    def _attempt(self, step: str, act: Callable[[], None]) -> bool:
        try:
            act()
        except Exception as error:
            self._account.fail(step, error)
            return False
        self._account.succeed(step)
        return True

    def _written(self, line: bytes) -> bool:
        try:
            self._write(line)
        except Exception as error:
            self._account.fail(_WRITING, error)
            return False
        return True

    def _write(self, line: bytes) -> None:
        file = self._file
        if file is None:
            file = self._file = GrowingFile.create(self._ready, self._name)
            self._background.wake()
        file.write(line)
        self._account.appended += 1
        self._unflushed = True
        if file.size >= self._rotate_bytes:
            self._set_full()
            self._background.wake()

    def _keep(self, line: bytes) -> None:
        if not self._buffer.keep(line):
            self._account.lose("the buffer in memory is full")
        self._background.wake()

    def _step(self) -> float:
        with self._upkeep:
            steps = ((_WRITING, self._drain), (_FLUSHING, self._flush), (_RENAMING, self._rename))
            well = all([self._attempt(step, act) for step, act in steps])  # noqa: C419 (every step is taken)
            if time.monotonic() - self._looked_for_dead >= self._rotate_seconds:
                self._attempt(_TAKING_OVER, self._take_over)
        if not (self._file or self._full or self._buffer):
            return self._rotate_seconds
        self._wait = self._flush_seconds if well else max(min(2 * self._wait, _LONGEST_WAIT), self._flush_seconds)
        return self._wait

    def _drain(self) -> None:
        while self._buffer:
            with self._lock:  # let appends pass in between
                self._buffer.drain(self._write, _LINES_AT_A_TIME)

    def _flush(self) -> None:
        with self._lock:
            file, due = self._file, self._unflushed
            if file and (time.monotonic() - file.opened >= self._rotate_seconds or not file.in_place()):
                self._set_full()
                return
            self._unflushed = False
        if file and due:
            try:
                file.flush()
            except OSError:
                self._unflushed = True
                raise

    def _set_full(self) -> None:
        if self._file is not None:
            self._full.append(self._file)
            self._file = None

    def _rename(self) -> None:
        while self._full:
            self._full[0].finish()
            with self._lock:
                self._full.pop(0)

    def _take_over(self) -> None:
        self._looked_for_dead = time.monotonic()
        for torn in take_over(self._ready):
            if torn:
                self._account.set_aside()
