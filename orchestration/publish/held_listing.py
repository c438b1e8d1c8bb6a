"""Which listing of `landing/` the current version contains, if that is a later one than its manifest says.

A file that was copied, moved or written again with the same content makes another listing and no other version. The
note saves later runs from looking into the files again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ingest.settings import Settings


def held_listing(settings: Settings, manifest: Mapping[str, Any]) -> str | None:
    """The fingerprint of the listing that the version of this manifest contains.

    Raises:
        CreditsError: the manifest is damaged.
    """
    contained = manifest["inputs"]
    try:
        noted = json.loads(_file(settings).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        noted = None
    if isinstance(noted, dict) and noted.get("version") == manifest["version"]:
        return noted.get("listing")
    return contained


def note_held_listing(settings: Settings, version: str, listing: str | None) -> None:
    """Note that a version contains the listing with this fingerprint. If that can't be written, the next run looks into
    the files again.
    """
    file = _file(settings)
    partial = file.with_suffix(".partial")
    with suppress(OSError):
        partial.write_text(json.dumps({"version": version, "listing": listing}), encoding="utf-8")
        partial.replace(file)


def _file(settings: Settings) -> Path:
    return settings.warehouse / "listing.json"
