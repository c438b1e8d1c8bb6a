"""The folders of the published versions: named, written beside the current one, switched in, removed when old."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ingest.settings import Settings
from orchestration.published_version import CURRENT, current_version


def new_version(settings: Settings) -> str:
    """A name that no version has yet; names sort by the time of their making."""
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    taken = {path.name.strip(".").removesuffix(".partial") for path in _versions(settings).glob("*")}
    return next(name for name in (stamp, *(f"{stamp}-{n:04}" for n in range(1, 10_000))) if name not in taken)


def version_folder(settings: Settings, version: str) -> Path:
    """Where a version stands once it is whole."""
    return _versions(settings) / version


@contextmanager
def written_beside(settings: Settings, version: str) -> Iterator[Path]:
    """A folder for a version in the making; gone afterwards, unless it was switched in.

    Raises:
        OSError: it can't be made.
    """
    partial = _versions(settings) / f".{version}.partial"
    partial.mkdir(parents=True)
    try:
        yield partial
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def switch_to(settings: Settings, partial: Path, version: str) -> None:
    """Make the folder `partial` the version that readers see, in one step.

    Raises:
        OSError: the version is not the current one, and gone.
    """
    folder = version_folder(settings, version)
    link = settings.published / f".{CURRENT}.next"
    partial.rename(folder)
    try:
        link.unlink(missing_ok=True)
        link.symlink_to(folder.relative_to(settings.published))
        link.replace(settings.published / CURRENT)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    flush(folder.parent)
    flush(settings.published)


def remove_old_versions(settings: Settings) -> None:
    """Remove what was left half written, and all but the newest versions; never the current one."""
    current = current_version(settings)
    for path in _versions(settings).glob(".*.partial"):
        shutil.rmtree(path, ignore_errors=True)
    for path in sorted(_versions(settings).iterdir(), reverse=True)[settings.keep_versions :]:
        if path != current:
            shutil.rmtree(path, ignore_errors=True)


def flush(path: Path) -> None:
    """Have a file, or the names in a folder, written to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _versions(settings: Settings) -> Path:
    return settings.published / "versions"
