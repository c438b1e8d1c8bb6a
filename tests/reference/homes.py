"""Descriptions of a home directory's inputs, and a writer that lays the same inputs out in many different ways."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from .files import Number, Row
from .pools import PRIVATE

Line = Row | bytes
"""A record, or the bytes of a line that is written unchanged (to JSON Lines only)."""

FORMATS = ("jsonl", "jsonl.gz", "csv", "csv.gz")
_TWINS = 2
_IGNORED = b'{"recordId": "not ready", "creditsConsumed": 77, "createdAt": "2025-03-01"}\n'


@dataclass(frozen=True)
class Export:
    """One exported table. Its rows hold text or None under the camelCase names of the contract."""

    table: str
    at: datetime
    rows: tuple[dict[str, str | None], ...]
    columns: tuple[str, ...]
    suffix: str = "csv"
    snake: bool = False
    folder: str = "mappings"

    @property
    def name(self) -> str:
        """The file name, with the export time in it."""
        return f"{self.table}_{self.at:%Y-%m-%dT%H-%M-%SZ}.{self.suffix}"


@dataclass(frozen=True)
class Home:
    """Everything that is landed in a home: usage lines without any order or file, and exported tables."""

    lines: tuple[Line, ...] = ()
    exports: tuple[Export, ...] = ()


def snake_case(name: str) -> str:
    """The snake_case spelling of a camelCase name."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


def dump(value: object, *, ascii_only: bool = False) -> str:
    """A value as JSON, with numbers spelled as they were given."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        pairs = (f"{dump(key, ascii_only=ascii_only)}: {dump(v, ascii_only=ascii_only)}" for key, v in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(dump(v, ascii_only=ascii_only) for v in value) + "]"
    return json.dumps(value, ensure_ascii=ascii_only)


def flat(line: Line) -> dict[str, str] | None:
    """A record as CSV cells, or None if only JSON can express it."""
    cells: dict[str, str] = {}
    for name, value in line.items() if isinstance(line, dict) else ():
        inner: dict[str, object] = {name: value}
        if name in ("usageInfo", "usage_info") and isinstance(value, dict) and value:
            inner = {f"{name}.{key}": v for key, v in value.items()}
        if not all(v is None or isinstance(v, str) for v in inner.values()):
            return None
        cells.update({key: "" if v is None else str(v) for key, v in inner.items()})
    return cells if isinstance(line, dict) else None


def split_into_batches(home: Home, n: int) -> list[Home]:
    """The same inputs as `n` deliveries; write each with another `prefix` into the same directory."""
    return [Home(home.lines[i::n], home.exports[i::n]) for i in range(n)]


def write_home(home: Home, path: Path, seed: int = 0, *, prefix: str = "", repeats: bool = True) -> list[Path]:
    """Write the inputs below `path`; the seed decides on order, split into files, formats and repeats.

    With `repeats`, some lines are in the files more than once, and some files are delivered again, with the
    same bytes, under another name (also files that an earlier call wrote). Files that are not ready lie beside
    them. Nothing that is already there is changed. Returns the usage files that were written.
    """
    rng = random.Random(seed)
    for folder in ("mappings/interactions", "mappings/users", "mappings/tenants", "provider/consumption"):
        (path / "landing" / folder).mkdir(parents=True, exist_ok=True)
    for export in home.exports:
        folder = path / "landing" / export.folder / export.table
        folder.mkdir(parents=True, exist_ok=True)
        (folder / export.name).write_bytes(_export_bytes(export))
    folder = path / "landing" / "usage_records"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [*home.lines]
    if repeats and lines:
        lines += rng.choices(lines, k=rng.randint(0, 3))
    rng.shuffle(lines)
    written: list[Path] = []
    for suffix, chunk in _chunks(lines, rng):
        written.append(_free(folder, f"{prefix}{seed}", suffix, rng))
        written[-1].write_bytes(_usage_bytes(chunk, suffix, rng))
    there = sorted(p for p in folder.rglob("*") if p.is_file() and p.name.endswith(FORMATS) and p.name[0] not in "._")
    for original in rng.sample(there, min(len(there), rng.randint(0, _TWINS))) if repeats else ():
        written.append(_free(folder, f"{prefix}again", original.name.partition(".")[2], rng))
        written[-1].write_bytes(original.read_bytes())
    for name in ("_draft.jsonl", ".hidden.jsonl", "growing.jsonl.tmp", "growing.csv.partial"):
        (folder / name).write_bytes(_IGNORED)
    return written


def _chunks(lines: Sequence[Line], rng: random.Random) -> list[tuple[str, list[Line]]]:
    suffixes = [rng.choice(FORMATS) for _ in range(rng.randint(1, 4))]
    chunks: list[tuple[str, list[Line]]] = [(suffix, []) for suffix in suffixes]
    rest: list[Line] = []
    for line in lines:
        suffix, chunk = rng.choice(chunks)
        (rest if suffix.startswith("csv") and flat(line) is None else chunk).append(line)
    return [(suffix, chunk) for suffix, chunk in (*chunks, ("jsonl", rest)) if chunk]


def _free(folder: Path, stem: str, suffix: str, rng: random.Random) -> Path:
    parent = folder / rng.choice(("", "2025/03", "app-1"))
    parent.mkdir(parents=True, exist_ok=True)
    names = (parent / f"{stem}-{rng.randrange(10**6)}.{suffix}" for _ in iter(int, 1))
    return next(path for path in names if not path.exists())


def _usage_bytes(lines: Sequence[Line], suffix: str, rng: random.Random) -> bytes:
    data = _csv_bytes(lines, rng) if suffix.startswith("csv") else _json_bytes(lines, rng)
    data = (b"\xef\xbb\xbf" if rng.random() < 0.2 else b"") + data
    return gzip.compress(data, mtime=0) if suffix.endswith(".gz") else data


def _json_bytes(lines: Sequence[Line], rng: random.Random) -> bytes:
    written: list[bytes] = []
    ascii_only = rng.choice((True, False))
    for line in lines:
        written += rng.choices((b"", b" \t"), k=rng.choice((0, 0, 0, 1)))
        written.append(line if isinstance(line, bytes) else dump(line, ascii_only=ascii_only).encode())
    end = rng.choice((b"\n", b"\r\n"))
    return end.join(written) + rng.choice((end, b""))


def _csv_bytes(lines: Sequence[Line], rng: random.Random) -> bytes:
    rows = [cells for cells in map(flat, lines) if cells is not None]
    columns = [*dict.fromkeys(name for row in rows for name in row), "note", "transcript"]
    rng.shuffle(columns)
    out = io.StringIO(newline="")
    writer = csv.writer(
        out,
        lineterminator=rng.choice(("\n", "\r\n")),
        quoting=rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
    )
    writer.writerow(columns)
    for row in rows:
        writer.writerow([row.get(name, PRIVATE if name == "transcript" else "") for name in columns])
        if rng.random() < 0.1:
            writer.writerow(rng.choice((["ragged"], ["too", "many", *columns], [])))
    return out.getvalue().encode()


def _export_bytes(export: Export) -> bytes:
    names = {name: snake_case(name) if export.snake else name for name in export.columns}
    rows = [{names[name]: row.get(name) for name in export.columns} for row in export.rows]
    if export.suffix.startswith("jsonl"):
        data = "".join(f"{dump(row)}\n" for row in rows).encode()
    else:
        out = io.StringIO(newline="")
        writer = csv.writer(out)
        writer.writerow(names.values())
        writer.writerows([value or "" for value in row.values()] for row in rows)
        data = out.getvalue().encode()
    return gzip.compress(data, mtime=0) if export.suffix.endswith(".gz") else data


def shuffled(home: Home, seed: int) -> Home:
    """The same inputs in another order, so that batches hold other parts of them."""
    rng = random.Random(seed)
    lines, exports = [*home.lines], [*home.exports]
    rng.shuffle(lines)
    rng.shuffle(exports)
    return replace(home, lines=tuple(lines), exports=tuple(exports))
