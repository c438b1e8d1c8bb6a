"""A note that a version is being switched in, in a bucket and then on this disk, for the run after a killed one."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ingest.flushing import flush_to_disk
from ingest.settings import Settings


@dataclass(frozen=True)
class Switching:
    """Which version is being switched in, where, and by which models it was made."""

    version: str
    url: str
    models: str


def note_switching(settings: Settings, version: str, models: str) -> None:
    """Note that a version is about to be switched in.

    Raises:
        OSError: the note can't be written.
    """
    file = _file(settings)
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps(asdict(Switching(version, str(settings.publish_to), models))), encoding="utf-8")
    flush_to_disk(partial)
    partial.replace(file)
    flush_to_disk(file.parent)


def noted_switching(settings: Settings) -> Switching | None:
    """The version that was being switched in when a run ended; None if there is none."""
    try:
        return Switching(**json.loads(_file(settings).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def forget_switching(settings: Settings) -> None:
    """Remove the note, as the switch has been done, or won't be.

    Raises:
        OSError: it can't be removed.
    """
    _file(settings).unlink(missing_ok=True)


def is_noted(settings: Settings) -> bool:
    """Whether there is a note."""
    return _file(settings).exists()


def _file(settings: Settings) -> Path:
    return settings.warehouse / "switching.json"
