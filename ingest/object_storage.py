"""Objects below a URL: list, read, create, swap, delete.

::

    storage = open_storage("s3://bucket/prefix")
    storage.list("landing")                   what is there: keys, sizes, ETags, times
    storage.read("current.json")              its bytes and its entry
    storage.read_into("a/b.parquet", path)    the same, to a file
    storage.create("a/b.parquet", path)       written once: never over other content
    storage.swap("current.json", content, e_tag)    only if nobody else has written it since

Buckets and containers are used through obstore, which is imported only when one is opened. It finds endpoints and
credentials in the environment and in the machine's identity; none is read, kept or shown here. Each request has a time
limit and a number of tries, so no command waits without end.

**What an answer proves.** A refused `create` does not prove that the object exists, since S3 also refuses one of two
creates at the same time. A lost answer does not prove that nothing was written. So both are decided by reading back.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from ingest.errors import MissingObjectError, ObjectChangedError, StorageError, UnusableNameError
from ingest.object_urls import ObjectUrl, parse_object_url

T = TypeVar("T")
_TRIES = 4
_FIRST_PAUSE_SECONDS = 0.2
_CHUNK = 1024 * 1024
_LONGEST_KEY = 1024


@dataclass(frozen=True)
class Entry:
    """An object as it is listed. `key` is relative to the storage's URL; `size` is in bytes; `modified_at` is aware,
    and in most stores a whole second. `e_tag` names this content, without quotes.
    """

    key: str
    size: int
    e_tag: str | None
    modified_at: datetime


@dataclass(frozen=True)
class Listed:
    """Objects, and the folders that could not be listed, each with the reason."""

    entries: Sequence[Entry]
    unlistable: Mapping[str, str]


class TakenError(Exception):
    """A conditional write was refused: the object exists, has changed, or is being written by somebody else."""


class Objects(Protocol):
    """One kind of store. Its methods raise StorageError, and MissingObjectError where an object must exist."""

    def entries(self, prefix: str) -> Iterator[Entry]:
        """Everything below a folder, or everything if `prefix` is empty."""
        ...

    def head(self, key: str) -> Entry:
        """The object's entry, without its content."""
        ...

    def children(self, prefix: str) -> tuple[Sequence[Entry], Sequence[str]]:
        """The objects directly in a folder, and the folders in it, as keys."""
        ...

    def get(self, key: str, e_tag: str | None) -> tuple[Entry, Iterator[bytes]]:
        """The object and its content in pieces. With `e_tag`, only that content.

        Raises:
            TakenError: it has another content.
        """
        ...

    def put(self, key: str, content: bytes | Path, e_tag: str | None) -> str | None:
        """Write a whole object if it has this content so far, or if there is none for `e_tag=None`; return its ETag.

        Raises:
            TakenError: the store refuses that.
        """
        ...

    def remove(self, key: str) -> None:
        """Remove an object; a missing one is no error."""
        ...


def open_storage(url: str | ObjectUrl) -> ObjectStorage:
    """Open a place for objects. Sends no request yet.

    Raises:
        StorageError: the URL can't be used, obstore is not installed, or the store's variables can't be used.
    """
    try:
        place = parse_object_url(url) if isinstance(url, str) else url
    except ValueError:
        raise StorageError("the URL of the object storage can't be used: give one without credentials.") from None
    if place.folder is not None:
        from ingest.folder_objects import FolderObjects

        return ObjectStorage(place, FolderObjects(place.folder))
    from ingest.cloud_objects import CloudObjects

    return ObjectStorage(place, CloudObjects(place))


class ObjectStorage:
    """The objects below one URL. Thread-safe. Every method raises StorageError if the store can't be used."""

    def __init__(self, url: ObjectUrl, objects: Objects, sleep: Callable[[float], object] = time.sleep) -> None:
        self.url = url
        self._objects = objects
        self._sleep = sleep

    def list(self, prefix: str = "") -> list[Entry]:
        """Everything below the folder `prefix`, by key; one request for each 1,000 objects.

        Raises:
            UnusableNameError: the name of an object there can't be a path.
        """
        folder = prefix.rstrip("/")
        if folder:
            _require_key(folder)
        return self._again(lambda: sorted(self._objects.entries(folder), key=lambda entry: entry.key))

    def find(self, key: str) -> Entry | None:
        """The entry of an object; None if there is none."""
        _require_key(key)
        for pause in self._pauses():
            try:
                return self._objects.head(key)
            except MissingObjectError:
                return None
            except StorageError as error:
                self._pause_after(error, pause)
        raise AssertionError

    def list_around(self) -> Listed:
        """Everything, by key. If the name of an object can't be a path, folder by folder without those that can't be
        listed for it.

        Raises:
            UnusableNameError: such an object or folder is directly below the URL.
        """
        try:
            return Listed(self.list(), {})
        except UnusableNameError:
            pass
        entries: list[Entry] = []
        unlistable: dict[str, str] = {}
        pending = [""]
        while pending:
            folder = pending.pop()
            try:
                found, folders = self._again(partial(self._objects.children, folder))
            except UnusableNameError as error:
                if not folder:
                    raise
                unlistable[folder] = str(error).rstrip(".")
            else:
                entries += found
                pending += folders
        return Listed(sorted(entries, key=lambda entry: entry.key), unlistable)

    def read(self, key: str, e_tag: str | None = None) -> tuple[bytes, Entry]:
        """The content of an object and its entry. With `e_tag`, only that content.

        Raises:
            MissingObjectError: there is none.
            ObjectChangedError: it has another ETag.
        """

        def read() -> tuple[bytes, Entry]:
            pieces: list[bytes] = []
            entry = self._get(key, e_tag, pieces.append)
            return b"".join(pieces), entry

        _require_key(key)
        return self._again(read)

    def read_into(self, key: str, path: Path, e_tag: str | None = None) -> Entry:
        """Write the content of an object to a file, which is made or emptied. The file is whole when this returns, and
        may hold a part after an error.

        Raises:
            MissingObjectError, ObjectChangedError: see `read`.
            OSError: the file can't be written.
        """

        def read() -> Entry:
            with path.open("wb") as file:
                return self._get(key, e_tag, file.write)

        _require_key(key)
        return self._again(read)

    def create(self, key: str, content: bytes | Path) -> bool:
        """Write an object that does not exist yet. Returns False if the same content is there already.

        Raises:
            ObjectChangedError: there is an object of that name with other content; it stays.
            OSError: the file to send can't be read.
        """
        _require_key(key)
        for pause in self._pauses():
            error: StorageError | None = None
            try:
                self._objects.put(key, content, None)
                return True
            except TakenError:
                pass
            except StorageError as fault:
                if not fault.is_passing:
                    raise
                error = fault
            try:
                holds_it = self._holds(key, content)
            except MissingObjectError:
                error = error or self._contended(key)
            except StorageError as fault:
                error = error or fault
            else:
                if holds_it:
                    return False
                raise ObjectChangedError(
                    f"{self._named(key)} exists with other content, and is not written over: find out who wrote it."
                )
            self._pause_after(error, pause)
        raise AssertionError

    def swap(self, key: str, content: bytes, expected: str | None) -> str | None:
        """Write an object only if its ETag is `expected`, or if there is none for None. Returns the new ETag.

        Raises:
            ObjectChangedError: somebody else has written it since; their content stays.
        """
        _require_key(key)
        for pause in self._pauses():
            error: StorageError | None = None
            try:
                return self._objects.put(key, content, expected)
            except (TakenError, MissingObjectError):
                pass
            except StorageError as fault:
                if not fault.is_passing:
                    raise
                error = fault
            now = self._now(key)
            if now is not None and now[0] == content:
                return now[1].e_tag
            if (now[1].e_tag if now else None) != expected:
                raise ObjectChangedError(f"{self._named(key)} was written by somebody else meanwhile.")
            self._pause_after(error or self._contended(key), pause)
        raise AssertionError

    def delete(self, key: str) -> None:
        """Remove an object; a missing one is no error."""
        _require_key(key)
        self._again(lambda: self._objects.remove(key))

    def _get(self, key: str, e_tag: str | None, take: Callable[[bytes], object]) -> Entry:
        """Hand over all pieces of an object."""
        try:
            entry, pieces = self._objects.get(key, e_tag)
        except TakenError:
            raise ObjectChangedError(f"{self._named(key)} has changed since it was listed: run again.") from None
        size = 0
        for piece in pieces:
            take(piece)
            size += len(piece)
        if size != entry.size:
            raise StorageError(
                f"{self._named(key)} could not be read whole ({size} of {entry.size} bytes came): run again.",
                is_passing=True,
            )
        return entry

    def _holds(self, key: str, content: bytes | Path) -> bool:
        """Whether the object has this content."""
        found = hashlib.sha256()
        entry = self._get(key, None, found.update)
        return entry.size == _size(content) and found.digest() == _sha256(content)

    def _now(self, key: str) -> tuple[bytes, Entry] | None:
        try:
            return self.read(key)
        except MissingObjectError:
            return None

    def _contended(self, key: str) -> StorageError:
        return StorageError(
            f"{self._named(key)} can't be written: the store refuses it again and again as if others wrote it at the "
            "same time; run again.",
            is_passing=True,
        )

    def _named(self, key: str) -> str:
        return f"{self.url}/{key}"

    def _again(self, act: Callable[[], T]) -> T:
        """What `act` returns, which is tried again while it may go well."""
        for pause in self._pauses():
            try:
                return act()
            except StorageError as error:
                self._pause_after(error, pause)
        raise AssertionError

    def _pauses(self) -> Iterator[float | None]:
        """How long to wait after each try; None after the last."""
        for attempt in range(_TRIES - 1):
            yield _FIRST_PAUSE_SECONDS * 2**attempt * random.uniform(0.5, 1.5)
        yield None

    def _pause_after(self, error: StorageError, pause: float | None) -> None:
        if pause is None or not error.is_passing:
            raise error
        self._sleep(pause)


def _require_key(key: str) -> None:
    """Refuse keys that this project must never write.

    Raises:
        StorageError: a part is empty or leads elsewhere, or the key is too long.
    """
    is_usable = key.isprintable() and len(key.encode("utf-8", "surrogatepass")) <= _LONGEST_KEY
    if not is_usable or any(part in ("", ".", "..") for part in key.split("/")):
        raise StorageError(f"an object can't be named {key[:80]!r}.")


def _size(content: bytes | Path) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size


def _sha256(content: bytes | Path) -> bytes:
    if isinstance(content, bytes):
        return hashlib.sha256(content).digest()
    digest = hashlib.sha256()
    with content.open("rb") as file:
        while piece := file.read(_CHUNK):
            digest.update(piece)
    return digest.digest()
