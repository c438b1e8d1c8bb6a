"""One file of usage records or heartbeats that grows under a lock until it is renamed into landing.

::

    usage_records/.growing/<name>.jsonl     grows; landing ignores names that begin with a dot
    usage_records/<name>.jsonl              ready
    usage_records/.torn/<name>.jsonl        an incomplete last line of a dead process or machine

Only the owner may read these files. A live process holds a lock (flock) on its file: if another process can take the
lock, the owner is gone (docs/decisions/0006).
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from ingest.contract.landing_writer import appear
from ingest.contract.owner_only import open_owner_only, owner_only_folder, restrict
from ingest.flushing import flush_to_disk

_GROWING, _TORN = ".growing", ".torn"


class SpoolFile:
    """A file of this process. Not thread-safe; the caller must lock."""

    def __init__(self, path: Path, descriptor: int, size: int) -> None:
        self.path = path
        self.size = size
        self.opened = time.monotonic()
        self._descriptor = descriptor
        self._name_flushed = False

    @classmethod
    def create(cls, ready: Path, name: str) -> SpoolFile:
        """Begin a file for the folder `ready`, which is made if it is missing; the folder above must exist.

        Raises:
            OSError: it can't be made.
        """
        folder = _made(ready)
        while True:
            begun = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
            path = folder / f"{name}-{begun}-{os.getpid()}-{secrets.token_hex(6)}.jsonl"
            descriptor = open_owner_only(path, os.O_RDWR | os.O_EXCL | os.O_APPEND)
            if _locked(descriptor, path):
                return cls(path, descriptor, 0)
            os.close(descriptor)  # another process took it over in the instant before the lock

    def write(self, line: bytes) -> None:
        """Append one line by one write.

        Raises:
            OSError: it was not written, and nothing of it is left in the file.
        """
        written = os.write(self._descriptor, line)
        if written != len(line):
            os.ftruncate(self._descriptor, self.size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
        self.size += written

    def flush(self) -> None:
        """Flush appended lines to disk, and the first time the file's name too.

        Raises:
            OSError: it can't.
        """
        os.fsync(self._descriptor)
        if not self._name_flushed:
            flush_to_disk(self.path.parent)
            flush_to_disk(self.path.parent.parent)
            self._name_flushed = True

    def in_place(self) -> bool:
        """Whether the file still has its name (somebody may have removed or moved the folder)."""
        return _same_file(self._descriptor, self.path)

    def finish(self) -> None:
        """Rename the file into landing, durably, and close it; remove it if it is empty. May be tried again.

        Raises:
            OSError: it can't be renamed or flushed; the file stays open and locked.
        """
        if self.size == 0:
            self.path.unlink(missing_ok=True)
        else:
            os.fsync(self._descriptor)
            ready = self.path.parent.parent
            if not self.in_place():
                self._write_anew()
            appear(self.path, ready / self.path.name)
        self.abandon()

    def abandon(self) -> None:
        """Close the file and leave it as it is."""
        with suppress(OSError):
            os.close(self._descriptor)

    def set_torn_line_aside(self, folder: Path) -> bool:
        """Move everything after the last line end to a file in `folder`; return whether there was anything.

        Raises:
            OSError: it can't be moved, and stays where it is.
        """
        content = os.pread(self._descriptor, self.size, 0)
        whole = content.rfind(b"\n") + 1
        if whole == len(content):
            return False
        owner_only_folder(folder)
        with os.fdopen(open_owner_only(folder / self.path.name, os.O_WRONLY | os.O_TRUNC), "wb") as aside:
            aside.write(content[whole:])
        os.ftruncate(self._descriptor, whole)
        self.size = whole
        return True

    def _write_anew(self) -> None:
        """Copy the lines to a new file under the old name: the open file has lost its name, and its bytes go when it is
        closed.
        """
        _made(self.path.parent.parent)
        content = os.pread(self._descriptor, self.size, 0)
        copy = open_owner_only(self.path, os.O_RDWR | os.O_TRUNC | os.O_APPEND)
        try:
            if os.write(copy, content) != len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
            os.fsync(copy)
        finally:
            os.close(copy)


def _made(ready: Path) -> Path:
    folder = ready / _GROWING
    owner_only_folder(ready)
    owner_only_folder(folder)
    return folder


def take_over(ready: Path) -> Iterator[bool]:
    """Hand the files of dead processes to landing. Yields for each file whether a torn line was set aside.

    Raises:
        OSError: the folder can't be read, or a file can't be taken over; the other files were.
    """
    failed: OSError | None = None
    try:
        left = sorted((ready / _GROWING).iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return
    for path in left:
        try:
            file = _taken(path)
            if file is None:
                continue
            try:
                torn = file.set_torn_line_aside(ready / _TORN)
                file.finish()
            except OSError:
                file.abandon()
                raise
            yield torn
        except OSError as error:
            failed = error
    if failed is not None:
        raise failed


def _taken(path: Path) -> SpoolFile | None:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    if not _locked(descriptor, path):
        os.close(descriptor)
        return None
    restrict(descriptor)  # a process of an earlier release may have begun it
    return SpoolFile(path, descriptor, os.fstat(descriptor).st_size)


def _locked(descriptor: int, path: Path) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return _same_file(descriptor, path)


def _same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except (FileNotFoundError, NotADirectoryError):
        return False
