"""Sends finished files of a spool's folder to a bucket, in a thread of its own.

A record is safe in the spool's folder before its caller has the answer; sending comes later and slows nothing. A file
is sent under a name that only it has, and is removed here when the bucket has it whole. So a file that is sent twice,
after a lost answer, a restart or by two processes at once, is one object:

::

    usage_records/<YYYY>/<MM>/<DD>/<name>@<host>/<file>     the day on which the file was begun, in UTC
    heartbeats/<YYYY>/<MM>/<DD>/<name>@<host>/<file>

A file that can't be sent stays and is tried again, at the latest a minute later, and by the next process with this
folder.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from ingest.capture import heartbeats
from ingest.capture.background import Background
from ingest.capture.spool_account import Unsent
from ingest.errors import ObjectChangedError, StorageError
from ingest.object_storage import ObjectStorage, open_storage
from ingest.object_urls import ObjectUrl

_FOLDERS = ("usage_records", heartbeats.FOLDER)
_NAMED = re.compile(r"(?P<source>.+)-(?P<day>\d{8})T\d{6}Z-\d+-[0-9a-f]+\.jsonl", re.ASCII)
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 60.0
_LAST_SECONDS = 10.0

_log = logging.getLogger("ingest.capture.spool")


class Sender:
    """Sends from `folder`, the spool's, to `url`. The files there may be of several processes.

    `most_bytes` is how much the folder may hold unsent: `is_full` says when it holds that.
    """

    def __init__(
        self,
        folder: Path,
        url: ObjectUrl,
        *,
        most_bytes: int,
        open_place: Callable[[ObjectUrl], ObjectStorage] = open_storage,
    ) -> None:
        self._folder = folder
        self._url = url
        self._most_bytes = most_bytes
        self._open_place = open_place
        self._storage: ObjectStorage | None = None
        self._background = Background(f"sending to {url}", self._step)
        self._lock = threading.Lock()  # guards the two counts; held for no request
        self._files = self._bytes = 0
        self._reason: str | None = None
        self._pause = _FIRST_PAUSE_SECONDS
        with suppress(OSError):  # said when it is sent
            self._count(list(self._finished()))

    def start(self) -> None:
        """Begin to send.

        Raises:
            RuntimeError: the system can't start a thread.
        """
        self._background.start()

    def finished(self, size: int) -> None:
        """Count a new file of this size, and send it."""
        with self._lock:
            self._files += 1
            self._bytes += size
        self._background.wake()

    def stop(self) -> None:
        """Send what is there once more, for at most 10 seconds, and stop. What is not sent then stays."""
        self._pause = _FIRST_PAUSE_SECONDS
        if self._background.started:
            last = threading.Thread(target=self._finish, name="last files", daemon=True)
            last.start()
            last.join(_LAST_SECONDS)

    @property
    def is_full(self) -> bool:
        """Whether the folder holds as many unsent bytes as it may."""
        return self._bytes >= self._most_bytes

    @property
    def most_bytes(self) -> int:
        """How many unsent bytes the folder may hold."""
        return self._most_bytes

    def unsent(self) -> Unsent:
        """What is not sent."""
        with self._lock:
            return Unsent(self._files, self._bytes, self._reason)

    def _finish(self) -> None:
        self._background.stop()
        self._step()

    def _step(self) -> float:
        """Send everything; return how long to wait until the next time."""
        try:
            waiting = list(self._finished())
            self._count(waiting)
            if not waiting:
                self._note(None)
                return _LONGEST_PAUSE_SECONDS
            storage = self._storage = self._storage or self._open_place(self._url)
            fault: ObjectChangedError | None = None
            sent = 0
            for path in waiting:
                try:
                    sent += self._send(storage, path)
                except ObjectChangedError as error:  # of this file alone: another has its name
                    fault = error
            if fault:
                raise fault
        except StorageError as error:
            self._note(str(error).rstrip("."))
        except OSError as error:
            self._note(f"{error.strerror}: {error.filename or self._folder}")
        except Exception as error:
            self._note(type(error).__name__)
        else:
            self._note(None)
            self._pause = _FIRST_PAUSE_SECONDS
            # There may be more by now; a file that another process is sending is looked at again a little later.
            return 0.0 if sent == len(waiting) else _FIRST_PAUSE_SECONDS
        pause, self._pause = self._pause, min(2 * self._pause, _LONGEST_PAUSE_SECONDS)
        return pause

    def _note(self, reason: str | None) -> None:
        """Keep why files can't be sent, and log it once."""
        if reason != self._reason:
            with suppress(Exception):  # a log handler that fails must not end the thread
                if reason:
                    _log.error("finished files stay in %s and are sent later (%s)", self._folder, reason)
                else:
                    _log.warning("finished files are sent again")
        self._reason = reason

    def _send(self, storage: ObjectStorage, path: Path) -> bool:
        """Send a file, unless another process is sending it."""
        with _held(path) as size:
            if size is None:
                return False
            storage.create(key_of(path), path)
            path.unlink(missing_ok=True)
            with self._lock:
                self._files = max(self._files - 1, 0)
                self._bytes = max(self._bytes - size, 0)
            return True

    def _count(self, waiting: list[Path]) -> None:
        size = 0
        for path in waiting:
            with suppress(OSError):
                size += path.stat().st_size
        with self._lock:
            self._files, self._bytes = len(waiting), size

    def _finished(self) -> Iterator[Path]:
        """The finished files, the oldest records first and heartbeats last."""
        for name in _FOLDERS:
            with suppress(FileNotFoundError):
                yield from sorted(
                    (path for path in (self._folder / name).iterdir() if _NAMED.fullmatch(path.name)),
                    key=lambda path: path.name.rpartition("-")[0].split("-")[-2:],
                )


def key_of(path: Path) -> str:
    """The key of a finished file, from its folder and its name."""
    found = _NAMED.fullmatch(path.name)
    day = found["day"] if found else datetime.fromtimestamp(path.stat().st_mtime, UTC).strftime("%Y%m%d")
    source = found["source"] if found else "unnamed"
    return f"{path.parent.name}/{day[:4]}/{day[4:6]}/{day[6:]}/{source}/{path.name}"


@contextmanager
def _held(path: Path) -> Iterator[int | None]:
    """Hold a file's lock while it is sent; yields its size, or None if another process sends it or has sent it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield None
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield os.fstat(descriptor).st_size if path.exists() else None
    finally:
        os.close(descriptor)
