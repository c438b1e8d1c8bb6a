"""Removes what killed closings left below landing: partial files, and frozen files that no event names."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb

from ingest.contract.datasets import CLOSED_CHARGES, CLOSED_LINES, FOLDERS, PERIOD_EVENTS
from ingest.errors import WarehouseError
from ingest.landing.warehouse import open_build_database
from ingest.settings import Settings
from orchestration.run_log import LOGGER

_STAMP = r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ"
_FROZEN = re.compile(rf"\d{{4}}-\d\d-{_STAMP}\.parquet")
_PARTIAL = re.compile(rf"\.\d{{4}}-\d\d-(?:close-|reopen-)?{_STAMP}\.(?:parquet|jsonl)\.partial")


def clear_strays(settings: Settings) -> None:
    """Remove partial files of closings; move frozen files that no event names to `quarantine/closings/`.

    The caller holds the writer's lock, so no closing is at work. If the events can't be read, nothing is moved.
    """
    if settings.landing_url:
        return  # what a closing wrote is in the bucket with its event or ignored, and another machine may be at it
    try:
        for dataset in (CLOSED_CHARGES, CLOSED_LINES, PERIOD_EVENTS):
            for path in _files(settings.landing / FOLDERS[dataset]):
                if _PARTIAL.fullmatch(path.name):
                    path.unlink()
                    LOGGER.info("removed %s: a closing that wrote it was cut off", path)
        for path in _unnamed(settings):
            target = settings.quarantine / "closings" / path.parent.name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, target)
            LOGGER.info("moved %s to %s: no event names it", path, target)
    except OSError as error:
        LOGGER.warning("what a closing left below %s stays there: %s", settings.landing, error.strerror)


def _unnamed(settings: Settings) -> list[Path]:
    frozen = [
        path
        for dataset in (CLOSED_CHARGES, CLOSED_LINES)
        for path in _files(settings.landing / FOLDERS[dataset])
        if _FROZEN.fullmatch(path.name)
    ]
    if not frozen:
        return []
    events = [path for path in _files(settings.landing / FOLDERS[PERIOD_EVENTS]) if not _PARTIAL.fullmatch(path.name)]
    if any(path.suffix != ".jsonl" for path in events):
        return []  # not written by this project, so the files that it names are unknown
    named = "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in events)
    unnamed = [path for path in frozen if f"{path.parent.name}/{path.name}" not in named]
    landed = _named_by_landed_events(settings) if unnamed else ""
    return [] if landed is None else [path for path in unnamed if f"{path.parent.name}/{path.name}" not in landed]


def _named_by_landed_events(settings: Settings) -> str | None:
    """Files that landed events name, even if the event's own file is gone; None if that can't be read."""
    if not settings.build_database.exists():
        return ""
    try:
        with open_build_database(settings) as connection:
            rows = connection.execute("select charges_file, lines_file from raw.period_events").fetchall()
    except (WarehouseError, duckdb.Error):
        return None
    return "\n".join(str(path) for row in rows for path in row if path)


def _files(folder: Path) -> Iterator[Path]:
    yield from (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
