"""Where the input files are: a folder, or a place in a bucket with a copy on this disk.

Landing always reads a folder. `bring` makes that folder hold what the store holds, and `outbox` lends a folder to
commands that write input files. For a folder both cost nothing; `ingest.mirrored_landing` has the form for a bucket.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from ingest.settings import Settings


class LandingStore(Protocol):
    """The input files of a home. As a text it is the place that a person would look at."""

    def bring(self, *, may_be_empty: bool = False) -> None:
        """Make the folder that landing reads hold everything that the store holds now.

        Raises:
            StorageError: the store can't be used, or is a bucket's place without any object, which is most likely the
                wrong one, and `may_be_empty` does not allow that.
            HomeError: this disk can't be used.
            LockedError: another process is at it.
        """
        ...

    def is_behind(self) -> bool:
        """Whether `bring` would change the folder. Sends one listing, and writes nothing.

        Raises:
            StorageError: the store can't be used.
        """
        ...

    def outbox(self, *, resend: bool) -> AbstractContextManager[Path]:
        """A folder to write input files into, in the layout of `landing/`. When the context ends, with or without an
        error, its finished files are in the store. With `resend`, files that could not be sent are sent later;
        otherwise nothing is sent after an error.

        Raises:
            StorageError, HomeError: a file can't be sent or written.
        """
        ...

    def place_of(self, path: Path, folder: Path) -> str:
        """Where a person finds a file that was written to `path` in the outbox `folder`."""
        ...


class FolderLanding:
    """Input files in a folder of this machine."""

    def __init__(self, landing: Path) -> None:
        self._landing = landing

    def __str__(self) -> str:
        return str(self._landing)

    def bring(self, *, may_be_empty: bool = False) -> None:
        """See `LandingStore.bring`."""

    def is_behind(self) -> bool:
        """See `LandingStore.is_behind`."""
        return False

    @contextmanager
    def outbox(self, *, resend: bool) -> Iterator[Path]:
        """See `LandingStore.outbox`."""
        yield self._landing

    def place_of(self, path: Path, folder: Path) -> str:
        """See `LandingStore.place_of`."""
        return str(path)


def landing_store(settings: Settings) -> LandingStore:
    """The store that the settings name. Sends no request.

    Raises:
        StorageError: a bucket is named, and its client is not installed or its variables can't be used.
    """
    if settings.landing_url is None:
        return FolderLanding(settings.landing)
    from ingest.mirrored_landing import MirroredLanding
    from ingest.object_storage import open_storage

    return MirroredLanding(open_storage(settings.landing_url), settings.warehouse, settings.lock_wait_seconds)
