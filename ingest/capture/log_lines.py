"""The lines of a log in any supported compression and encoding, with at most one line's length in memory."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast

import zstandard

LONGEST_LINE = 16 * 1024 * 1024
"""The most bytes of a line, without its end."""
MOST_TIMES = 1000
FREE_BYTES = 1024**3
"""A log that unpacks to more than this may not unpack to more than `MOST_TIMES` its size."""

_CHUNK = 64 * 1024
_ZSTD_CHUNK = 1024
"""A log of this size may unpack to 32 MiB."""
_ZSTD_WINDOW = 128 * 1024 * 1024
_BYTE_ORDER_MARK = codecs.BOM_UTF8
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_OTHERS = {b"PK\x03\x04": "zip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"PAR1": "Parquet"}
_UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError)


class UnreadableLogError(Exception):
    """A log can't be read as a whole; the message says why, without its name."""


def log_lines(source: io.BufferedReader) -> Iterator[tuple[int, bytes | None]]:
    """The lines of a log that are not blank, with their numbers from 1, in UTF-8 and without blanks around them.

    gzip and zstd are unpacked and UTF-16 with a byte order mark is decoded, whatever the log's name is. A line that is
    longer than `LONGEST_LINE` is None.

    Raises:
        UnreadableLogError: the log is compressed or encoded in another way, is damaged, unpacks to too much, or can't
            be read.
    """
    number = 0
    try:
        stream = _decoded(_unpacked(source))
        while line := stream.readline(LONGEST_LINE + 1):
            number += 1
            if len(line) > LONGEST_LINE and not line.endswith(b"\n"):
                while (rest := stream.readline(_CHUNK)) and not rest.endswith(b"\n"):
                    pass
                yield number, None
            elif content := line.removeprefix(_BYTE_ORDER_MARK).strip():
                yield number, content
    except _DAMAGED:
        raise UnreadableLogError(f"its compressed bytes are damaged or break off after line {number}") from None
    except OSError as error:
        raise UnreadableLogError(error.strerror or type(error).__name__) from None


def _unpacked(source: io.BufferedReader) -> io.BufferedReader:
    head = source.peek(_CHUNK)
    packed = _Counted(source)
    if head.startswith(_GZIP):
        return _stream(_within_bounds(_gzip_pieces(cast(BinaryIO, io.BufferedReader(packed))), packed))
    if head.startswith(_ZSTD):
        return _stream(_within_bounds(_zstd_pieces(packed), packed))
    for mark, name in _OTHERS.items():
        if head.startswith(mark):
            raise UnreadableLogError(f"it is a {name} file: unpack it first (gzip and zstd are read)")
    return source


def _decoded(stream: io.BufferedReader) -> io.BufferedReader:
    head = stream.peek(_CHUNK)
    if head.startswith(_UTF_16) and not head.startswith(_UTF_32):
        return _stream(_utf_16_pieces(stream))
    if b"\0" in head[:_CHUNK]:
        raise UnreadableLogError("it holds NUL bytes: write it in UTF-8, or in UTF-16 with its byte order mark")
    return stream


def _gzip_pieces(packed: BinaryIO) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=packed, mode="rb") as stream:
        while piece := stream.read1(_CHUNK):
            yield piece


def _zstd_pieces(packed: io.RawIOBase) -> Iterator[bytes]:
    unpacking = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    frame = None
    while data := packed.read(_ZSTD_CHUNK):
        while data:
            frame = frame or unpacking.decompressobj()
            yield frame.decompress(data)
            data = frame.unused_data if frame.eof else b""
            frame = None if frame.eof else frame
    if frame:
        raise EOFError


def _utf_16_pieces(stream: io.BufferedReader) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    while data := stream.read(_CHUNK):
        yield decoder.decode(data).encode()
    yield decoder.decode(b"", final=True).encode()


def _within_bounds(pieces: Iterator[bytes], packed: _Counted) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > FREE_BYTES and size > MOST_TIMES * packed.size:
            raise UnreadableLogError(f"it unpacks to more than {MOST_TIMES} times its size")
        yield piece


def _stream(pieces: Iterator[bytes]) -> io.BufferedReader:
    return io.BufferedReader(_Pieces(pieces), _CHUNK)


class _Reading(io.RawIOBase):
    """A stream whose bytes come from a function, up to the number that is asked for."""

    def __init__(self, fetch: Callable[[int], bytes]) -> None:
        self._fetch = fetch

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer))
        data = self._fetch(len(view))
        view[: len(data)] = data
        return len(data)


class _Counted(_Reading):
    """Passes bytes through and counts them."""

    def __init__(self, source: BinaryIO) -> None:
        super().__init__(self._read)
        self._source = source
        self.size = 0

    def _read(self, size: int) -> bytes:
        data = self._source.read(size)
        self.size += len(data)
        return data


class _Pieces(_Reading):
    """A stream of pieces of any size; a read gives as many bytes as are asked for, while there are any."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__(self._read)
        self._pieces = pieces
        self._rest = memoryview(b"")

    def _read(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            if not self._rest:
                piece = next(self._pieces, None)
                if piece is None:
                    break
                self._rest = memoryview(piece)
            taken = self._rest[: size - len(data)]
            self._rest = self._rest[len(taken) :]
            data += taken
        return bytes(data)
