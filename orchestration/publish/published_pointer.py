"""`current.json`: which version readers of a bucket see. One conditional write of it switches a version in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ingest.errors import CreditsError, MissingObjectError
from ingest.object_storage import ObjectStorage

POINTER = "current.json"


@dataclass(frozen=True)
class Pointer:
    """What `current.json` says. `manifest` is the key of the version's manifest, and `sha256` the hash of its bytes.
    `delta` has the number of the Delta version of each table. `publication` grows by one or more with each version.
    `publisher` is the id of the home that published it, and `host` the name of its machine. `e_tag` is that of the
    object itself.
    """

    version: str
    manifest: str
    sha256: str
    delta: Mapping[str, int]
    publication: int
    publisher: str
    host: str
    published_at: str
    e_tag: str | None = field(default=None, compare=False)

    def as_bytes(self) -> bytes:
        """As it is written."""
        says = {name: said for name, said in vars(self).items() if name != "e_tag"}
        return (json.dumps(says, indent=2) + "\n").encode()


def read_pointer(storage: ObjectStorage) -> Pointer | None:
    """Which version is published below a URL; None if nothing is.

    Raises:
        StorageError: the store can't be used.
        CreditsError: `current.json` is not what this project writes.
    """
    try:
        content, entry = storage.read(POINTER)
    except MissingObjectError:
        return None
    found = _as_pointer(content, entry.e_tag)
    if found is None:
        raise CreditsError(
            f"{storage.url}/{POINTER} is damaged: copy versions/<version>/pointer.json of the newest version over it."
        )
    return found


def _as_pointer(content: bytes, e_tag: str | None) -> Pointer | None:
    try:
        says: dict[str, Any] = json.loads(content)
        delta = {str(table): int(number) for table, number in says["delta"].items()}
        texts = [says[name] for name in ("version", "manifest", "sha256", "publisher", "host", "published_at")]
        publication = says["publication"]
        is_aware = datetime.fromisoformat(says["published_at"]).tzinfo is not None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if not isinstance(publication, int) or not is_aware or not all(isinstance(text, str) and text for text in texts):
        return None
    version, manifest, sha256, publisher, host, published_at = texts
    return Pointer(version, manifest, sha256, delta, publication, publisher, host, published_at, e_tag)
