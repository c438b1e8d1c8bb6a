"""Finding input files that are ready, and reading the bytes of one: its hash, its lines, its signs of trouble."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

import zstandard

from ingest.errors import HomeError

USAGE_RECORDS = "usage_records"
INTERACTIONS = "interactions"
USERS = "users"
TENANTS = "tenants"
FOLDERS = {
    USAGE_RECORDS: "usage_records",
    INTERACTIONS: "mappings/interactions",
    USERS: "mappings/users",
    TENANTS: "mappings/tenants",
}
ENDINGS = (".jsonl", ".jsonl.gz", ".jsonl.zst", ".csv", ".csv.gz", ".parquet")
_CHUNK = 4 * 1024 * 1024
_TRAILING_COMMA = re.compile(rb",\s*[}\]]")
_NOT_A_NUMBER = re.compile(rb"NaN|Infinity")
CUSTOMER_NAMES = ("customerID", "customerId")
_EXPORT_TIME = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d)-(\d\d)-(\d\d)Z)?")


@dataclass(frozen=True)
class LandingFile:
    """A file that is ready to land. `path` is relative to `landing/`; times are nanoseconds since 1970."""

    dataset: str
    path: str
    absolute: Path
    size: int
    modified_ns: int

    @property
    def form(self) -> str:
        """`jsonl`, `csv` or `parquet`."""
        name = self.path.lower()
        return next(form for form in ("jsonl", "csv", "parquet") if f".{form}" in name[name.rfind("/") :])

    @property
    def exported_at(self) -> datetime:
        """When a mapping export was made: from its file name, else the modification time (naive UTC)."""
        for date, hour, minute, second in reversed(_EXPORT_TIME.findall(Path(self.path).name)):
            try:
                return datetime.fromisoformat(f"{date}T{hour or '00'}:{minute or '00'}:{second or '00'}")
            except ValueError:
                continue
        return datetime.fromtimestamp(self.modified_ns / 1e9, UTC).replace(tzinfo=None)


@dataclass(frozen=True)
class FileFacts:
    """What one pass over a file's bytes told.

    `lines` counts line ends, blank lines included. `suspect_lines` are those that DuckDB's lenient JSON reader could
    take for good though they are not. `customer_names` are the spellings of the customer's id that differ only in
    case, which DuckDB folds. `damaged` says that the compressed bytes break off or fail their checksum.
    """

    sha256: str
    lines: int
    suspect_lines: tuple[int, ...]
    customer_names: tuple[str, ...]
    damaged: bool


def ready_files(landing: Path, dataset: str) -> list[LandingFile]:
    """List the ready files of a dataset, by path. A missing folder holds none.

    Raises:
        HomeError: a folder cannot be read.
    """
    root = landing / FOLDERS[dataset]
    found: list[LandingFile] = []
    if not root.exists():
        return found
    pending = [root]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.startswith((".", "_")):
                        continue
                    if entry.is_dir():
                        pending.append(Path(entry.path))
                    elif entry.name.lower().endswith(ENDINGS) and entry.is_file():
                        stat = entry.stat()
                        path = Path(entry.path)
                        found.append(
                            LandingFile(
                                dataset, path.relative_to(landing).as_posix(), path, stat.st_size, stat.st_mtime_ns
                            )
                        )
        except OSError as error:
            raise HomeError(f"{folder} cannot be read ({error.strerror}): check its owner and mode.") from None
    return sorted(found, key=lambda file: file.path)


def listing_fingerprint(landing: Path) -> str:
    """A hash over the path, size and modification time of every ready file: the same while nothing is delivered.

    Raises:
        HomeError: a folder cannot be read.
    """
    digest = hashlib.sha256()
    for dataset in FOLDERS:
        for file in ready_files(landing, dataset):
            digest.update(f"{file.path}\0{file.size}\0{file.modified_ns}\n".encode())
    return digest.hexdigest()


class _HashingReader(io.RawIOBase):
    """Passes bytes through and hashes them."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer))
        data = self._source.read(len(view))
        self.digest.update(data)
        view[: len(data)] = data
        return len(data)


@contextmanager
def _decompressed(source: BinaryIO, name: str) -> Iterator[BinaryIO]:
    if name.lower().endswith(".gz"):
        with gzip.GzipFile(fileobj=source, mode="rb") as stream:
            yield cast(BinaryIO, stream)
    elif name.lower().endswith(".zst"):
        with zstandard.ZstdDecompressor().stream_reader(source, read_across_frames=True, closefd=False) as stream:
            yield cast(BinaryIO, stream)
    else:
        yield source


DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError)


def inspect(file: LandingFile) -> FileFacts:
    """Read a file once: hash its bytes as stored, count its lines, look for what the fast reader can't vouch for.

    Raises:
        OSError: the file cannot be read.
    """
    lines = 0
    suspect_lines: list[int] = []
    names: set[str] = set()
    damaged = False
    with file.absolute.open("rb") as source:
        hashing = _HashingReader(source)
        buffered = cast(BinaryIO, io.BufferedReader(hashing, _CHUNK))
        if file.form != "parquet":
            try:
                with _decompressed(buffered, file.path) as stream:
                    for block in _whole_lines(stream):
                        suspect_lines += (lines + block.count(b"\n", 0, at) + 1 for at in _suspects(block))
                        if b"customerI" in block:
                            names.update(name for name in CUSTOMER_NAMES if name.encode() in block)
                        lines += block.count(b"\n") + (not block.endswith(b"\n"))
            except DAMAGED:
                damaged = True
        while buffered.read(_CHUNK):
            pass
    return FileFacts(hashing.digest.hexdigest(), lines, tuple(suspect_lines), tuple(sorted(names)), damaged)


def _suspects(block: bytes) -> Iterator[int]:
    for match in _TRAILING_COMMA.finditer(block):
        yield match.start()
    if b"NaN" in block or b"Infinity" in block:
        for match in _NOT_A_NUMBER.finditer(block):
            yield match.start()


def _whole_lines(stream: BinaryIO) -> Iterator[bytes]:
    rest = b""
    while chunk := stream.read(_CHUNK):
        end = chunk.rfind(b"\n") + 1
        if end == 0:
            rest += chunk
            continue
        yield rest + chunk[:end]
        rest = chunk[end:]
    if rest:
        yield rest


@contextmanager
def opened(file: LandingFile) -> Iterator[io.RawIOBase]:
    """A file's bytes, decompressed where its name says so."""
    with file.absolute.open("rb") as source, _decompressed(source, file.path) as stream:
        yield cast(io.RawIOBase, stream)


def numbered_lines(file: LandingFile) -> Iterator[tuple[int, bytes | None]]:
    """The lines of a JSON Lines file that are not blank, numbered from 1 as they stand, without their line ends.

    Where the compressed bytes break off, one last line of None stands for what can't be read.
    """
    number = 0
    with opened(file) as stream:
        try:
            for number, line in enumerate(io.BufferedReader(stream, _CHUNK), start=1):
                text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
                if text.strip():
                    yield number, text.rstrip(b"\r\n")
        except DAMAGED:
            yield number + 1, None
