"""Input files in a bucket, with a copy below `warehouse/` that landing reads.

::

    warehouse/landing/              the copy: each object at its key, with the object's time
    warehouse/landing-objects.json  which objects the copy holds: key, ETag, size, time
    warehouse/landing-arriving/     objects on their way; renamed into the copy when they are whole
    warehouse/landing-outbox/       files that commands write, until they are in the bucket
    warehouse/landing.lock          held while the copy is changed

`bring` lists the place once and fetches only what is new or has changed. An object that landing would not read for its
folder or ending is not fetched: an empty file of its size stands for it, so that it is named as in a folder.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from ingest.contract.datasets import FOLDERS, PERIOD_EVENTS, is_ready_name
from ingest.contract.landing_listing import is_read
from ingest.contract.left_out import LeftOut, note_beside
from ingest.contract.owner_only import open_owner_only, owner_only_folder, owner_only_folders
from ingest.error_lines import os_error_line, storage_fault
from ingest.errors import CreditsError, HomeError, LockedError, MissingObjectError, ObjectChangedError, StorageError
from ingest.object_storage import Entry, Listed, ObjectStorage

_AT_ONCE = 16
_LONGEST_NAME, _LONGEST_PATH = 255, 1024
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_POLL_SECONDS = 0.2
_CHANGED = "it changed while it was fetched; the next run fetches it"
_GONE = "it is listed, and can't be fetched by its name: rename it, unless it was just removed"
_RESENT = "send-"
"""How the names of outboxes begin whose files are sent even if their command was killed."""


@dataclass(frozen=True)
class _Wanted:
    """What the copy should hold: objects by path, and what it can't hold. `stays` has the folders whose objects are
    unknown.
    """

    objects: Mapping[str, Entry]
    left_out: tuple[LeftOut, ...]
    stays: tuple[str, ...]


class MirroredLanding:
    """The objects of one place, and their copy."""

    def __init__(self, storage: ObjectStorage, warehouse: Path, lock_wait_seconds: float) -> None:
        self._storage = storage
        self._warehouse = warehouse
        self._lock_wait_seconds = lock_wait_seconds
        self._landing = warehouse / "landing"
        self._ledger = warehouse / "landing-objects.json"
        self._arriving = warehouse / "landing-arriving"
        self._outboxes = warehouse / "landing-outbox"

    def __str__(self) -> str:
        return str(self._storage.url)

    def bring(self, *, may_be_empty: bool = False) -> None:
        """See `LandingStore.bring`."""
        with self._own_errors(), self._alone():
            self._send_left_behind()
            wanted = _wanted(self._storage.list_around())
            if not (may_be_empty or wanted.objects or wanted.left_out):
                raise StorageError(
                    f"{self._storage.url} holds no input file: check CREDITS_LANDING; a first file there is enough."
                )
            self._make_equal(wanted)

    def is_behind(self) -> bool:
        """See `LandingStore.is_behind`."""
        wanted = _wanted(self._storage.list_around())
        try:
            held = self._held()
        except OSError:
            return True
        known = self._known()
        return bool(self._stale(wanted, known, held) or self._vanished(wanted, held))

    @contextmanager
    def outbox(self, *, resend: bool) -> Iterator[Path]:
        """See `LandingStore.outbox`."""
        folder = self._outboxes / f"{_RESENT if resend else 'drop-'}{os.getpid()}-{secrets.token_hex(6)}"
        with self._own_errors():
            self._make_warehouse()
            owner_only_folders(folder)
        with _locked(folder / ".lock", wait_seconds=0):
            try:
                yield folder
            except BaseException:
                if resend:
                    with suppress(CreditsError):  # what ended the command comes first; the files stay
                        self._send(folder)
                raise
            else:
                self._send(folder)
            finally:
                if not resend or not _finished(folder):
                    shutil.rmtree(folder, ignore_errors=True)

    def place_of(self, path: Path, folder: Path) -> str:
        """See `LandingStore.place_of`."""
        return f"{self._storage.url}/{path.relative_to(folder).as_posix()}"

    def _send_left_behind(self) -> None:
        """Send what commands that were killed had finished; remove what only a whole command may send."""
        for folder in sorted(self._outboxes.iterdir()) if self._outboxes.is_dir() else ():
            with _locked(folder / ".lock", wait_seconds=0) as is_ours:
                if is_ours:
                    if folder.name.startswith(_RESENT):
                        self._send(folder)
                    shutil.rmtree(folder, ignore_errors=True)

    def _send(self, folder: Path) -> None:
        with self._own_errors():
            for path in _finished(folder):
                try:
                    self._storage.create(path.relative_to(folder).as_posix(), path)
                except StorageError as error:
                    if not folder.name.startswith(_RESENT):
                        raise
                    raise StorageError(
                        f"{str(error).rstrip('.')}; what was written stays below {folder} and is sent by the next run.",
                        is_passing=error.is_passing,
                    ) from None
                path.unlink()

    def _make_equal(self, wanted: _Wanted) -> None:
        owner_only_folders(self._landing)
        known, held = self._known(), self._held()
        for path in self._vanished(wanted, held):
            (self._landing / path).unlink(missing_ok=True)
        _remove_empty_folders(self._landing)
        now = {path: said for path, said in known.items() if path in held and _is_kept(path, wanted)}
        unfetched: list[LeftOut] = []
        shutil.rmtree(self._arriving, ignore_errors=True)
        owner_only_folders(self._arriving)
        try:
            for path, left in self._fetched(wanted, self._stale(wanted, known, held)):
                if left is not None:
                    unfetched.append(left)
                elif path in wanted.objects:
                    now[path] = _said(wanted.objects[path])
        finally:
            self._keep(known, now)
            shutil.rmtree(self._arriving, ignore_errors=True)
        note_beside(self._landing, (*wanted.left_out, *unfetched))

    def _fetched(self, wanted: _Wanted, stale: Iterable[str]) -> Iterator[tuple[str, LeftOut | None]]:
        """Fetch objects, several at once; yields each path, with the reason if that object can't be had."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            objects = wanted.objects
            futures = {pool.submit(self._fetch, objects[path], number): path for number, path in enumerate(stale)}
            try:
                for future in as_completed(futures):
                    path = futures[future]
                    try:
                        yield path, future.result()
                    except StorageError as error:
                        if error.is_passing:
                            raise
                        reason = f"it can't be fetched ({str(error).rstrip('.')})"
                        yield path, LeftOut(path, reason, wanted.objects[path].size, "unreadable")
            finally:
                pool.shutdown(cancel_futures=True)

    def _fetch(self, entry: Entry, number: int) -> LeftOut | None:
        """Bring one object into the copy, or say why it is not there under the name and with the content that were
        listed.
        """
        arriving, place = self._arriving / str(number), self._landing / entry.key
        os.close(open_owner_only(arriving, os.O_WRONLY))
        if entry.size and is_read(entry.key):
            try:
                self._storage.read_into(entry.key, arriving, entry.e_tag)
            except ObjectChangedError:
                return LeftOut(entry.key, _CHANGED, entry.size, "changed")
            except MissingObjectError:  # some servers list a name that they don't know, such as one with control codes
                return LeftOut(entry.key, _GONE, entry.size, "unreadable")
        with arriving.open("r+b") as file:
            if not is_read(entry.key):
                file.truncate(entry.size)
            os.fsync(file.fileno())
        modified_ns = _modified_ns(entry)
        os.utime(arriving, ns=(modified_ns, modified_ns))
        owner_only_folders(place.parent)
        arriving.replace(place)
        return None

    def _stale(
        self, wanted: _Wanted, known: Mapping[str, list[object]], held: Mapping[str, tuple[int, int]]
    ) -> list[str]:
        """The objects that the copy lacks, or has in another state."""
        return [
            path
            for path, entry in wanted.objects.items()
            if known.get(path) != _said(entry) or held.get(path) != (entry.size, _modified_ns(entry))
        ]

    def _vanished(self, wanted: _Wanted, held: Iterable[str]) -> list[str]:
        return [path for path in held if not _is_kept(path, wanted)]

    def _held(self) -> dict[str, tuple[int, int]]:
        """The files of the copy, with their sizes and times."""
        found: dict[str, tuple[int, int]] = {}
        pending = [str(self._landing)]
        start = len(str(self._landing)) + 1
        while pending:
            try:
                with os.scandir(pending.pop()) as entries:
                    for entry in entries:
                        if entry.is_dir(follow_symlinks=False):
                            pending.append(entry.path)
                        elif is_ready_name(entry.name):
                            stat = entry.stat(follow_symlinks=False)
                            found[entry.path[start:]] = (stat.st_size, stat.st_mtime_ns)
            except FileNotFoundError:
                continue
        return found

    def _known(self) -> dict[str, list[object]]:
        """The objects that the copy holds; none if the note is missing, damaged or about another place."""
        try:
            noted = orjson.loads(self._ledger.read_bytes())
            return noted["objects"] if noted["url"] == str(self._storage.url) else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def _keep(self, before: Mapping[str, list[object]], now: Mapping[str, list[object]]) -> None:
        if now == before and self._ledger.exists():
            return
        partial = self._ledger.with_suffix(".partial")
        partial.write_bytes(orjson.dumps({"url": str(self._storage.url), "objects": now}))
        partial.replace(self._ledger)

    def _make_warehouse(self) -> None:
        self._warehouse.parent.mkdir(parents=True, exist_ok=True)  # the home, which others may have to enter
        owner_only_folder(self._warehouse)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._make_warehouse()
        with _locked(self._warehouse / "landing.lock", self._lock_wait_seconds) as is_ours:
            if not is_ours:
                raise LockedError(f"another process fetches from {self._storage.url}: try again when it is done.")
            yield

    @contextmanager
    def _own_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            fault = storage_fault(error, self._warehouse) or os_error_line(error)
            raise HomeError(f"the copy of {self._storage.url} can't be kept: {fault}.") from None


def _wanted(listed: Listed) -> _Wanted:
    """What a copy should hold, by a listing. Files that are not ready and marks of folders are left alone."""
    parents = {folder for entry in listed.entries for folder in _folders_above(entry.key)}
    objects: dict[str, Entry] = {}
    left_out = [LeftOut(f"{folder}/", reason, None, "unreadable") for folder, reason in listed.unlistable.items()]
    for entry in listed.entries:
        parts = entry.key.split("/")
        is_mark = not entry.size and ("." not in parts[-1] or entry.key in parents)
        if is_mark or not all(map(is_ready_name, parts)):
            continue
        if reason := _why_no_path(entry.key, parts, parents):
            left_out.append(LeftOut(_shown(entry.key), reason, entry.size, "unreadable"))
        else:
            objects[entry.key] = entry
    return _Wanted(objects, tuple(left_out), tuple(f"{folder}/" for folder in listed.unlistable))


def _why_no_path(key: str, parts: list[str], parents: set[str]) -> str | None:
    if not {"", ".", ".."}.isdisjoint(parts) or "\0" in key:
        return "its name can't be a path: rename or remove it"
    try:
        sizes = [len(part.encode()) for part in parts]
    except UnicodeEncodeError:
        return "its name is not UTF-8"
    if max(sizes) > _LONGEST_NAME or sum(sizes) + len(sizes) > _LONGEST_PATH:
        return "its name is too long for a path: give it a shorter one"
    if key in parents:
        return "its name is also that of a folder with objects: rename one of them"
    return None


def _shown(key: str) -> str:
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in key)


def _folders_above(key: str) -> Iterator[str]:
    at = key.find("/")
    while at >= 0:
        yield key[:at]
        at = key.find("/", at + 1)


def _is_kept(path: str, wanted: _Wanted) -> bool:
    return path in wanted.objects or path.startswith(wanted.stays)


def _said(entry: Entry) -> list[object]:
    """An object as the note has it."""
    return [entry.e_tag, entry.size, _modified_ns(entry)]


def _modified_ns(entry: Entry) -> int:
    return (entry.modified_at - _EPOCH) // timedelta(microseconds=1) * 1000


def _finished(folder: Path) -> list[Path]:
    """The finished files of an outbox in the order in which they are sent: events of months come after the files that
    they name.
    """
    events = folder / FOLDERS[PERIOD_EVENTS]
    found = [
        path for path in folder.rglob("*") if path.is_file() and all(map(is_ready_name, path.relative_to(folder).parts))
    ]
    return sorted(found, key=lambda path: (path.is_relative_to(events), path))


def _remove_empty_folders(top: Path) -> None:
    for place, _, _ in os.walk(top, topdown=False):
        if place != str(top):
            with suppress(OSError):  # not empty
                Path(place).rmdir()


@contextmanager
def _locked(path: Path, wait_seconds: float) -> Iterator[bool]:
    """Hold the lock of a file, which the end of the process frees too; False if another process holds it."""
    until = time.monotonic() + wait_seconds
    descriptor = open_owner_only(path, os.O_RDWR)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() < until:
                    time.sleep(_POLL_SECONDS)
                    continue
                yield False
            else:
                yield True
            return
    finally:
        os.close(descriptor)
