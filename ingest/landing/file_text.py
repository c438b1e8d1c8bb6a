"""A file's text as UTF-8, decompressed within bounds: as a stream, in pieces, or line by line."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO, cast

from ingest.contract.landing_files import LandingFile
from ingest.settings import BOUNDS, Bounds

_CHUNK = 8 * 1024 * 1024
SMALL_CHUNK = 64 * 1024
DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)
"""The errors of reading compressed bytes that are cut off or fail their checksum."""
UNPACKED_TOO_LARGE = "unpacked_too_large"
"""The reason for refusing a compressed file that unpacks to more than its bounds allow."""
_ZSTD_SKIPPABLE = b"\x2a\x4d\x18"


class UnpacksTooLargeError(Exception):
    """A compressed file unpacks to more than its bounds allow."""


class _Pieces(io.RawIOBase):
    """A stream of pieces; each is passed on before the next one is read, so that everything before a fault is read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer))
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        size = min(len(view), len(self._rest))
        view[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def _stream(pieces: Iterator[bytes]) -> BinaryIO:
    return cast(BinaryIO, io.BufferedReader(_Pieces(pieces), SMALL_CHUNK))


def _gzip_pieces(source: BinaryIO) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=source, mode="rb") as stream:
        while piece := stream.read1(_CHUNK):
            yield piece


def _zstd_pieces(source: BinaryIO) -> Iterator[bytes]:
    # Arrow's reader shows where a file is cut off, and never keeps more than was asked for, however much a few bytes
    # unpack to.
    import pyarrow

    try:
        # It closes its input, which others go on reading.
        given = pyarrow.PythonFile(io.BufferedReader(_Pieces(iter(lambda: source.read(SMALL_CHUNK), b""))), mode="r")
        with pyarrow.CompressedInputStream(given, "zstd") as stream:
            while piece := stream.read(SMALL_CHUNK):
                yield piece
    except OSError as error:
        if error.errno is not None:
            raise
        raise EOFError from None


def compression_of(start: bytes) -> str:
    """How a file is compressed, by its first bytes: `uncompressed`, `gzip` or `zstd`."""
    if start.startswith(b"\x1f\x8b"):
        return "gzip"
    is_skippable = 0x50 <= start[:1][0] <= 0x5F and start[1:4] == _ZSTD_SKIPPABLE if start else False
    return "zstd" if start.startswith(b"\x28\xb5\x2f\xfd") or is_skippable else "uncompressed"


def _unpacked(source: BinaryIO, compression: str, size: int, bounds: Bounds) -> Iterator[bytes]:
    if compression == "uncompressed":
        while piece := source.read(_CHUNK):
            yield piece
        return
    most = bounds.unpacked_most_of(size)
    done = 0
    for piece in _gzip_pieces(source) if compression == "gzip" else _zstd_pieces(source):
        done += len(piece)
        if done > most:
            raise UnpacksTooLargeError
        yield piece


def _with_start(pieces: Iterator[bytes], size: int) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes of a stream of pieces, and the whole stream again."""
    taken: list[bytes] = []
    fault: Exception | None = None
    try:
        while sum(map(len, taken)) < size and (piece := next(pieces, None)):
            taken.append(piece)
    except DAMAGED as error:
        fault = error

    def again() -> Iterator[bytes]:
        yield from taken
        if fault:
            raise fault
        yield from pieces

    return b"".join(taken)[:size], again()


def _as_utf8(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """UTF-16 with a byte order mark as UTF-8; invalid UTF-16 becomes invalid UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-16")("surrogatepass")
    for piece in pieces:
        yield decoder.decode(piece).encode("utf-8", "surrogatepass")
    if decoder.getstate()[0]:
        yield b"\xff"


def text_pieces(source: BinaryIO, size: int, bounds: Bounds) -> tuple[str, bool, Iterator[bytes]]:
    """How a file is compressed, whether it is UTF-16, and its text as UTF-8."""
    compression = compression_of(cast(io.BufferedReader, source).peek(4)[:4])
    start, pieces = _with_start(_unpacked(source, compression, size, bounds), 3)
    is_utf16 = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if is_utf16:
        return compression, True, _as_utf8(pieces)
    return compression, False, pieces


def line_blocks(pieces: Iterator[bytes], longest: int) -> Iterator[bytes | None]:
    """Whole lines, many at once; None for each line that is longer than allowed."""
    kept: list[bytes] = []
    size = 0
    is_passing = False
    for piece in _gathered(pieces):
        rest = piece
        if is_passing:
            end = piece.find(b"\n") + 1
            if end == 0:
                continue
            yield None
            is_passing = False
            rest = piece[end:]
        end = rest.rfind(b"\n") + 1
        if end:
            yield b"".join((*kept, rest if end == len(rest) else rest[:end])) if kept or end < len(rest) else rest
            kept, size = [], 0
            rest = rest[end:]
        if rest:
            kept.append(rest)
            size += len(rest)
            if size > longest:
                kept, size, is_passing = [], 0, True
    if is_passing:
        yield None
    elif kept:
        yield b"".join(kept)


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Small pieces joined together."""
    kept: list[bytes] = []
    size = 0
    try:
        for piece in pieces:
            kept.append(piece)
            size += len(piece)
            if size >= _CHUNK:
                yield piece if len(kept) == 1 else b"".join(kept)
                kept, size = [], 0
    except DAMAGED:
        if kept:
            yield b"".join(kept)
        raise
    if kept:
        yield b"".join(kept)


@contextmanager
def opened(file: LandingFile, bounds: Bounds = BOUNDS) -> Iterator[BinaryIO]:
    """A file's text as UTF-8, decompressed if necessary.

    Raises:
        UnpacksTooLargeError: while it is read, if it unpacks to more than its bounds allow.
    """
    with file.open(_CHUNK) as source:
        yield _stream(text_pieces(source, file.size, bounds)[2])


LineOrReason = bytes | str
"""A line without its end, or the reason why it can't be read."""


def numbered_lines(
    file: LandingFile, bounds: Bounds = BOUNDS, wanted: Collection[int] | None = None
) -> Iterator[tuple[int, LineOrReason]]:
    """The lines of a JSON Lines file that are not blank, either all or the wanted ones, with their numbers from 1, and
    without line ends and byte order marks.

    A line beyond the bound gives the reason `line_too_long`. If the compressed bytes are cut off, or unpack to too
    much, one last reason counts for the rest.
    """
    places = None if wanted is None else sorted(wanted)
    before = 0
    with file.open(_CHUNK) as source:
        try:
            for block in line_blocks(text_pieces(source, file.size, bounds)[2], bounds.line):
                count = 1 if block is None else block.count(b"\n") + (not block.endswith(b"\n"))
                chosen: Sequence[int] = range(before + 1, before + count + 1)
                if places is not None:
                    chosen = places[bisect_left(places, before + 1) : bisect_right(places, before + count)]
                lines = block.split(b"\n") if block is not None and chosen else ()
                for number in chosen:
                    line = lines[number - before - 1] if lines else None
                    if line is None or len(line) > bounds.line:
                        yield number, "line_too_long"
                    elif (text := line.removeprefix(codecs.BOM_UTF8)).strip():
                        yield number, text.rstrip(b"\r\n")
                before += count
        except DAMAGED:
            yield before + 1, "damaged_compression"
        except UnpacksTooLargeError:
            yield before + 1, UNPACKED_TOO_LARGE
