"""Joins many small files of JSON Lines into one in memory: DuckDB takes about a millisecond for each file, however few
lines it has.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ingest.landing.file_bytes import InspectedFile

_MOST_BYTES = 256 * 1024
"""The size of the largest file that is joined with others."""
_FEWEST_FILES = 4


def is_small(inspected: InspectedFile) -> bool:
    """Whether reading a file costs less than what DuckDB does for each file."""
    return inspected.facts.compression == "uncompressed" and inspected.file.size <= _MOST_BYTES


def are_joined(files: Sequence[InspectedFile]) -> bool:
    """Whether these files are read as one. A file without a path of its own has no other way to DuckDB."""
    is_worth_it = len(files) >= _FEWEST_FILES or not all(inspected.file.has_own_path for inspected in files)
    return is_worth_it and all(map(is_small, files)) and hasattr(os, "memfd_create")


@contextmanager
def joined(files: Sequence[InspectedFile]) -> Iterator[Path | None]:
    """A file in memory with the lines of these files, one file after the other; None if the operating system refuses
    such a file.

    Raises:
        OSError: a file can't be read any more.
    """
    try:
        descriptor = os.memfd_create("lines")
    except OSError:  # a sandbox may forbid it
        yield None
        return
    with open(descriptor, "wb") as memory:  # noqa: PTH123 -- it has no path of its own
        for inspected in files:
            with inspected.file.open() as source:
                text = source.read()
            memory.write(text if text.endswith(b"\n") else text + b"\n")
        memory.flush()
        path = Path(f"/proc/self/fd/{memory.fileno()}")
        yield path if path.exists() else None
