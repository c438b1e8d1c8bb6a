"""Writes files below `landing/` under a name that is not ready, and renames them when they are complete and on disk.

Every writer of landing uses `PartialFile`, or ends with `appear`.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from ingest.contract.owner_only import open_owner_only, owner_only_folders, restrict
from ingest.errors import HomeError
from ingest.flushing import flush_to_disk

_STAMP = "%Y-%m-%dT%H-%M-%SZ"
_STAMPED = re.compile(r"(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)")
_ABANDONED_SECONDS = 24 * 3600.0


class AlreadyThereError(Exception):
    """A file of that name exists, and a new one was asked for."""


class PartialFile:
    """A file that readers do not see yet. Only its owner may read it and the folders that are made for it.

    `open` writes to it; DuckDB may write it at `path` instead.

    Raises:
        OSError: a folder can't be made; from the methods, the file can't be written.
    """

    def __init__(self, folder: Path, name: str) -> None:
        owner_only_folders(folder)
        self._folder = folder
        self._name = name
        self.path = folder / f".{name}.partial"

    def open(self) -> BinaryIO:
        """Open it for writing, empty; the caller closes it."""
        return os.fdopen(open_owner_only(self.path, os.O_WRONLY | os.O_TRUNC), "wb")

    def appear(self, name: str | None = None, *, create_only: bool = False) -> Path:
        """Let readers see the file, under `name` if one is given. It is on disk before it has that name.

        Raises:
            AlreadyThereError: with `create_only`, a file of that name exists.
        """
        ready = self._folder / (name or self._name)
        descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            restrict(descriptor)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if create_only and ready.exists():
            raise AlreadyThereError(ready)
        appear(self.path, ready)
        return ready

    def discard(self) -> None:
        """Remove the file if it did not appear."""
        with suppress(OSError):
            self.path.unlink()


def appear(partial: Path, ready: Path) -> None:
    """Rename a file that is complete and on disk to the name under which readers see it, and flush the folders.

    Raises:
        OSError: it can't be renamed.
    """
    partial.rename(ready)
    flush_to_disk(ready.parent)
    if partial.parent != ready.parent:
        flush_to_disk(partial.parent)


@contextmanager
def appearing(path: Path, *, create_only: bool = False) -> Iterator[Path]:
    """A path to write a file to. It appears at `path` when the context ends without an error, and is removed otherwise.

    Raises:
        AlreadyThereError: with `create_only`, a file of that name exists.
        OSError: the file can't be written.
    """
    if create_only and path.exists():
        raise AlreadyThereError(path)
    partial = PartialFile(path.parent, path.name)
    try:
        yield partial.path
        partial.appear(create_only=create_only)
    finally:
        partial.discard()


def unwritable(folder: Path, error: OSError) -> HomeError:
    """The error for a folder that can't be written."""
    return HomeError(f"{folder} cannot be written ({error.strerror}): check its owner, mode and disk.")


class LandingWriter:
    """Writes JSON Lines into one folder below `landing/`: lines are collected in a file until `deliver`.

    File names begin with `name` and contain the time at which they were made. Not thread-safe.

    Raises:
        HomeError: the folder can't be written.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._partial: PartialFile | None = None
        self._file: BinaryIO | None = None
        self.lines = 0
        try:
            owner_only_folders(folder)
            self._remove_abandoned()
        except OSError as error:
            raise unwritable(folder, error) from None

    def add(self, fields: Mapping[str, str | int | None]) -> None:
        """Add one line; fields that are None or empty are left out."""
        kept = {name: value for name, value in fields.items() if value not in (None, "")}
        self.add_line(json.dumps(kept, separators=(",", ":")).encode() + b"\n")

    def add_line(self, line: bytes) -> None:
        """Add one line that includes its line end."""
        try:
            if self._file is None:
                stamp = datetime.now(UTC).strftime(_STAMP)
                self._partial = PartialFile(self._folder, f"{self._name}-{stamp}-{secrets.token_hex(4)}.jsonl")
                self._file = self._partial.open()
            self._file.write(line)
        except OSError as error:
            raise unwritable(self._folder, error) from None
        self.lines += 1

    def deliver(self) -> Path | None:
        """Let landing see the lines that were added since the last call; None if there are none."""
        if self._file is None or self._partial is None:
            return None
        try:
            self._file.close()
            path = self._partial.appear()
        except OSError as error:
            raise unwritable(self._folder, error) from None
        self._file, self._partial, self.lines = None, None, 0
        return path

    def _remove_abandoned(self) -> None:
        # Only files of this writer: others may have files that are not ready in the same folder.
        own = re.compile(rf"\.{re.escape(self._name)}-{_STAMPED.pattern}-[0-9a-f]{{8}}\.jsonl\.partial")
        latest = time.time() - _ABANDONED_SECONDS
        for path in self._folder.iterdir():
            if own.fullmatch(path.name) and path.stat().st_mtime < latest:
                path.unlink(missing_ok=True)


def made_at(path: Path) -> datetime | None:
    """When a delivered file was begun (aware), from its name; None if the name does not say."""
    found = _STAMPED.findall(path.name)
    if not found:
        return None
    try:
        return datetime.strptime(found[-1], _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
