"""Lists what is below `landing/`: the files that are ready to land, and everything that is not read, with the
reason.
"""

from __future__ import annotations

import hashlib
import os
import time
from array import array
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ingest.contract.bundles import is_bundle
from ingest.contract.datasets import (
    BUNDLE_ENDING,
    BUNDLED,
    EXPORT_ENDINGS,
    EXPORTS,
    FOLDERS,
    NO_REASON_TO_RUN,
    NOT_YET_READ,
    RECORD_ENDINGS,
    is_ready_name,
)
from ingest.contract.landing_files import LandingFile, ListedFolder, in_landing_order
from ingest.contract.left_out import Kind, LeftOut, noted_beside
from ingest.errors import HomeError


@dataclass(frozen=True)
class Listing:
    """What is below `landing/`: the folders with ready files, the bundles, and everything that is left out, by path.

    `began_ns` is when the listing began, since 1970. `fingerprint` is a hash over the path, size, modification time and
    time of the last change of every ready file that can start a run, and over what is left out and why. It stays the
    same until such a file is delivered, written again or moved.
    """

    folders: tuple[ListedFolder, ...]
    left_out: tuple[LeftOut, ...]
    began_ns: int
    fingerprint: str
    bundles: tuple[LandingFile, ...] = ()


def list_landing(landing: Path) -> Listing:
    """List everything below `landing/` once. A missing folder is empty; one that can't be read is left out.

    Raises:
        HomeError: `landing/` itself can't be read.
    """
    return _listing(landing, _Walk())


def _listing(landing: Path, walk: _Walk) -> Listing:
    began_ns = time.time_ns()
    walk.look_at(_Folder(str(landing), "", None, ""))
    walk.left_out += noted_beside(landing)
    for left in walk.left_out:
        if left.path == "":
            raise HomeError(f"{landing}: {left.reason}.")
    left_out = tuple(sorted(walk.left_out, key=lambda left: left.path))
    digest = hashlib.sha256()
    for path, of_files in sorted(walk.digests):
        digest.update(f"{path}\0".encode() + of_files)
    for left in left_out:
        digest.update(f"{left.path}\0{left.reason}\n".encode())
    bundles = in_landing_order(walk.bundles)
    return Listing(tuple(walk.folders), left_out, began_ns, digest.hexdigest(), tuple(bundles))


def list_dataset(landing: Path, dataset: str) -> list[ListedFolder]:
    """List the folders of one dataset with ready files. A missing folder has none.

    Raises:
        HomeError: a folder can't be read.
    """
    top = str(landing / FOLDERS[dataset])
    walk = _Walk()
    walk.look_at(_Folder(top, f"{FOLDERS[dataset]}/", dataset, top))
    for left in walk.left_out:
        if left.kind == "unreadable" and left.path.endswith("/"):
            raise HomeError(f"{landing / left.path}: {left.reason}.")
    return walk.folders


def ready_files(landing: Path, dataset: str) -> list[LandingFile]:
    """List the ready files of one dataset, by path. A missing folder has none.

    Raises:
        HomeError: a folder can't be read.
    """
    return in_landing_order([file for folder in list_dataset(landing, dataset) for file in folder.files])


def listing_fingerprint(landing: Path) -> str:
    """The fingerprint of what is below `landing/`; see `Listing.fingerprint`.

    Raises:
        HomeError: `landing/` itself can't be read.
    """
    return _listing(landing, _Walk(only_fingerprint=True)).fingerprint


def is_read(path: str) -> bool:
    """Whether a file with this path, relative to `landing/`, would be read."""
    *folders, name = path.split("/")
    for depth in range(1, len(folders) + 1):
        if dataset := _DATASETS.get("/".join(folders[:depth])):
            return all(map(is_ready_name, (*folders, name))) and name.lower().endswith(_endings(dataset))
    return False


_UNKNOWN_FOLDER = "its folder is not a known one"
_UNREAD_FOLDER = "its folder is not read by this release"
_UNREAD_ENDING = "its ending is not read"
_NO_FILE = "it is not an ordinary file"
_LINK_OUT = "it is a link that leads out of its dataset's folder, which is not followed"
_LINK_TO_FOLDER = "it is a link to a folder, which is not followed"
_DATASETS = {folder: dataset for dataset, folder in FOLDERS.items()}
_ABOVE_DATASETS = {folder.rpartition("/")[0] for folder in FOLDERS.values()} - {""}


_BUNDLED_ENDINGS = (*RECORD_ENDINGS, BUNDLE_ENDING)
_Seen = tuple[str, int, int, int, int]
"""A ready file: its name, size, modification time, time of the last change, and inode."""


@dataclass(frozen=True)
class _Folder:
    """A folder to list, and the ready files that were seen in it. `path` is relative to `landing/` and ends with a
    slash; `top` is the dataset's folder.
    """

    absolute: str
    path: str
    dataset: str | None
    top: str
    seen: list[_Seen] = field(default_factory=list[_Seen])

    @property
    def why_unread(self) -> str:
        is_named = any(self.path.startswith(f"{folder}/") for folder in NOT_YET_READ)
        return _UNREAD_FOLDER if is_named else _UNKNOWN_FOLDER

    def below(self, entry: os.DirEntry[str]) -> _Folder:
        path = f"{self.path}{entry.name}"
        dataset = self.dataset or _DATASETS.get(path)
        return _Folder(entry.path, f"{path}/", dataset, self.top or (entry.path if dataset else ""))


class _Walk:
    """Collects what is below a folder. With `only_fingerprint` it keeps no files, and no sizes of what is left out,
    which saves memory and a system call for each.
    """

    def __init__(self, *, only_fingerprint: bool = False) -> None:
        self._only_fingerprint = only_fingerprint
        self.folders: list[ListedFolder] = []
        self.bundles: list[LandingFile] = []
        self.digests: list[tuple[str, bytes]] = []
        """A hash over the ready files of each folder that can start a run, with the folder's path."""
        self.left_out: list[LeftOut] = []

    def look_at(self, top: _Folder) -> None:
        pending = [top]
        while pending:
            folder = pending.pop()
            try:
                with os.scandir(folder.absolute) as entries:
                    self._look_into(folder, entries, pending)
            except FileNotFoundError:  # not made yet, or gone again
                pass
            except OSError as error:
                if not folder.dataset and folder.path and folder.path[:-1] not in _ABOVE_DATASETS:
                    self._leave_out(folder.path, folder.why_unread, None, "unread")
                else:
                    reason = f"the folder can't be read ({error.strerror}): check its owner and mode"
                    self._leave_out(folder.path, reason, None, "unreadable")
            if folder.dataset and folder.seen:
                self._add(folder, folder.dataset)

    def _look_into(self, folder: _Folder, entries: Iterable[os.DirEntry[str]], pending: list[_Folder]) -> None:
        endings = _endings(folder.dataset) if folder.dataset else ()
        keep = folder.seen.append
        is_needed = not (self._only_fingerprint and folder.dataset in NO_REASON_TO_RUN)
        for entry in entries:
            name = entry.name
            try:
                # Nearly all entries are ordinary files with plain names, and there may be very many.
                is_plain = name.endswith(endings) and name[0] not in "._" and name.isascii()
                if is_plain and entry.is_file(follow_symlinks=False):
                    if is_needed:
                        stat = entry.stat(follow_symlinks=False)
                        keep((name, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino))
                    continue
            except OSError:  # said below
                pass
            if is_ready_name(name) and self._is_folder(folder, entry):
                pending.append(folder.below(entry))

    def _add(self, folder: _Folder, dataset: str) -> None:
        folder.seen.sort()
        names, sizes, modified, changed, _ = zip(*folder.seen, strict=True)
        if dataset not in NO_REASON_TO_RUN:
            digest = hashlib.sha256("\0".join(names).encode())
            try:
                digest.update(array("q", (*sizes, *modified, *changed)).tobytes())
            except OverflowError:  # a time in a far century
                digest.update(repr((sizes, modified, changed)).encode())
            self.digests.append((folder.path, digest.digest()))
        if not self._only_fingerprint:
            self._keep_files(folder, dataset)
        folder.seen.clear()

    def _keep_files(self, folder: _Folder, dataset: str) -> None:
        bundles = [seen for seen in folder.seen if is_bundle(seen[0])] if dataset in BUNDLED else []
        if bundles:
            self.bundles += _listed(folder, dataset, bundles).files
        others = [seen for seen in folder.seen if not is_bundle(seen[0])] if bundles else folder.seen
        if others:
            self.folders.append(_listed(folder, dataset, others))

    def _is_folder(self, folder: _Folder, entry: os.DirEntry[str]) -> bool:
        """Whether an entry is a folder to list; other entries are kept or left out."""
        path = f"{folder.path}{entry.name}"
        try:
            # The folders of the datasets themselves may be links to another disk.
            is_a_known_place = path in _DATASETS or path in _ABOVE_DATASETS
            if entry.is_dir(follow_symlinks=is_a_known_place):
                if _is_utf8(entry.name):
                    return True
                self._leave_out(f"{path}/", "its name is not UTF-8", None, "unreadable")
            elif folder.dataset is None:
                self._leave_out(path, folder.why_unread, entry, "unread")
            elif entry.is_symlink() and (why := _why_not_followed(folder, entry)):
                self._leave_out(path, why, entry, "unread")
            elif not entry.name.lower().endswith(_endings(folder.dataset)):
                self._leave_out(path, _UNREAD_ENDING, entry, "unread")
            elif not _is_utf8(entry.name):
                self._leave_out(path, "its name is not UTF-8", entry, "unreadable")
            elif entry.is_symlink():
                self._keep_link(folder, folder.dataset, entry)
            elif entry.is_file(follow_symlinks=False):
                self._keep(folder, entry)
            else:
                self._leave_out(path, _NO_FILE, entry, "unread")
        except FileNotFoundError:  # gone again
            pass
        except OSError as error:
            reason = f"it can't be opened ({error.strerror}): check its owner and mode"
            self._leave_out(path, reason, None, "unreadable")
        return False

    def _keep(self, folder: _Folder, entry: os.DirEntry[str]) -> None:
        stat = entry.stat()
        folder.seen.append((entry.name, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino))

    def _keep_link(self, folder: _Folder, dataset: str, entry: os.DirEntry[str]) -> None:
        path = f"{folder.path}{entry.name}"
        try:
            target = os.path.realpath(entry.path, strict=True)
        except OSError as error:
            reason = f"it is a link that can't be followed ({error.strerror}): mend or remove it"
            if os.path.lexists(entry.path):
                self._leave_out(path, reason, None, "unreadable")
            return
        names = Path(target).relative_to(os.path.realpath(folder.top)).parts
        if not entry.is_file():
            self._leave_out(path, _NO_FILE, entry, "unread")
        elif not (all(map(is_ready_name, names)) and names[-1].lower().endswith(_endings(dataset))):
            self._keep(folder, entry)  # otherwise the file is read under its own name

    def _leave_out(self, path: str, reason: str, entry: os.DirEntry[str] | None, kind: Kind) -> None:
        size = None
        if entry is not None and not self._only_fingerprint:
            with suppress(OSError):
                size = entry.stat(follow_symlinks=False).st_size
        shown = os.fsencode(path).decode("utf-8", "backslashreplace")
        self.left_out.append(LeftOut(shown, reason, size, kind))


def _listed(folder: _Folder, dataset: str, seen: Sequence[_Seen]) -> ListedFolder:
    names, sizes, modified, changed, inodes = zip(*seen, strict=True)
    return ListedFolder(dataset, folder.path, folder.absolute, names, sizes, modified, changed, inodes)


def _why_not_followed(folder: _Folder, entry: os.DirEntry[str]) -> str | None:
    """Why a link in a dataset's folder is not followed; None if it is followed, or leads nowhere."""
    target, top = Path(os.path.realpath(entry.path)), Path(os.path.realpath(folder.top))
    if not target.exists():
        return None
    if not target.is_relative_to(top):
        return _LINK_OUT
    return _LINK_TO_FOLDER if entry.is_dir() else None


def _endings(dataset: str) -> tuple[str, ...]:
    if dataset in BUNDLED:
        return _BUNDLED_ENDINGS
    return EXPORT_ENDINGS if dataset in EXPORTS else RECORD_ENDINGS


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
