"""A spool of usage records that loses nothing once `append` has returned."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ingest.capture.usage_record import UsageRecord

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class SpoolHealth:
    """How a spool fares: records written to a file, waiting in memory, lost; torn lines set aside; the last error."""

    appended: int
    buffered: int
    lost: int
    torn: int
    last_error: str | None


class Spool:
    """Writes usage records below `landing_folder / "usage_records"`, from any number of threads."""

    def __init__(
        self,
        landing_folder: Path,
        *,
        name: str = "capture",
        flush_seconds: float = 0.05,
        rotate_seconds: float = 60,
        rotate_bytes: int = 16 * MEBIBYTE,
        buffer_bytes: int = 16 * MEBIBYTE,
    ) -> None:
        raise NotImplementedError

    def append(self, record: UsageRecord) -> None:
        """Write one record. Never raises."""
        raise NotImplementedError

    def rotate(self) -> None:
        """Hand what was appended so far to landing, now."""
        raise NotImplementedError

    def close(self) -> None:
        """Rotate and stop the background thread. Later appends are counted as lost."""
        raise NotImplementedError

    def health(self) -> SpoolHealth:
        """The counts so far, and the last error."""
        raise NotImplementedError
