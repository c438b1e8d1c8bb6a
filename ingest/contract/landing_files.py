"""Lists what is below `landing/`: the files that are ready to land, and everything that is not read, with the
reason.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from array import array
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

from ingest.contract.forms import UnusableExportTimeError, export_time
from ingest.contract.left_out import Kind, LeftOut
from ingest.errors import HomeError

USAGE_RECORDS = "usage_records"
INTERACTIONS = "interactions"
USERS = "users"
TENANTS = "tenants"
RATES = "rates"
QUOTAS = "quotas"
ADJUSTMENTS = "adjustments"
PERIOD_EVENTS = "period_events"
CLOSED_CHARGES = "closed_charges"
CLOSED_LINES = "closed_lines"
CORTI_INTERACTIONS = "corti_interactions"
CORTI_RESOURCES = "corti_resources"
CORTI_PULLS = "corti_pulls"
PROVIDER_CONSUMPTION = "provider_consumption"
HEARTBEATS = "heartbeats"
FOLDERS = {
    USAGE_RECORDS: "usage_records",
    INTERACTIONS: "mappings/interactions",
    USERS: "mappings/users",
    TENANTS: "mappings/tenants",
    RATES: "billing/rates",
    QUOTAS: "billing/quotas",
    ADJUSTMENTS: "billing/adjustments",
    PERIOD_EVENTS: "billing/periods",
    CLOSED_CHARGES: "billing/closed_charges",
    CLOSED_LINES: "billing/closed_lines",
    CORTI_INTERACTIONS: "corti/interactions",
    CORTI_RESOURCES: "corti/resources",
    CORTI_PULLS: "corti/pulls",
    PROVIDER_CONSUMPTION: "provider/consumption",
    HEARTBEATS: "heartbeats",
}
NO_REASON_TO_RUN = (HEARTBEATS,)
"""Datasets that land with the next run, but start none: a quiet night must not need a build every hour."""
NOT_YET_READ = ("erasures", "billing/purchases", "provider/token_prices")
"""Folders in the input contract; those without a dataset are not read by this release."""
_TEXTS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv")
RECORD_ENDINGS = (*(f"{ending}{packed}" for ending in _TEXTS for packed in ("", ".gz", ".zst")), ".parquet")
EXPORT_ENDINGS = (*RECORD_ENDINGS, ".xlsx")
EXPORTS = (INTERACTIONS, USERS, TENANTS, RATES, QUOTAS, ADJUSTMENTS, PROVIDER_CONSUMPTION)
"""Datasets that people export, also from a spreadsheet."""
_NOT_READY_STARTS = (".", "_")
_NOT_READY_ENDS = (".tmp", ".partial")
_TICK_NS = 20_000_000
_LONG_TICK_NS = 2_000_000_000
"""The tick of file systems that keep whole seconds."""
_HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class LandingFile:
    """A file that is ready to land. `path` is relative to `landing/` and names the file in every table and message;
    `modified_ns` and `changed_ns` (the time of the last change of the file or its inode) count from 1970.
    """

    dataset: str
    path: str
    absolute: Path
    size: int
    modified_ns: int
    inode: int = 0
    changed_ns: int = 0

    @cached_property
    def form(self) -> str:
        """`jsonl`, `json` (one array, or JSON Lines), `csv`, `parquet` or `xlsx`."""
        ending = self.path.lower().removesuffix(".gz").removesuffix(".zst").rpartition(".")[2]
        return {"ndjson": "jsonl", "tsv": "csv"}.get(ending, ending)

    @property
    def folder_values(self) -> dict[str, str]:
        """The values that folders below the dataset's folder give to all rows, in Hive's form (`tenantId=acme/`): names
        with values, both as text. The deepest folder of a name counts.
        """
        folders = self.path.removeprefix(FOLDERS[self.dataset]).split("/")[:-1]
        pairs = (folder.split("=", 1) for folder in folders if "=" in folder)
        found = {unquote(name): unquote(value) for name, value in pairs}
        return {name: value for name, value in found.items() if value != _HIVE_NULL}

    def is_as_listed(self) -> bool:
        """Whether the file is still the one that was listed, and unchanged."""
        try:
            stat = self.absolute.stat()
        except OSError:
            return False
        listed = (self.size, self.modified_ns, self.inode, self.changed_ns)
        return listed == (stat.st_size, stat.st_mtime_ns, stat.st_ino, stat.st_ctime_ns)

    @cached_property
    def exported_at(self) -> datetime:
        """When a mapping export was made: from its file name, else the modification time (naive UTC)."""
        try:
            named = export_time(Path(self.path).name)
        except UnusableExportTimeError:
            named = None
        return named or self._modified_at or datetime.max

    @property
    def _modified_at(self) -> datetime | None:
        try:
            return datetime(1970, 1, 1) + timedelta(microseconds=self.modified_ns // 1000)
        except OverflowError:
            return None

    @property
    def export_time_fault(self) -> str | None:
        """What is wrong with the export time: digits in the file name that look like a date or time but are not one, or
        else a modification time beyond the year 9999.
        """
        try:
            if export_time(Path(self.path).name) is None and self._modified_at is None:
                return "its modification time is after the year 9999; set it, or name the file by the export's date"
        except UnusableExportTimeError as error:
            return (
                f"its name has {str(error)!r}, which is not a valid date; name it by YYYY-MM-DD or "
                "YYYYMMDD, with a time of day as THH-MM-SSZ"
            )
        return None


@dataclass(frozen=True)
class ListedFolder:
    """A folder of a dataset with its ready files, in columns by name: a landing folder may hold very many files, and
    few of them are new. `path` is relative to `landing/` and ends with a slash; `LandingFile` has the columns.
    """

    dataset: str
    path: str
    absolute: str
    names: Sequence[str]
    sizes: Sequence[int]
    modified_ns: Sequence[int]
    changed_ns: Sequence[int]
    inodes: Sequence[int]

    @property
    def paths(self) -> list[str]:
        """The paths of its files, relative to `landing/`."""
        return [f"{self.path}{name}" for name in self.names]

    def file(self, place: int) -> LandingFile:
        """One of its files, by its place among the names."""
        name = self.names[place]
        return LandingFile(
            self.dataset,
            f"{self.path}{name}",
            Path(f"{self.absolute}/{name}"),
            self.sizes[place],
            self.modified_ns[place],
            self.inodes[place],
            self.changed_ns[place],
        )


@dataclass(frozen=True)
class Listing:
    """What is below `landing/`: the folders with ready files, and everything that is left out, by path.

    `began_ns` is when the listing began, since 1970. `fingerprint` is a hash over the path, size, modification time and
    time of the last change of every ready file that can start a run, and over what is left out and why. It stays the
    same until such a file is delivered, written again or moved.
    """

    folders: tuple[ListedFolder, ...]
    left_out: tuple[LeftOut, ...]
    began_ns: int
    fingerprint: str

    @property
    def files(self) -> list[LandingFile]:
        """The ready files, by dataset and path."""
        return in_landing_order([folder.file(place) for folder in self.folders for place in range(len(folder.names))])


def in_landing_order(files: Sequence[LandingFile]) -> list[LandingFile]:
    """Files in the order in which they land: by dataset and path."""
    order = {dataset: place for place, dataset in enumerate(FOLDERS)}
    return sorted(files, key=lambda file: (order[file.dataset], file.path))


def list_landing(landing: Path) -> Listing:
    """List everything below `landing/` once. A missing folder is empty; one that can't be read is left out.

    Raises:
        HomeError: `landing/` itself can't be read.
    """
    return _listing(landing, _Walk())


def _listing(landing: Path, walk: _Walk) -> Listing:
    began_ns = time.time_ns()
    walk.look_at(_Folder(str(landing), "", None, ""))
    for left in walk.left_out:
        if left.path == "":
            raise HomeError(f"{landing}: {left.reason}.")
    left_out = tuple(sorted(walk.left_out, key=lambda left: left.path))
    digest = hashlib.sha256()
    for path, of_files in sorted(walk.digests):
        digest.update(f"{path}\0".encode() + of_files)
    for left in left_out:
        digest.update(f"{left.path}\0{left.reason}\n".encode())
    return Listing(tuple(walk.folders), left_out, began_ns, digest.hexdigest())


def is_settled(file: LandingFile, began_ns: int) -> bool:
    """Whether a file is as it was listed, in a listing that began at `began_ns`, and can't change unseen from now on.

    File systems count time in ticks: two changes within one tick leave the same times. A file that changed just before
    it was listed is checked once more after that tick.
    """
    tick = _LONG_TICK_NS if file.changed_ns % 1_000_000_000 == 0 else _TICK_NS
    if file.changed_ns <= began_ns - tick:
        return True
    wait = min(file.changed_ns + tick - time.time_ns(), tick)
    if wait > 0:
        time.sleep(wait / 1e9)
    return file.is_as_listed()


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
    folders = list_dataset(landing, dataset)
    return in_landing_order([folder.file(place) for folder in folders for place in range(len(folder.names))])


def path_as_text(path: Path) -> str:
    """A path for DuckDB's readers, with their special characters escaped."""
    return re.sub(r"[*?\[]", r"[\g<0>]", str(path))


def listing_fingerprint(landing: Path) -> str:
    """The fingerprint of what is below `landing/`; see `Listing.fingerprint`.

    Raises:
        HomeError: `landing/` itself can't be read.
    """
    return _listing(landing, _Walk(only_fingerprint=True)).fingerprint


_UNKNOWN_FOLDER = "its folder is not a known one"
_UNREAD_FOLDER = "its folder is not read by this release"
_UNREAD_ENDING = "its ending is not read"
_NO_FILE = "it is not an ordinary file"
_LINK_OUT = "it is a link that leads out of its dataset's folder, which is not followed"
_LINK_TO_FOLDER = "it is a link to a folder, which is not followed"
_DATASETS = {folder: dataset for dataset, folder in FOLDERS.items()}
_ABOVE_DATASETS = {folder.rpartition("/")[0] for folder in FOLDERS.values()} - {""}


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
            if _is_ready(name) and self._is_folder(folder, entry):
                pending.append(folder.below(entry))

    def _add(self, folder: _Folder, dataset: str) -> None:
        folder.seen.sort()
        names, sizes, modified, changed, inodes = zip(*folder.seen, strict=True)
        if dataset not in NO_REASON_TO_RUN:
            digest = hashlib.sha256("\0".join(names).encode())
            try:
                digest.update(array("q", (*sizes, *modified, *changed)).tobytes())
            except OverflowError:  # a time in a far century
                digest.update(repr((sizes, modified, changed)).encode())
            self.digests.append((folder.path, digest.digest()))
        if not self._only_fingerprint:
            self.folders.append(
                ListedFolder(dataset, folder.path, folder.absolute, names, sizes, modified, changed, inodes)
            )
        folder.seen.clear()

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
        elif not (all(map(_is_ready, names)) and names[-1].lower().endswith(_endings(dataset))):
            self._keep(folder, entry)  # otherwise the file is read under its own name

    def _leave_out(self, path: str, reason: str, entry: os.DirEntry[str] | None, kind: Kind) -> None:
        size = None
        if entry is not None and not self._only_fingerprint:
            with suppress(OSError):
                size = entry.stat(follow_symlinks=False).st_size
        shown = os.fsencode(path).decode("utf-8", "backslashreplace")
        self.left_out.append(LeftOut(shown, reason, size, kind))


def _why_not_followed(folder: _Folder, entry: os.DirEntry[str]) -> str | None:
    """Why a link in a dataset's folder is not followed; None if it is followed, or leads nowhere."""
    target, top = Path(os.path.realpath(entry.path)), Path(os.path.realpath(folder.top))
    if not target.exists():
        return None
    if not target.is_relative_to(top):
        return _LINK_OUT
    return _LINK_TO_FOLDER if entry.is_dir() else None


def _endings(dataset: str) -> tuple[str, ...]:
    return EXPORT_ENDINGS if dataset in EXPORTS else RECORD_ENDINGS


def _is_ready(name: str) -> bool:
    return not (name.startswith(_NOT_READY_STARTS) or name.endswith(_NOT_READY_ENDS))


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
