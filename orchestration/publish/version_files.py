"""The files of a version other than its tables: the dashboard that is made from them, and the manifest that lists
everything.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import orjson

from ingest.flushing import flush_to_disk
from ingest.settings import Settings
from orchestration.dashboard.making import DASHBOARD, make_dashboard_by_month
from orchestration.dashboard.page_data import VersionStamp
from orchestration.publish.parquet_export import PublishedFile
from orchestration.published_version import MANIFEST

_MONTH = re.compile(r"/month=(\d{4}-\d{2})/")


def write_dashboard(
    settings: Settings,
    partial: Path,
    database: Path,
    made: VersionStamp,
    files: Mapping[str, Sequence[PublishedFile]],
) -> dict[str, object]:
    """Make the page from the tables that are about to be switched in, with their Parquet `files`; return the manifest's
    entry for it.

    Raises:
        PublishError: its figures do not add up to those of the tables.
    """
    page = make_dashboard_by_month(settings, database, made, contents_by_month(files))
    target = partial / DASHBOARD
    target.write_bytes(page)
    target.chmod(0o444)
    return {"path": DASHBOARD, "bytes": len(page), "sha256": hashlib.sha256(page).hexdigest()}


def contents_by_month(files: Mapping[str, Sequence[PublishedFile]]) -> dict[str, dict[date, str]]:
    """The hashes of the files of each month (its first day) of each table; no months for a table in one file."""
    contents: dict[str, dict[date, str]] = {}
    for table, published in files.items():
        months = contents.setdefault(table, {})
        for file in published:
            if found := _MONTH.search(file.path):
                month = date.fromisoformat(f"{found[1]}-01")
                months[month] = f"{months.get(month, '')} {file.sha256}"
    return contents


def write_manifest(partial: Path, manifest: Mapping[str, object]) -> None:
    """Write the manifest as the last file of a version, and flush all files to disk."""
    path = partial / MANIFEST
    path.write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    path.chmod(0o444)
    for written in (partial, *partial.rglob("*")):
        flush_to_disk(written)
