"""Where versions are published: in a folder on this disk, or in a bucket with the folder as its cache."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from ingest.object_urls import ObjectUrl
from ingest.settings import Settings
from orchestration.publish import version_folders


class VersionStore(Protocol):
    """One place for versions, as one publishing run uses it. Every method may raise PublishError or StorageError."""

    def published_manifest(self) -> Mapping[str, Any] | None:
        """The manifest of the version that readers elsewhere see, if that is not the one on this disk."""
        ...

    def new_version(self) -> str:
        """A name that no other version has; names sort by time."""
        ...

    def lacks(self, version: str) -> bool:
        """Whether readers elsewhere should see this version, which is the current one on this disk, and do not."""
        ...

    def send(self, version: str) -> None:
        """Let readers elsewhere see the current version of this disk."""
        ...

    def switch_to(self, partial: Path, version: str, models: str) -> None:
        """Make the complete folder `partial` the version that readers see. `models` is the fingerprint of the models
        that made it.

        Raises:
            OSError: the version could not be made current.
        """
        ...

    def remove_old_versions(self) -> None:
        """Remove what readers no longer need."""
        ...


class FolderVersions:
    """Versions in the folder that the settings name, and nowhere else."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def published_manifest(self) -> None:
        """See `VersionStore.published_manifest`."""
        return

    def new_version(self) -> str:
        """See `VersionStore.new_version`."""
        return version_folders.new_version(self._settings)

    def lacks(self, version: str) -> bool:
        """See `VersionStore.lacks`."""
        return False

    def send(self, version: str) -> None:
        """See `VersionStore.send`."""

    def switch_to(self, partial: Path, version: str, models: str) -> None:
        """See `VersionStore.switch_to`."""
        version_folders.switch_to(self._settings, partial, version)

    def remove_old_versions(self) -> None:
        """See `VersionStore.remove_old_versions`."""
        version_folders.remove_old_versions(self._settings)


def version_store(settings: Settings) -> VersionStore:
    """The place that CREDITS_PUBLISH_TO names.

    Raises:
        StorageError: its URL can't be used, or a package that it needs is missing.
    """
    if not isinstance(settings.publish_to, ObjectUrl):
        return FolderVersions(settings)
    from ingest.object_storage import open_storage
    from orchestration.publish.bucket_versions import BucketVersions

    return BucketVersions(settings, open_storage(settings.publish_to))
