"""Undoes the `Content-Encoding` of a body piece by piece, so that a stream of any length can be read as it passes."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from importlib import import_module

from ingest.capture.json_bodies import LARGEST_WINDOW

_PIECE = 1024 * 1024
"""The most bytes that one step unpacks; for zstd this is a matter of how little it is given."""
_ZSTD_PIECE = 1024
_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS

Unpacking = Callable[[bytes], Iterator[bytes]]
"""Takes the next piece of a body, and gives its content in pieces; raises if the body is damaged."""


def unpacking(coding: str) -> Unpacking | None:
    """What unpacks a body of this `Content-Encoding`; None if there is nothing that does."""
    match coding.strip().lower():
        case "" | "identity":
            return _as_it_is
        case "gzip" | "x-gzip":
            return _Deflated(_GZIP).feed
        case "deflate":
            return _Deflated(_ZLIB).feed
        case "zstd":
            return _Zstd().feed
        case "br":
            return _Brotli().feed
    return None


def _as_it_is(piece: bytes) -> Iterator[bytes]:
    yield piece


class _Deflated:
    def __init__(self, bits: int) -> None:
        self._bits = bits
        self._stream = zlib.decompressobj(bits)
        self._has_begun = False

    def feed(self, piece: bytes) -> Iterator[bytes]:
        while piece:
            if self._stream.eof:  # another member of a gzip stream
                self._stream = zlib.decompressobj(self._bits)
            try:
                content = self._stream.decompress(piece, _PIECE)
            except zlib.error:
                if self._has_begun or self._bits != _ZLIB:
                    raise
                self._bits = _RAW  # some servers omit the zlib header
                self._stream = zlib.decompressobj(_RAW)
                content = self._stream.decompress(piece, _PIECE)
            self._has_begun = True
            piece = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            if content:
                yield content


class _Zstd:
    def __init__(self) -> None:
        self._unpacker = import_module("zstandard").ZstdDecompressor(max_window_size=LARGEST_WINDOW)
        self._frame = self._unpacker.decompressobj()

    def feed(self, piece: bytes) -> Iterator[bytes]:
        for at in range(0, len(piece), _ZSTD_PIECE):
            data = piece[at : at + _ZSTD_PIECE]
            while data:
                if self._frame.eof:
                    self._frame = self._unpacker.decompressobj()
                yield self._frame.decompress(data)
                data = self._frame.unused_data if self._frame.eof else b""


class _Brotli:
    def __init__(self) -> None:
        self._stream = import_module("brotli").Decompressor()

    def feed(self, piece: bytes) -> Iterator[bytes]:
        content = self._stream.process(piece, output_buffer_limit=_PIECE)
        while content or not self._stream.can_accept_more_data():
            yield content
            content = self._stream.process(b"", output_buffer_limit=_PIECE)
