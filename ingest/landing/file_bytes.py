"""Reading the bytes of one input file: its hash, its lines, its signs of trouble."""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, cast

import zstandard

from ingest.landing.files import LandingFile
from ingest.landing.left_out import Notice
from ingest.landing.suspicion import CUSTOMER_NAMES, is_crooked_csv, unusual

LONGEST_LINE = 16 * 1024 * 1024
"""Of what DuckDB's JSON reader takes, in bytes; one longer line stops it for the whole file."""
_CHUNK = 4 * 1024 * 1024
_COMPRESSED_CHUNK = 16 * 1024
DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError)
"""What reading compressed bytes that break off, or fail their checksum, raises."""


@dataclass(frozen=True)
class FileFacts:
    """What one pass over a file's bytes told.

    `lines` counts line ends, blank lines included. `suspect_lines` are those of a JSON Lines file that DuckDB could
    take for something else than they are; a `crooked` file is one that it could take so as a whole. `customer_names`
    are the spellings of the customer's id that differ only in case, which DuckDB folds; `snake_case` says whether any
    name in a JSON Lines file may be spelt so. `damaged` says that the
    compressed bytes break off or fail their checksum. `notices` are what a person should look at in the file.
    """

    sha256: str
    lines: int
    suspect_lines: tuple[int, ...]
    customer_names: tuple[str, ...]
    snake_case: bool
    crooked: bool
    damaged: bool
    notices: tuple[Notice, ...] = ()

    @property
    def as_it_stands(self) -> bool:
        """Whether DuckDB can be shown the file: if not, it is read row by row."""
        return not self.crooked and not self.damaged and len(self.customer_names) < len(CUSTOMER_NAMES)


@dataclass(frozen=True)
class InspectedFile:
    """A file that is about to land, under the id that its rows will carry."""

    file_id: int
    file: LandingFile
    facts: FileFacts


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


class _Pieces(io.RawIOBase):
    """Bytes that come in pieces, each handed on before the next is asked for: what stands before a fault is read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer))
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = piece
        size = min(len(view), len(self._rest))
        view[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def _gzip_pieces(source: BinaryIO) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=source, mode="rb") as stream:
        while piece := stream.read1(_CHUNK):
            yield piece


def _zstd_pieces(source: BinaryIO) -> Iterator[bytes]:
    frame = None
    while data := source.read(_COMPRESSED_CHUNK):
        while data:
            frame = frame or zstandard.ZstdDecompressor().decompressobj()
            yield frame.decompress(data)
            data = frame.unused_data if frame.eof else b""
            frame = None if frame.eof else frame
    if frame:
        raise EOFError


def _decompressed(source: BinaryIO, name: str) -> BinaryIO:
    if name.lower().endswith(".gz"):
        return io.BufferedReader(_Pieces(_gzip_pieces(source)), _CHUNK)
    if name.lower().endswith(".zst"):
        return io.BufferedReader(_Pieces(_zstd_pieces(source)), _CHUNK)
    return source


def inspect(file: LandingFile) -> FileFacts:
    """Read a file once: hash its bytes as stored, count its lines, look for what the fast reader can't vouch for.

    Raises:
        OSError: the file cannot be read, or has a name that DuckDB can't be told.
    """
    try:
        str(file.absolute).encode()
    except UnicodeEncodeError:
        raise OSError(errno.EILSEQ, "its name is not UTF-8") from None
    lines = 0
    suspects: list[int] = []
    names: set[str] = set()
    snake_case = crooked = damaged = False
    with file.absolute.open("rb") as source:
        hashing = _HashingReader(source)
        buffered = cast(BinaryIO, io.BufferedReader(hashing, _CHUNK))
        if file.form != "parquet":
            try:
                for block in _whole_lines(_decompressed(buffered, file.path)):
                    if file.form == "csv":
                        crooked = crooked or is_crooked_csv(block)
                    else:
                        found = unusual(block)
                        suspects += (lines + 1 + line for line in found.suspect_lines)
                        names.update(found.customer_names)
                        snake_case = snake_case or found.snake_case
                        crooked = crooked or len(block) > LONGEST_LINE
                    lines += block.count(b"\n") + (not block.endswith(b"\n"))
            except DAMAGED:
                damaged = True
        while buffered.read(_CHUNK):
            pass
    spelt = (tuple(sorted(names)), snake_case)
    return FileFacts(hashing.digest.hexdigest(), lines, tuple(suspects), *spelt, crooked, damaged)


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
def opened(file: LandingFile) -> Iterator[BinaryIO]:
    """A file's bytes, decompressed where its name says so."""
    with file.absolute.open("rb") as source:
        yield _decompressed(source, file.path)


def numbered_lines(file: LandingFile) -> Iterator[tuple[int, bytes | None]]:
    """The lines of a JSON Lines file that are not blank, numbered from 1 as they stand, without their line ends.

    Where the compressed bytes break off, one last line of None stands for what can't be read.
    """
    number = 0
    with opened(file) as stream:
        try:
            for number, line in enumerate(stream, start=1):
                text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
                if text.strip():
                    yield number, text.rstrip(b"\r\n")
        except DAMAGED:
            yield number + 1, None
