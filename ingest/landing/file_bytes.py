"""Inspects the bytes of one input file in one pass: its hash, the number of its lines, and signs of problems."""

from __future__ import annotations

import codecs
import errno
import hashlib
import io
from dataclasses import dataclass
from typing import BinaryIO, cast

from ingest.contract.landing_files import LandingFile
from ingest.contract.left_out import Notice
from ingest.landing.file_text import (
    _CHUNK,
    DAMAGED,
    SMALL_CHUNK,
    UNPACKED_TOO_LARGE,
    UnpacksTooLargeError,
    _with_start,
    line_blocks,
    opened,
    text_pieces,
)
from ingest.landing.names import Field
from ingest.landing.suspicion import is_ambiguous_csv, unusual, usual_names
from ingest.settings import BOUNDS, Bounds

LONGEST_FAST_LINE = 16 * 1024 * 1024
"""The longest line for DuckDB's JSON reader, in bytes; a longer line stops it for the whole file."""
_MOST_SUSPECTS = 200_000
"""The most suspect lines that are noted for one file; with more of them the whole file is read row by row."""


@dataclass(frozen=True)
class FileFacts:
    """The result of one pass over a file's bytes.

    `lines` counts line ends, including blank lines. `suspect_lines` are lines of a JSON Lines file that DuckDB could
    misread; a `row_wise` file is one that it could misread as a whole, or can't read. `spellings` are names of fields
    in a JSON Lines file that differ from the contract's spelling. `absent` are the contract's names that the file does
    not have, although one of its spellings differs from them only in case. `compression` comes from the bytes, not the
    name: `uncompressed`, `gzip` or `zstd`. `texts_are_quoted` says that all texts of a JSON Lines file are JSON texts,
    which DuckDB shows as they were written. `damaged` says that the compressed bytes are cut off or fail their
    checksum, `refusal` why nothing of the file is read. `notices` are things in the file that a person should look at.
    """

    sha256: str
    lines: int
    suspect_lines: tuple[int, ...] = ()
    spellings: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    compression: str = "uncompressed"
    texts_are_quoted: bool = False
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
    with file.open() as source:
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
        self._unquoted = False

    def read(self, source: BinaryIO) -> None:
        """Inspect the whole text of a file, decompressed."""
        try:
            self._compression, is_utf16, pieces = text_pieces(source, self._file.size, self._bounds)
            start, pieces = _with_start(pieces, SMALL_CHUNK)
            # DuckDB can't read UTF-16, and must not keep a whole array in memory.
            self._row_wise = is_utf16 or (self._file.form == "json" and _begins_array(start))
            for block in line_blocks(pieces, self._bounds.line):
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
            found = unusual(block, self._fields, frozenset(self._spellings), unquoted=self._unquoted)
            # A name in another spelling may have any value.
            self._unquoted = found.unquoted or bool(found.spellings)
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
            not self._unquoted,
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
            return _begins_array(stream.read(SMALL_CHUNK))
        except (*DAMAGED, UnpacksTooLargeError):
            return False


def _begins_array(start: bytes) -> bool:
    return start.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"[")
