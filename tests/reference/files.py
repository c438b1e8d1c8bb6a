"""Rows of landed files, read so that every number keeps the text it was written with."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as parquet
import zstandard

Row = dict[str, object]
SUFFIXES = (".jsonl", ".jsonl.gz", ".jsonl.zst", ".csv", ".csv.gz", ".parquet")
_GZIP = zlib.MAX_WBITS | 16


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
        if path.name.endswith(SUFFIXES):
            yield path


def ready_contents(folder: Path) -> list[tuple[str, bytes]]:
    """The relative paths and the bytes of the ready files below a folder, those in bundles too, in the order of their
    paths. A file counts before the same path in a bundle.
    """
    contents: dict[str, bytes] = {}
    for bundle in sorted(folder.glob("*.bundle.tar")):
        with tarfile.open(bundle) as members:
            for member in members:
                name = member.name.removeprefix(f"{folder.name}/")
                opened = members.extractfile(member)
                assert opened is not None and name != member.name
                contents[name] = opened.read()
    contents |= {path.relative_to(folder).as_posix(): path.read_bytes() for path in ready_files(folder)}
    return sorted(contents.items())


def read_table(name: str, data: bytes) -> Table:
    """The rows of a JSON Lines, CSV or Parquet file, compressed or not."""
    if name.endswith(".parquet"):
        return _parquet_table(data)
    torn = False
    if name.endswith(".gz"):
        data, torn = _unzipped(data)
    elif name.endswith(".zst"):
        data = zstandard.ZstdDecompressor().decompressobj().decompress(data)
    data = data.removeprefix(b"\xef\xbb\xbf")
    if ".csv" in name:
        assert not torn, "where a CSV file breaks off is not for the reference to say"
        return _csv_table(data)
    return _json_table(data, torn=torn)


def _unzipped(data: bytes) -> tuple[bytes, bool]:
    """What can be read of a gzip file, and whether it breaks off."""
    try:
        return gzip.decompress(data), False
    except EOFError:
        return zlib.decompressobj(_GZIP).decompress(data), True


def _parquet_table(data: bytes) -> Table:
    table = parquet.read_table(io.BytesIO(data))
    rows = tuple(
        (n, {name: _as_json(value) for name, value in row.items()}) for n, row in enumerate(table.to_pylist(), 1)
    )
    return Table(frozenset(table.column_names), rows)


def _as_json(value: object) -> object:
    return Number(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else value


def _json_table(data: bytes, *, torn: bool) -> Table:
    lines = data.split(b"\n")
    numbered = enumerate(lines[:-1] if torn else lines, 1)
    rows = [(n, _json_row(line)) for n, line in numbered if line.strip()]
    if torn:
        # The line in which a file breaks off is no record, whatever is left of it.
        rows.append((len(lines), None))
    return Table(frozenset(key for _, row in rows if row for key in row), tuple(rows))


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
