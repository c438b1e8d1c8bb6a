"""Rows of landed files, read with the standard library so that every number keeps the text it was written with."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

Row = dict[str, object]
SUFFIXES = (".jsonl", ".jsonl.gz", ".csv", ".csv.gz")
UNREADABLE_SUFFIXES = (".parquet", ".jsonl.zst")


class Number(str):
    """A JSON number, kept as the text that was written in the file."""


@dataclass(frozen=True)
class Table:
    """The rows of one file with their line numbers; a row of None is a line that could not be read."""

    columns: frozenset[str]
    rows: tuple[tuple[int, Row | None], ...]


def ready_files(folder: Path) -> Iterator[Path]:
    """Files below a folder that are ready to be read, in the order of their relative paths."""
    for path in sorted(folder.rglob("*"), key=lambda p: p.relative_to(folder).as_posix()):
        names = path.relative_to(folder).parts
        if not path.is_file() or any(name.startswith((".", "_")) for name in names):
            continue
        if path.name.endswith(UNREADABLE_SUFFIXES):
            raise NotImplementedError(f"the reference does not read {path.name}")
        if path.name.endswith(SUFFIXES):
            yield path


def read_table(name: str, data: bytes) -> Table:
    """The rows of a JSON Lines or CSV file, compressed or not."""
    if name.endswith(".gz"):
        data, name = gzip.decompress(data), name.removesuffix(".gz")
    data = data.removeprefix(b"\xef\xbb\xbf")
    return _csv_table(data) if name.endswith(".csv") else _json_table(data)


def _json_table(data: bytes) -> Table:
    rows = tuple((n, _json_row(line)) for n, line in enumerate(data.split(b"\n"), 1) if line.strip())
    return Table(frozenset(key for _, row in rows if row for key in row), rows)


def _json_row(line: bytes) -> Row | None:
    try:
        value = json.loads(
            line.decode("utf-8"),
            parse_float=Number,
            parse_int=Number,
            parse_constant=_refuse,
            object_pairs_hook=_first_wins,
        )
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _refuse(literal: str) -> object:
    raise ValueError(f"not JSON: {literal}")


def _first_wins(pairs: list[tuple[str, object]]) -> Row:
    return dict(reversed(pairs))


def _csv_table(data: bytes) -> Table:
    text = data.decode("utf-8", "surrogateescape")
    lines = [cells for cells in csv.reader(io.StringIO(text, newline="")) if len(cells) > 1 or "".join(cells).strip()]
    header = lines[0] if lines else []
    rows = tuple((n, _csv_row(header, cells)) for n, cells in enumerate(lines[1:], 2))
    return Table(frozenset(header), rows)


def _csv_row(header: list[str], cells: list[str]) -> Row | None:
    broken = any("\ud800" <= character <= "\udfff" for cell in cells for character in cell)
    if broken or len(cells) != len(header):
        return None
    flat = _first_wins(list(zip(header, cells, strict=True)))
    row: Row = {name: cell for name, cell in flat.items() if "." not in name}
    for holder in ("usageInfo", "usage_info"):
        row[holder] = {name: flat.get(f"{holder}.{name}") for name in ("creditsConsumed", "credits_consumed")}
    return row
