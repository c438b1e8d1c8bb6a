"""Reads what is in landing, and makes records to put there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from ingest.contract.usage_record import UsageRecord

_FILE = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]{0,63})@(?P<host>[A-Za-z0-9][A-Za-z0-9._-]{0,62})"
    r"-\d{8}T\d{6}Z-\d+-[0-9a-f]{12}\.jsonl",
    re.ASCII,
)
DAY = "2026-03-02T10:00:00Z"


def source_of_file(file_name: str) -> str | None:
    """The source that wrote a file (`<host>/<name>`), from the file's name; None if the name has none."""
    found = _FILE.fullmatch(file_name)
    return f"{found['host']}/{found['name']}" if found else None


def record(name: str, credits: str = "1", **fields: str) -> UsageRecord:
    """A record whose id is `name`."""
    plain = UsageRecord(name, "codes", "final", "created", credits=credits, operation_id=name, captured_at=DAY)
    return plain._replace(**fields)


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
