"""Reads the bytes of one input file: its hash, its lines, and signs of problems."""

from __future__ import annotations

import codecs
import errno
import gzip
import hashlib
import io
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, cast

from ingest.contract.landing_files import LandingFile
from ingest.contract.left_out import Notice
from ingest.landing.names import Field
from ingest.landing.suspicion import is_ambiguous_csv, unusual, usual_names
from ingest.settings import BOUNDS, Bounds

LONGEST_FAST_LINE = 16 * 1024 * 1024
"""The longest line for DuckDB's JSON reader, in bytes; a longer line stops it for the whole file."""
_CHUNK = 8 * 1024 * 1024
_SMALL_CHUNK = 64 * 1024
DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)
"""The errors of reading compressed bytes that are cut off or fail their checksum."""
UNPACKED_TOO_LARGE = "unpacked_too_large"
"""The reason for refusing a compressed file that unpacks to more than its bounds allow."""
_MOST_SUSPECTS = 200_000
"""The most suspect lines that are noted for one file; with more of them the whole file is read row by row."""
_ZSTD_SKIPPABLE = b"\x2a\x4d\x18"


class UnpacksTooLargeError(Exception):
    """A compressed file unpacks to more than its bounds allow."""


@dataclass(frozen=True)
class FileFacts:
    """The result of one pass over a file's bytes.

    `lines` counts line ends, including blank lines. `suspect_lines` are lines of a JSON Lines file that DuckDB could
    misread; a `row_wise` file is one that it could misread as a whole, or can't read. `spellings` are names of fields
    in a JSON Lines file that differ from the contract's spelling. `absent` are the contract's names that the file does
    not have, although one of its spellings differs from them only in case. `compression` comes from the bytes, not the
    name: `uncompressed`, `gzip` or `zstd`. `damaged` says that the compressed bytes are cut off or fail their checksum,
    `refusal` why nothing of the file is read. `notices` are things in the file that a person should look at.
    """

    sha256: str
    lines: int
    suspect_lines: tuple[int, ...] = ()
    spellings: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    compression: str = "uncompressed"
    row_wise: bool = False
    damaged: bool = False
    refusal: str | None = None
    notices: tuple[Notice, ...] = ()

    @property
    def as_it_stands(self) -> bool:
        """Whether DuckDB can read the file; if not, it is read row by row."""
        return not (self.row_wise or self.damaged or self.refusal)


@dataclass(frozen=True)
class InspectedFile:
    """A file that is about to land, with the id that its rows will have."""

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
    return cast(BinaryIO, io.BufferedReader(_Pieces(pieces), _SMALL_CHUNK))


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
        given = pyarrow.PythonFile(io.BufferedReader(_Pieces(iter(lambda: source.read(_SMALL_CHUNK), b""))), mode="r")
        with pyarrow.CompressedInputStream(given, "zstd") as stream:
            while piece := stream.read(_SMALL_CHUNK):
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


def _text_pieces(source: BinaryIO, size: int, bounds: Bounds) -> tuple[str, bool, Iterator[bytes]]:
    """How a file is compressed, whether it is UTF-16, and its text as UTF-8."""
    compression = compression_of(cast(io.BufferedReader, source).peek(4)[:4])
    start, pieces = _with_start(_unpacked(source, compression, size, bounds), 3)
    is_utf16 = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if is_utf16:
        return compression, True, _as_utf8(pieces)
    return compression, False, pieces


def inspect(file: LandingFile, fields: tuple[Field, ...], bounds: Bounds = BOUNDS) -> FileFacts:
    """Read a file once: hash its stored bytes, count its lines, and find what the fast reader could misread.

    `fields` are those for which the fast reader would read it; none if it never does.

    Raises:
        OSError: the file can't be read, or has a name that can't be given to DuckDB.
    """
    try:
        str(file.absolute).encode()
    except UnicodeEncodeError:
        raise OSError(errno.EILSEQ, "its name is not UTF-8") from None
    found = _Inspection(file, fields, bounds)
    with file.absolute.open("rb") as source:
        hashing = _HashingReader(source)
        buffered = cast(BinaryIO, io.BufferedReader(hashing, _CHUNK))
        if file.form != "parquet":
            found.read(buffered)
        while buffered.read(_CHUNK):
            pass
    return found.facts(hashing.digest.hexdigest())


class _Inspection:
    """Collects the result of a pass over a file's bytes."""

    def __init__(self, file: LandingFile, fields: tuple[Field, ...], bounds: Bounds) -> None:
        self._file = file
        self._fields = fields
        self._bounds = bounds
        self._lines = 0
        self._suspects: list[int] = []
        self._spellings: set[str] = set()
        self._absent: set[str] = set()
        self._row_wise = self._damaged = False
        self._refusal: str | None = None
        self._compression = "uncompressed"

    def read(self, source: BinaryIO) -> None:
        """Inspect the whole text of a file, decompressed."""
        try:
            self._compression, is_utf16, pieces = _text_pieces(source, self._file.size, self._bounds)
            start, pieces = _with_start(pieces, _SMALL_CHUNK)
            # DuckDB can't read UTF-16, and must not keep a whole array in memory.
            self._row_wise = is_utf16 or (self._file.form == "json" and _begins_array(start))
            for block in _line_blocks(pieces, self._bounds.line):
                self._look_at(block)
        except DAMAGED:
            self._damaged = True
        except UnpacksTooLargeError:
            self._refusal = UNPACKED_TOO_LARGE

    def _look_at(self, block: bytes | None) -> None:
        if block is None:  # a line beyond the bound, which is not kept
            self._row_wise = True
            self._lines += 1
            return
        if len(block) > min(self._bounds.line, LONGEST_FAST_LINE):
            self._row_wise = self._row_wise or self._has_long_line(block)
        if self._row_wise:
            pass
        elif self._file.form == "csv":
            self._row_wise = is_ambiguous_csv(block)
        else:
            found = unusual(block, self._fields, frozenset(self._spellings))
            self._suspects += (self._lines + 1 + line for line in found.suspect_lines)
            self._row_wise = (
                len(self._suspects) > _MOST_SUSPECTS
                or not all(map(self._tells_apart, found.spellings - self._spellings))
                or any(b'"%s"' % name.encode() in block for name in self._absent)
            )
        self._lines += block.count(b"\n") + (not block.endswith(b"\n"))

    def _tells_apart(self, spelling: str) -> bool:
        """Whether DuckDB, which ignores case, can distinguish a new spelling from all others in the file."""
        folded = spelling.lower()
        if any(name.lower() == folded for name in self._spellings):
            return False
        self._spellings.add(spelling)
        if (usual := usual_names(self._fields).get(folded)) is not None:
            self._absent.add(usual)
            return self._lines == 0
        return True

    def _has_long_line(self, block: bytes) -> bool:
        longest = min(self._bounds.line, LONGEST_FAST_LINE)
        at = 0
        while at < len(block):
            end = block.find(b"\n", at)
            end = len(block) if end < 0 else end
            if end - at > longest:
                return True
            at = end + 1
        return False

    def facts(self, sha256: str) -> FileFacts:
        """The result."""
        return FileFacts(
            sha256,
            self._lines,
            () if self._row_wise else tuple(self._suspects),
            tuple(sorted(self._spellings)),
            tuple(sorted(self._absent)),
            self._compression,
            self._row_wise,
            self._damaged,
            self._refusal,
        )


def holds_array(file: LandingFile, bounds: Bounds = BOUNDS) -> bool:
    """Whether a file is one JSON array; only a file that ends in `.json` may be one."""
    if file.form != "json":
        return False
    with opened(file, bounds) as stream:
        try:
            return _begins_array(stream.read(_SMALL_CHUNK))
        except (*DAMAGED, UnpacksTooLargeError):
            return False


def _begins_array(start: bytes) -> bool:
    return start.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"[")


def _line_blocks(pieces: Iterator[bytes], longest: int) -> Iterator[bytes | None]:
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
    with file.absolute.open("rb", buffering=_CHUNK) as source:
        yield _stream(_text_pieces(source, file.size, bounds)[2])


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
    with file.absolute.open("rb", buffering=_CHUNK) as source:
        try:
            for block in _line_blocks(_text_pieces(source, file.size, bounds)[2], bounds.line):
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
