"""Writes files for landing under a name that is not ready, and renames them when they are complete."""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from ingest.contract.owner_only import open_owner_only, owner_only_folders
from ingest.errors import HomeError

_STAMP = "%Y-%m-%dT%H-%M-%SZ"
_STAMPED = re.compile(r"(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)")
_ABANDONED_SECONDS = 24 * 3600.0


class LandingWriter:
    """Writes JSON Lines into one folder below `landing/`: lines are collected in a file until `deliver`.

    File names begin with `name` and contain the time at which they were made. Only the owner may read the files. Not
    thread-safe.

    Raises:
        HomeError: the folder can't be written.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._file: BinaryIO | None = None
        self._path = folder
        self.lines = 0
        try:
            owner_only_folders(folder)
            self._remove_abandoned()
        except OSError as error:
            raise self._unwritable(error) from None

    def add(self, fields: Mapping[str, str | int | None]) -> None:
        """Add one line; fields that are None or empty are left out."""
        kept = {name: value for name, value in fields.items() if value not in (None, "")}
        self.add_line(json.dumps(kept, separators=(",", ":")).encode() + b"\n")

    def add_line(self, line: bytes) -> None:
        """Add one line that includes its line end."""
        try:
            if self._file is None:
                stamp = datetime.now(UTC).strftime(_STAMP)
                self._path = self._folder / f"{self._name}-{stamp}-{secrets.token_hex(4)}.jsonl"
                self._file = os.fdopen(open_owner_only(self._partial, os.O_WRONLY | os.O_EXCL), "wb")
            self._file.write(line)
        except OSError as error:
            raise self._unwritable(error) from None
        self.lines += 1

    def deliver(self) -> Path | None:
        """Let landing see the lines that were added since the last call; None if there are none."""
        if self._file is None:
            return None
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._partial.rename(self._path)
        except OSError as error:
            raise self._unwritable(error) from None
        self._file, self.lines = None, 0
        return self._path

    @property
    def _partial(self) -> Path:
        return self._path.with_name(f".{self._path.name}.partial")

    def _remove_abandoned(self) -> None:
        # Of this writer alone: others may leave files that are not ready in the same folder.
        own = re.compile(rf"\.{re.escape(self._name)}-{_STAMPED.pattern}-[0-9a-f]{{8}}\.jsonl\.partial")
        latest = time.time() - _ABANDONED_SECONDS
        for path in self._folder.iterdir():
            if own.fullmatch(path.name) and path.stat().st_mtime < latest:
                path.unlink(missing_ok=True)

    def _unwritable(self, error: OSError) -> HomeError:
        return HomeError(f"{self._folder} cannot be written ({error.strerror}): check its owner, mode and disk.")


def made_at(path: Path) -> datetime | None:
    """When a delivered file was begun (aware), from its name; None if the name does not say."""
    found = _STAMPED.findall(path.name)
    if not found:
        return None
    try:
        return datetime.strptime(found[-1], _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def path_as_text(path: Path) -> str:
    """A path for DuckDB's readers, with their special characters escaped."""
    return re.sub(r"[*?\[]", r"[\g<0>]", str(path))
