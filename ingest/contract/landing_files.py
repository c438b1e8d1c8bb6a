"""A file below `landing/` that is ready to land: its path, its form, its times, and whether it is still as listed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import unquote

from ingest.contract.datasets import FOLDERS
from ingest.contract.forms import UnusableExportTimeError, export_time

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

    @property
    def holder(self) -> LandingFile:
        """The file below `landing/` that has its bytes: itself, or a bundle."""
        return self

    @property
    def has_own_path(self) -> bool:
        """Whether other programs can open its bytes at `absolute`."""
        return self.holder is self

    def open(self, buffering: int = -1) -> BinaryIO:
        """Open its bytes for reading, with a buffer of this size; the caller closes it.

        Raises:
            OSError: it can't be opened.
        """
        return cast(BinaryIO, self.absolute.open("rb", buffering))

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

    @property
    def files(self) -> list[LandingFile]:
        """All of its files, in the order of their names."""
        return [self.file(place) for place in range(len(self.names))]

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


def in_landing_order(files: Sequence[LandingFile]) -> list[LandingFile]:
    """Files in the order in which they land: by dataset and path."""
    order = {dataset: place for place, dataset in enumerate(FOLDERS)}
    return sorted(files, key=lambda file: (order[file.dataset], file.path))


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
