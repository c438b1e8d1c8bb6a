"""Bodies of responses as JSON, with the digits of numbers kept, whatever they hold."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from importlib import import_module

MOST_BODY_BYTES = 64 * 1024 * 1024
"""A larger body, packed or unpacked, is not looked at."""

_BLANKS = " \t\r\n"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=lambda _: None)


def read_json(body: bytes | None) -> object | None:
    """The value that a body holds; None where it is no JSON.

    Numbers come as text, with their digits as written. NaN and Infinity come as None, and bytes that are not UTF-8 as
    U+FFFD: neither may hide what a call cost. Of repeated keys the last one counts, as it does for Corti's SDKs.
    """
    if not body or len(body) > MOST_BODY_BYTES:
        return None
    try:
        text = body.removeprefix(_BYTE_ORDER_MARK).decode("utf-8", "replace").strip(_BLANKS)
        value, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return value if end == len(text) else None


def read_event_stream(body: bytes | None) -> Iterator[object]:
    """The JSON values of the events of a `text/event-stream`, in their order; a broken one is left out."""
    if not body or len(body) > MOST_BODY_BYTES:
        return
    data: list[bytes] = []
    for line in [*body.removeprefix(_BYTE_ORDER_MARK).splitlines(), b""]:
        if line.startswith(b"data:"):
            data.append(line[5:])
        elif not line and data:
            value = read_json(b"\n".join(data))
            data = []
            if value is not None:
                yield value


def unpacked(body: bytes | None, headers: Mapping[str, str]) -> bytes | None:
    """The body with its `Content-Encoding` undone (gzip, deflate, zstd, and br where the package brotli is there).

    A body that was decoded before comes back as it is; one that can't be decoded, too, and reads as no JSON.
    """
    codings = header(headers, "content-encoding")
    if not body or not codings:
        return body
    for coding in reversed([word.strip().lower() for word in codings.split(",")]):
        try:
            body = _unpack(coding, body)
        except Exception:
            return body
    return body


def header(headers: Mapping[str, str], name: str) -> str:
    """A header by its name in any case; empty where it is absent."""
    value = headers.get(name)
    if value is None:
        value = next((text for key, text in headers.items() if key.lower() == name), "")
    return value


def _unpack(coding: str, body: bytes) -> bytes:
    if coding in ("gzip", "x-gzip"):
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(body, MOST_BODY_BYTES)
    if coding == "deflate":
        try:
            return zlib.decompressobj().decompress(body, MOST_BODY_BYTES)
        except zlib.error:  # some servers leave the zlib header out
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(body, MOST_BODY_BYTES)
    if coding == "zstd":
        import zstandard

        with zstandard.ZstdDecompressor().stream_reader(body, read_across_frames=True) as reader:
            return reader.read(MOST_BODY_BYTES)
    if coding == "br":
        return import_module("brotli").decompress(body)
    return body
