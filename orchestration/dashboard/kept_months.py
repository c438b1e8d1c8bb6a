"""What pages need of each month, kept from one page to the next below the home's `warehouse/`.

It is a cache: each file is named by everything that its rows depend on and by a hash of its own bytes, so one that is
outdated or damaged is not found. Any of them may be deleted at any time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb

from ingest.sql_text import literal

Contents = Mapping[str, Mapping[date, str]]
"""The hashes of the files of each month (its first day) of each table that is published by month."""


class KeptMonths:
    """The kept files in a folder, beside the contents of the months of one version. Only the writer of a home may use
    them.
    """

    def __init__(self, folder: Path, contents: Contents) -> None:
        self.contents = contents
        self._folder = folder
        self._files = {_key(path): path for path in folder.glob("*.parquet")}
        self._used: dict[str, Path] = {}

    def find(self, key: str) -> Path | None:
        """The file that is kept under a key, if it is whole.

        Raises:
            OSError: it can't be read.
        """
        path = self._used.get(key) or self._files.get(key)
        if path is None or path.name != _name(key, path):
            return None
        self._used[key] = path
        return path

    def keep(self, connection: duckdb.DuckDBPyConnection, key: str, query: str) -> Path:
        """Write the rows of a query under a key, in place of what is kept there.

        Raises:
            OSError: they can't be written.
            duckdb.Error: they can't be written, or not be read.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        writing = self._folder / "writing"
        connection.execute(f"copy ({query}) to {literal(writing)} (format parquet)")
        path = self._folder / _name(key, writing)
        writing.rename(path)
        self._used[key] = path
        return path

    def remove_unused(self) -> None:
        """Delete every file that was not found or written since this object was made.

        Raises:
            OSError: one can't be deleted.
        """
        for path in set(self._folder.glob("*")) - set(self._used.values()):
            path.unlink(missing_ok=True)


def _key(path: Path) -> str:
    return path.name.rpartition("-")[0]


def _name(key: str, path: Path) -> str:
    return f"{key}-{hashlib.sha256(path.read_bytes()).hexdigest()[:32]}.parquet"
