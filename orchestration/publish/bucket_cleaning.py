"""Removes versions and data files that readers of a bucket no longer need, by the project's own manifests.

A file goes if no kept version names it and it is older than `KEPT_DAYS` days. A version is kept if it is among the
newest, is the published one, or was published until less than `KEPT_DAYS` days ago: readers may have it open. Delta's
own vacuum knows nothing of versions, and is never used.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from ingest.errors import StorageError
from ingest.object_storage import Entry, ObjectStorage
from orchestration.published_version import MANIFEST

KEPT_DAYS = 7
_EVERY = timedelta(days=1)
_SWITCHED = "pointer.json"
"""The last file of a version's folder: written just before the version is switched in."""


def clean(storage: ObjectStorage, keep_versions: int, published: str, cleaned_at: str) -> str:
    """Remove what is not needed, once a day; `published` is the version that readers see. The caller holds the turn.
    Return when that was last done. A store that can't be used now is tried again by the next run.
    """
    now = datetime.now(UTC)
    if not _is_due(cleaned_at, now):
        return cleaned_at
    try:
        remove_unneeded(storage, keep_versions, published, now)
    except StorageError:
        return cleaned_at
    return now.isoformat(timespec="seconds")


def remove_unneeded(
    storage: ObjectStorage, keep_versions: int, published: str, now: datetime, kept_days: float = KEPT_DAYS
) -> list[str]:
    """Remove what is not needed, and return the keys.

    Raises:
        StorageError: the store can't be used, or a manifest can't be read; then no data file is removed.
    """
    before = now - timedelta(days=kept_days)
    versions = _by_version(storage.list("versions"))
    kept = _kept(versions, keep_versions, published, before)
    named = {path for version in kept for path in _named_by(storage, version)}
    removed = [
        entry.key
        for entry in storage.list("tables")
        if entry.key.endswith(".parquet") and entry.key not in named and entry.modified_at < before
    ]
    for version, entries in versions.items():
        if version not in kept and all(entry.modified_at < before for entry in entries):
            # The manifest goes last, so that a folder that is half removed is found again.
            removed += sorted((entry.key for entry in entries), key=lambda key: key.endswith(MANIFEST))
    for key in removed:
        storage.delete(key)
    return removed


def _kept(versions: Mapping[str, Sequence[Entry]], most: int, published: str, before: datetime) -> frozenset[str]:
    """The versions whose files stay."""
    switched = sorted(
        (entry.modified_at, version)
        for version, entries in versions.items()
        for entry in entries
        if entry.key.endswith(f"/{_SWITCHED}")
    )
    names = [version for _, version in switched]
    recent = {version for (_, version), (followed_at, _) in itertools.pairwise(switched) if followed_at >= before}
    return frozenset({*names[-most:], published, *recent})


def _named_by(storage: ObjectStorage, version: str) -> list[str]:
    content, _ = storage.read(f"versions/{version}/{MANIFEST}")
    try:
        return [file["path"] for table in json.loads(content)["tables"].values() for file in table["files"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise StorageError(f"{storage.url}/versions/{version}/{MANIFEST} is damaged; nothing is removed.") from None


def _by_version(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        _, version, *rest = entry.key.split("/")
        if rest:
            found.setdefault(version, []).append(entry)
    return found


def _is_due(cleaned_at: str, now: datetime) -> bool:
    try:
        return datetime.fromisoformat(cleaned_at) + _EVERY <= now
    except (ValueError, TypeError):
        return True
