"""The folders of the published versions: how they are named, made, switched in and removed."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ingest.flushing import flush_to_disk
from ingest.settings import Settings
from orchestration.published_version import CURRENT, current_version


def new_version(settings: Settings, taken_elsewhere: Collection[str] = ()) -> str:
    """A name that no version has yet; names sort by time."""
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    taken = {path.name.strip(".").removesuffix(".partial") for path in _versions(settings).glob("*")}
    taken.update(taken_elsewhere)
    return next(name for name in (stamp, *(f"{stamp}-{n:04}" for n in range(1, 10_000))) if name not in taken)


def version_folder(settings: Settings, version: str) -> Path:
    """The folder of a complete version."""
    return _versions(settings) / version


def partial_folder(settings: Settings, version: str) -> Path:
    """The folder of a version that is being made."""
    return _versions(settings) / f".{version}.partial"


@contextmanager
def written_beside(settings: Settings, version: str) -> Iterator[Path]:
    """A folder for a version that is being made; it is removed afterwards, unless it was switched in.

    Raises:
        OSError: it can't be made.
    """
    partial = partial_folder(settings, version)
    partial.mkdir(parents=True)
    try:
        yield partial
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def switch_to(settings: Settings, partial: Path, version: str) -> None:
    """Make the folder `partial` the version that readers see, in one step.

    Raises:
        OSError: the version could not be made current, and is removed.
    """
    folder = version_folder(settings, version)
    partial.rename(folder)
    try:
        point_to(settings, version)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def point_to(settings: Settings, version: str) -> None:
    """Make a complete version the one that readers see, in one step.

    Raises:
        OSError: the version could not be made current.
    """
    folder = version_folder(settings, version)
    link = settings.published / f".{CURRENT}.next"
    link.unlink(missing_ok=True)
    link.symlink_to(folder.relative_to(settings.published))
    link.replace(settings.published / CURRENT)
    flush_to_disk(folder.parent)
    flush_to_disk(settings.published)


def remove_old_versions(settings: Settings) -> None:
    """Remove incomplete folders, and all versions except the newest; never the current one."""
    current = current_version(settings)
    for path in _versions(settings).glob(".*.partial"):
        shutil.rmtree(path, ignore_errors=True)
    for path in sorted(_versions(settings).iterdir(), reverse=True)[settings.keep_versions :]:
        if path != current:
            shutil.rmtree(path, ignore_errors=True)


def _versions(settings: Settings) -> Path:
    return settings.published / "versions"
