"""Reads the invented sample without any landing code."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import duckdb

Row = dict[str, object]

SNAKE_NAMES = {"record_id": "recordId", "credits_consumed": "creditsConsumed", "captured_at": "capturedAt"}
IDS = ("recordId", "interactionId", "resourceId", "operationId")


def rows(path: Path) -> Iterator[Row | None]:
    if path.suffix in (".parquet", ".zst"):
        reader = "read_parquet" if path.suffix == ".parquet" else "read_json"
        table = duckdb.connect().execute(f"from {reader}('{path}')")
        names = [column[0] for column in table.description or ()]
        yield from (dict(zip(names, values, strict=True)) for values in table.fetchall())
        return
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    if ".csv" in path.name:
        for row in csv.DictReader(io.StringIO(content.decode(), newline="")):
            yield {**row}
        return
    for line in content.splitlines():
        try:
            value = json.loads(line, parse_float=Decimal, parse_constant=str)
        except ValueError:
            value = None
        yield value if isinstance(value, dict) else None


def present(row: Row, *names: str) -> object:
    """First of the fields that holds something, as text."""
    spelled = {SNAKE_NAMES.get(name, name): value for name, value in row.items()}
    return next((spelled[name] for name in names if spelled.get(name) not in (None, "")), None)


def accepted(row: Row | None) -> bool:
    """The contract's reading rules, in the plainest way."""
    if row is None or any(len(str(row.get(name) or "")) > 128 for name in IDS):
        return False
    time = str(present(row, "capturedAt", "createdAt", "created_at"))
    try:
        year = datetime.fromisoformat(time).year
    except ValueError:
        return False
    if not 2000 <= year <= 2026:
        return False
    nested = row.get("usageInfo")
    credits = present(row, "creditsConsumed", "credits")
    credits = nested.get("creditsConsumed") if credits is None and isinstance(nested, dict) else credits
    if credits is None:
        return row.get("status") == "unreported"
    if isinstance(credits, bool) or not re.fullmatch(r"\s*[-+.\dEe]+\s*", str(credits)):
        return False
    try:
        return 0 <= Decimal(str(credits).strip()) <= 999_999_999
    except InvalidOperation:
        return False


def lines_of(usage: dict[str, list[Row | None]], prefix: str) -> list[Row]:
    return [row for name, part in usage.items() if name.startswith(prefix) for row in part if row is not None]


def bytes_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
