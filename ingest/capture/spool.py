"""A spool of usage records that loses nothing once `append` has returned.

`append` is one `write()` of one line to a file of this process (`spool_file.py`): from then on the line survives the
end of the process. A background thread flushes it to disk, so that it also survives a crash of the machine, and renames
the file into landing by size and age. The same thread writes the process's heartbeats (`heartbeats.py`).
"""

from __future__ import annotations

import errno
import os
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.capture import heartbeats
from ingest.capture.background import Background
from ingest.capture.heartbeats import Heartbeats
from ingest.capture.process_life import unwatch, watch
from ingest.capture.spool_account import OPENING, WRITING, SpoolAccount, SpoolHealth
from ingest.capture.spool_file import SpoolFile, take_over
from ingest.contract.capture_sources import CaptureSource
from ingest.contract.forms import LONGEST_ID
from ingest.contract.owner_only import owner_only_folders
from ingest.contract.plain_values import given_id
from ingest.contract.usage_record import UsageRecord
from ingest.object_urls import ObjectUrl, parse_object_url

if TYPE_CHECKING:
    from ingest.capture.sending import Sender

MEBIBYTE = 1024 * 1024
_LONGEST_WAIT = 1.0
_LINES_AT_A_TIME = 100
_STARTING = "starting the upkeep of usage records"
_FLUSHING = "flushing usage records"
_RENAMING, _TAKING_OVER = "renaming files of usage records", "taking over files of dead processes"
_BEATING = "writing heartbeats"
_SENDING = "starting to send files"


def make_writable(folder: Path) -> None:
    """Make a folder for records if it is missing, for its owner only.

    Raises:
        OSError: it can't be made, or this user may not write to it.
    """
    owner_only_folders(folder)
    _require_writable(folder)


def _require_writable(folder: Path) -> None:
    folder.stat()
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))


class Spool:
    """Writes usage records below `landing_folder / "usage_records"`, from any number of threads and processes.

    Both folders are made here if they are missing. If the landing folder vanishes later, that is reported, and it is
    not made again: it may be a network share that comes back. Files of dead processes are taken over at the start and
    every `rotate_seconds`. `flush_seconds` is how much a crash of the machine may lose, `rotate_seconds` and
    `rotate_bytes` limit the age and size of a file, and `buffer_bytes` limits what waits in memory. Making a spool
    never raises: `health()` and the log report faults.

    `name` and `host` (by default this machine's name) are the source in heartbeats and in the names of files.
    Heartbeats begin at once, and in a forked child with its first record. They contain `environment` and
    `corti_tenant`, if all calls of this process go to one account. `send_heartbeats=False` writes none.

    With `send_to`, the URL of a landing place in a bucket, `landing_folder` is a folder of this machine only, and every
    finished file is sent from there (`sending.py`). While it holds `send_most_bytes` unsent, new records wait in memory
    and are then lost, and `health` says so. A child that was forked after something was sent sends nothing itself: the
    process that made the spool sends its files too.

    Raises:
        ValueError: `send_to` can't be used.
    """

    def __init__(
        self,
        landing_folder: Path,
        *,
        name: str = "capture",
        host: str | None = None,
        environment: str | None = None,
        corti_tenant: str | None = None,
        send_heartbeats: bool = True,
        flush_seconds: float = 0.05,
        rotate_seconds: float = 60,
        rotate_bytes: int = 16 * MEBIBYTE,
        buffer_bytes: int = 16 * MEBIBYTE,
        send_to: str | ObjectUrl | None = None,
        send_most_bytes: int = 10 * 1024 * MEBIBYTE,
    ) -> None:
        self._landing = landing_folder
        self._send_to = parse_object_url(send_to) if isinstance(send_to, str) else send_to
        self._send_most_bytes = send_most_bytes
        self._ready = landing_folder / "usage_records"
        self._source = CaptureSource.of(host or socket.gethostname(), name)
        self._environment = given_id("environment", environment, LONGEST_ID)
        self._corti_tenant = given_id("cortiTenant", corti_tenant, LONGEST_ID)
        self._send_heartbeats = send_heartbeats
        self._flush_seconds = flush_seconds
        self._rotate_seconds = rotate_seconds
        self._rotate_bytes = rotate_bytes
        self._buffer_bytes = buffer_bytes
        self._begin_empty(may_send=True)
        watch(self)
        self._attempt(OPENING, lambda: make_writable(self._ready))
        self._attempt(_TAKING_OVER, self._take_over)
        if self._sender:
            self._attempt(_SENDING, self._sender.start)
        if send_heartbeats:  # so that a process without any records sends heartbeats too
            self._attempt(_STARTING, self._background.start)

    def _begin_empty(self, *, may_send: bool) -> None:
        self._lock = threading.RLock()  # guards the file, the buffer and the counts; held for at most one write
        self._upkeep = threading.RLock()  # guards flushing and renaming; taken before the other lock, never after
        self._background = Background(f"spool {self._source.name}", self._step)
        self._wait = self._flush_seconds
        self._file: SpoolFile | None = None
        self._unflushed = False
        self._full: list[SpoolFile] = []
        self._buffer = LineBuffer(self._buffer_bytes)
        self._sender = self._new_sender() if self._send_to and may_send else None
        self._account = SpoolAccount(str(self._ready), *((self._sender.unsent,) if self._sender else ()))
        self._heartbeats = self._new_heartbeats() if self._send_heartbeats else None
        self._looked_for_dead = 0.0
        self._closed = False

    def _new_sender(self) -> Sender | None:
        from ingest.capture.sending import Sender

        return Sender(self._landing, self._send_to, most_bytes=self._send_most_bytes) if self._send_to else None

    def _new_heartbeats(self) -> Heartbeats:
        return Heartbeats(
            self._landing,
            self._source,
            records=lambda: self._account.appended,
            environment=self._environment,
            corti_tenant=self._corti_tenant,
        )

    def append(self, record: UsageRecord) -> None:
        """Write one record. Never raises, and never waits for a disk to come back: `health` reports faults."""
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
        """Hand all records so far to landing now. If that fails, it is tried again later."""
        with self._upkeep:
            self._attempt(WRITING, self._drain)
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
        with self._upkeep:
            if self._heartbeats and self._background.started:  # a forked child that captured nothing has no heartbeats
                self._beat(self._heartbeats.stop)
        if self._sender:
            self._sender.stop()
        with self._lock:
            if self._buffer:
                self._account.lose(self._account.last_error or "the spool was closed", len(self._buffer))
                self._buffer.clear()
        unwatch(self)

    def health(self) -> SpoolHealth:
        """The counts so far, and the present fault."""
        return self._account.health(len(self._buffer))

    def forget_after_fork(self) -> None:
        """In a forked child: begin empty. The file, buffer and counts belong to the parent."""
        self._set_full()
        for file in self._full:
            file.abandon()
        if self._heartbeats:
            self._heartbeats.abandon()
        # The client for buckets has threads that a fork does not copy: in a child it would wait for them without end.
        self._begin_empty(may_send="obstore" not in sys.modules)
        if self._sender:
            self._attempt(_SENDING, self._sender.start)

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
            self._account.fail(WRITING, error)
            return False
        return True

    def _write(self, line: bytes) -> None:
        file = self._file
        if self._sender and self._sender.is_full:
            most = self._sender.most_bytes // MEBIBYTE
            raise OSError(errno.EDQUOT, f"it holds {most} MiB of unsent files", str(self._landing))
        if file is None:
            file = self._file = SpoolFile.create(self._ready, self._source.file_prefix)
            self._background.wake()
        file.write(line)
        self._account.appended += 1
        self._account.succeed(OPENING)
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
            self._attempt(OPENING, lambda: _require_writable(self._ready))
            steps = ((WRITING, self._drain), (_FLUSHING, self._flush), (_RENAMING, self._rename))
            well = all([self._attempt(step, act) for step, act in steps])  # noqa: C419 (every step is taken)
            if time.monotonic() - self._looked_for_dead >= self._rotate_seconds:
                self._attempt(_TAKING_OVER, self._take_over)
            to_next_beat = self._beat_if_due()
        if not (self._file or self._full or self._buffer):
            return min(self._rotate_seconds, to_next_beat)
        self._wait = self._flush_seconds if well else max(min(2 * self._wait, _LONGEST_WAIT), self._flush_seconds)
        return min(self._wait, to_next_beat)

    def _beat_if_due(self) -> float:
        if self._heartbeats is None:
            return self._rotate_seconds
        if not self._heartbeats.due_in():
            self._beat(self._heartbeats.beat)
        return self._heartbeats.due_in()

    def _beat(self, act: Callable[[], None]) -> None:
        if not self._attempt(_BEATING, act):
            self._account.failed_heartbeats += 1

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
                finished = self._full.pop(0)
            if self._sender and finished.size:
                self._sender.finished(finished.size)

    def _take_over(self) -> None:
        self._looked_for_dead = time.monotonic()
        for folder in (self._ready, self._landing / heartbeats.FOLDER):
            for torn in take_over(folder):
                if torn:
                    self._account.set_aside(folder)


class LineBuffer:
    """Lines in order, at most `room` bytes. Not thread-safe."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._lines: deque[bytes] = deque()

    def __len__(self) -> int:
        return len(self._lines)

    def keep(self, line: bytes) -> bool:
        """Add a line, if there is room for it."""
        if len(line) > self._room:
            return False
        self._lines.append(line)
        self._room -= len(line)
        return True

    def drain(self, write: Callable[[bytes], None], most: int) -> None:
        """Write up to this number of lines; each is kept until its write has returned. Raises the errors of `write`."""
        for _ in range(min(most, len(self._lines))):
            write(self._lines[0])
            self._room += len(self._lines.popleft())

    def clear(self) -> None:
        """Drop the remaining lines, at the end."""
        self._lines.clear()
