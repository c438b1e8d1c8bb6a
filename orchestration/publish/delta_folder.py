"""The Delta tables of the published versions on this disk: `published/delta/<table>/`, made on request.

Their data files are hard links to the Parquet files of the versions, so they take no space of their own while a version
has them.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Collection, Sequence
from pathlib import Path

from ingest.errors import PublishError
from ingest.flushing import flush_to_disk
from ingest.settings import Settings
from orchestration.publish.delta_tables import (
    DeltaFile,
    OpenedTable,
    OvertakenError,
    TableContent,
    name_by_content,
)
from orchestration.published_version import MANIFEST

KEPT_DAYS = 7
"""For how long a file stays after the last version that had it is gone: readers may have an earlier version open."""
_DAY_SECONDS = 86_400


def commit_to_folder(settings: Settings, contents: Sequence[TableContent], version: str) -> dict[str, int]:
    """Let the Delta tables hold what this version holds. Return the number of the Delta version of each table.

    Raises:
        PublishError: a table can't be read or written, or another program has written to it.
        OSError: a file can't be linked.
    """
    places = {content.name: _folder(settings) / content.name for content in contents}
    for content in contents:
        places[content.name].mkdir(parents=True, exist_ok=True)
        for file in content.files:
            _link(file, places[content.name])
        flush_to_disk(places[content.name])
    opened = {name: OpenedTable(str(place)) for name, place in places.items()}
    publication = 1 + max((table.last_publication for table in opened.values()), default=0)
    try:
        delta = {content.name: opened[content.name].commit(content, version, publication) for content in contents}
    except OvertakenError as error:
        raise PublishError(
            f"not published: another program wrote {error} to a table in {_folder(settings)} meanwhile: find out "
            "which, and let nothing but `credits` write there; then run again."
        ) from None
    for place in places.values():
        for log in (place / "_delta_log").iterdir():
            if log.is_file():
                flush_to_disk(log)
        flush_to_disk(place / "_delta_log")
    return delta


def remove_unneeded_files(settings: Settings, now: float | None = None) -> None:
    """Remove data files that no version has had for `KEPT_DAYS` days, up to `now` (seconds since 1970). Nothing is
    removed if a version's manifest can't be read.
    """
    folder = _folder(settings)
    if not folder.is_dir():
        return
    try:
        kept = _kept_names(settings)
    except (OSError, ValueError, KeyError, TypeError):
        return
    before = (time.time() if now is None else now) - KEPT_DAYS * _DAY_SECONDS
    for path in folder.glob("*/*.parquet"):
        # The status of a file also changes when one of its other links goes.
        if f"{path.parent.name}/{path.name}" not in kept and path.stat().st_ctime < before:
            path.unlink(missing_ok=True)


def _folder(settings: Settings) -> Path:
    return settings.published / "delta"


def _kept_names(settings: Settings) -> Collection[str]:
    """The data files of all versions on this disk, as `<table>/<name>`."""
    return {
        f"{table}/{name_by_content(file['sha256'])}"
        for version in (settings.published / "versions").iterdir()
        if not version.name.startswith(".")
        for table, says in json.loads((version / MANIFEST).read_bytes())["tables"].items()
        for file in says["files"]
    }


def _link(file: DeltaFile, place: Path) -> None:
    """Let the file be in the folder under its name; one that is there with another size is replaced."""
    target = place / file.name
    try:
        os.link(file.path, target)
    except FileExistsError:
        if target.stat().st_size != file.bytes:
            target.unlink()
            os.link(file.path, target)
