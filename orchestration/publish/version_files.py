"""The files of a version other than its tables: the dashboard that is made from them, and the manifest that lists
everything.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from ingest.flushing import flush_to_disk
from ingest.settings import Settings
from orchestration.dashboard.making import DASHBOARD, make_dashboard
from orchestration.dashboard.page_data import VersionStamp
from orchestration.published_version import MANIFEST


def write_dashboard(settings: Settings, partial: Path, database: Path, made: VersionStamp) -> dict[str, object]:
    """Make the page from the tables that are about to be switched in; return the manifest's entry for it.

    Raises:
        PublishError: its figures do not add up to those of the tables.
    """
    page = make_dashboard(settings, database, made)
    target = partial / DASHBOARD
    target.write_bytes(page)
    target.chmod(0o444)
    return {"path": DASHBOARD, "bytes": len(page), "sha256": hashlib.sha256(page).hexdigest()}


def write_manifest(partial: Path, manifest: Mapping[str, object]) -> None:
    """Write the manifest as the last file of a version, and flush all files to disk."""
    path = partial / MANIFEST
    path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    path.chmod(0o444)
    for written in (partial, *partial.rglob("*")):
        flush_to_disk(written)
