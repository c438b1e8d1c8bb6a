"""What is published below the URL of CREDITS_PUBLISH_TO, as seen from this home. Nothing here writes to the bucket."""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.flushing import flush_to_disk
from ingest.object_urls import ObjectUrl
from ingest.settings import Settings
from orchestration.publish.switching_note import is_noted

if TYPE_CHECKING:
    from orchestration.publish.published_pointer import Pointer


def published_elsewhere(settings: Settings) -> Pointer | None:
    """What is published below the URL; None if nothing is, or versions are published on this disk only.

    Raises:
        StorageError: the store can't be used.
        CreditsError: `current.json` is damaged.
    """
    if not isinstance(settings.publish_to, ObjectUrl):
        return None
    from ingest.object_storage import open_storage
    from orchestration.publish.published_pointer import read_pointer

    return read_pointer(open_storage(settings.publish_to))


def is_to_be_sent(settings: Settings, version: str) -> bool:
    """Whether a run has to bring the bucket and this disk together, if `version` is the current one on this disk.

    Raises:
        StorageError, CreditsError: see `published_elsewhere`.
    """
    if not isinstance(settings.publish_to, ObjectUrl):
        return False
    return is_noted(settings) or lacks_version(published_elsewhere(settings), known_publisher(settings), version)


def lacks_version(pointer: Pointer | None, publisher: str | None, version: str) -> bool:
    """Whether a publisher has to publish its current version again: nothing is published, or another one of its own.
    What another publisher has published stays until there is something new here.
    """
    return pointer is None or (pointer.publisher == publisher and pointer.version != version)


def known_publisher(settings: Settings) -> str | None:
    """The id under which this home publishes; None if it has none yet, or this user can't read it."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return str(json.loads(_file(settings).read_bytes())["publisher"])
    return None


def publisher_id(settings: Settings) -> str:
    """The id under which this home publishes; it is made once.

    Raises:
        OSError: it can't be kept.
    """
    if known := known_publisher(settings):
        return known
    made = secrets.token_hex(8)
    partial = _file(settings).with_suffix(".partial")
    partial.write_text(json.dumps({"publisher": made}) + "\n", encoding="utf-8")
    flush_to_disk(partial)
    partial.replace(_file(settings))
    return made


def _file(settings: Settings) -> Path:
    return settings.warehouse / "publisher.json"
