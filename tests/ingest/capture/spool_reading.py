"""What stands in landing, and records to put there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from ingest.capture.usage_record import UsageRecord

DAY = "2026-03-02T10:00:00Z"


def record(name: str, credits: str = "1", **fields: str) -> UsageRecord:
    """A record whose id is `name`."""
    return UsageRecord(name, "codes", "final", "created", credits=credits, operation_id=name, captured_at=DAY, **fields)


def ready_files(landing: Path) -> list[Path]:
    """Files that landing would take, by name."""
    return sorted((landing / "usage_records").glob("*.jsonl"))


def landed_ids(landing: Path) -> list[str]:
    """The record ids of every line that landing would read; each line is whole."""
    return [json.loads(line)["recordId"] for file in ready_files(landing) for line in file.read_bytes().splitlines()]


def left_growing(landing: Path) -> list[Path]:
    return sorted((landing / "usage_records" / ".growing").glob("*"))


def eventually(condition: Callable[[], bool], waits: Iterator[object]) -> bool:
    """Whether the condition comes true before the waits run out."""
    return condition() or any(condition() for _ in waits)
