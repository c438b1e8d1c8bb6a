"""Objects as files below a folder, for `file` URLs: the same promises as a bucket, on a disk that machines share."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from ingest.errors import MissingObjectError, StorageError
from ingest.flushing import flush_to_disk
from ingest.object_storage import Entry, TakenError

_LOCK = ".objects.lock"
_NOT_READY = re.compile(r"\..*\.[0-9a-f]{16}\.partial|\.objects\.lock")
_CHUNK = 1024 * 1024


class FolderObjects:
    """The files below a folder. A file appears whole, under its name, when it is on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def entries(self, prefix: str) -> Iterator[Entry]:
        """See `Objects.entries`."""
        top = self._folder / prefix if prefix else self._folder
        with self._translated(prefix):
            if not self._folder.is_dir():
                raise StorageError(f"{self._folder} does not exist: make the folder first.")
            for place, _, names in os.walk(top, onerror=_raise_unless_missing):
                for name in names:
                    path = Path(place, name)
                    if not _NOT_READY.fullmatch(name):
                        with suppress(FileNotFoundError):
                            yield self._entry(path.relative_to(self._folder).as_posix(), path.stat())

    def head(self, key: str) -> Entry:
        """See `Objects.head`."""
        with self._translated(key):
            return self._entry(key, (self._folder / key).stat())

    def children(self, prefix: str) -> tuple[list[Entry], list[str]]:
        """See `Objects.children`. A folder's names are always paths, so nobody has to list around one."""
        return [*self.entries(prefix)], []

    def get(self, key: str, e_tag: str | None) -> tuple[Entry, Iterator[bytes]]:
        """See `Objects.get`."""
        with self._translated(key):
            file = (self._folder / key).open("rb")
            entry = self._entry(key, os.fstat(file.fileno()))
            if e_tag and entry.e_tag != e_tag:
                file.close()
                raise TakenError
            return entry, _pieces(file)

    def put(self, key: str, content: bytes | Path, e_tag: str | None) -> str | None:
        """See `Objects.put`."""
        ready = self._folder / key
        with self._translated(key):
            if not self._folder.is_dir():
                raise StorageError(f"{self._folder} does not exist: make the folder first.")
            ready.parent.mkdir(parents=True, exist_ok=True)
            making = ready.with_name(f".{ready.name[:100]}.{secrets.token_hex(8)}.partial")
            try:
                _write(making, content)
                if e_tag is None:
                    try:
                        os.link(making, ready)
                    except FileExistsError:
                        raise TakenError from None
                else:
                    with self._alone():
                        if self._entry(key, ready.stat()).e_tag != e_tag:
                            raise TakenError
                        making.replace(ready)
                flush_to_disk(ready.parent)
                return self._entry(key, ready.stat()).e_tag
            finally:
                making.unlink(missing_ok=True)

    def remove(self, key: str) -> None:
        """See `Objects.remove`."""
        with self._translated(key):
            (self._folder / key).unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the folder's lock: a file system can't compare and replace in one step."""
        descriptor = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    @staticmethod
    def _entry(key: str, stat: os.stat_result) -> Entry:
        e_tag = f"{stat.st_mtime_ns:x}-{stat.st_size:x}-{stat.st_ino:x}"
        return Entry(key, stat.st_size, e_tag, datetime.fromtimestamp(stat.st_mtime, UTC))

    @contextmanager
    def _translated(self, key: str) -> Iterator[None]:
        path = self._folder / key
        try:
            yield
        except FileNotFoundError as error:
            if error.filename is not None and Path(os.fsdecode(error.filename)) != path:
                raise
            raise MissingObjectError(f"{path} does not exist.") from None
        except OSError as error:
            named = error.filename if isinstance(error.filename, str) else path
            raise StorageError(
                f"{named}: {error.strerror}: check the path, its owner, its mode and its disk."
            ) from None


def _raise_unless_missing(error: OSError) -> None:
    if not isinstance(error, (FileNotFoundError, NotADirectoryError)):
        raise error


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(_CHUNK):
            yield piece


def _write(path: Path, content: bytes | Path) -> None:
    with path.open("xb") as file:
        if isinstance(content, bytes):
            file.write(content)
        else:
            with content.open("rb") as source:
                shutil.copyfileobj(source, file, _CHUNK)
        file.flush()
        os.fsync(file.fileno())
