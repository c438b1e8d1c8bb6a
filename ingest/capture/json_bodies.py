"""Reads bodies of responses as JSON and keeps the digits of numbers."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping, Set
from importlib import import_module

import orjson

MOST_BODY_BYTES = 16 * 1024 * 1024
"""A larger body, compressed or unpacked, is not read."""

_BLANKS = " \t\r\n\ufeff"
_ASCII_STARTS = b"{[ \t\r\n"
_LONG = 4096
"""From this length on, it saves time to read only the members that are used."""
_MOST_TRIES = 4
"""How many arrays are tried as the last one of a text, so that the work is linear in its length."""
_MOST_CODINGS = 4
LARGEST_WINDOW = 8 * 1024 * 1024
"""The largest window of a zstd stream, in bytes (RFC 9659)."""


def _first_wins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else dict(reversed(pairs))


_DECODER = json.JSONDecoder(
    parse_float=str, parse_int=str, parse_constant=lambda _: None, object_pairs_hook=_first_wins
)
_SKIPPER = json.JSONDecoder(parse_float=str, parse_int=str)
"""Takes the same texts in less time: which one of repeated keys counts is all the same in a value that is not used."""
_MEMBER = re.compile(r'[ \t\r\n]*"([^"\\\x00-\x1f]*)"[ \t\r\n]*:[ \t\r\n]*')
_AFTER_MEMBER = re.compile(r"[ \t\r\n]*([,}])")


def read_json(body: bytes | None, used: Set[str] | None = None) -> object | None:
    """The value of a body; None if it is not JSON. An object may lack the members whose names are not in `used`.

    Numbers become text with their digits as written. NaN and Infinity become None, and bytes that are not text become
    U+FFFD, so that neither hides what a call cost. If a key is repeated, the first one counts, as in landing.
    """
    if not body or len(body) > MOST_BODY_BYTES:
        return None
    try:
        is_plain = body[0] in _ASCII_STARTS and 0 not in body[:4]  # nearly all are, and this saves time in each call
        text = body.decode("utf-8" if is_plain else json.detect_encoding(body), "replace").strip(_BLANKS)
        if used is not None and len(text) >= _LONG and (members := _used_members(text, used)) is not None:
            return members
        value, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return value if end == len(text) else None


def _used_members(text: str, used: Set[str]) -> dict[str, object] | None:
    """None if the text is not an object, or is one that only the reader of whole values can judge."""
    found: dict[str, object] = {}
    at = 1 if text.startswith("{") else len(text)
    last_end, tries = text.rfind("]") + 1, _MOST_TRIES
    try:
        while member := _MEMBER.match(text, at):
            name, at = member[1], member.end()
            if name in used:
                value, at = _DECODER.raw_decode(text, at)
                found.setdefault(name, value)
            else:
                is_long = tries > 0 and last_end - at >= _LONG and text.startswith("[", at)
                tries -= is_long
                at = last_end if is_long and _is_array(text[at:last_end]) else _SKIPPER.raw_decode(text, at)[1]
            after = _AFTER_MEMBER.match(text, at)
            if after is None:
                break
            at = after.end()
            if after[1] == "}":
                return found if at == len(text) else None
    except (ValueError, RecursionError):
        pass
    return None


def _is_array(text: str) -> bool:
    """Whether a text that begins with a bracket is one array and nothing more. orjson is several times faster than
    `json`, and takes nothing that `json` refuses, except for deeper nesting.
    """
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def unpacked(body: bytes | None, headers: Mapping[str, str]) -> bytes | None:
    """The body with its `Content-Encoding` undone (gzip, deflate, zstd, and br if the package brotli is installed).

    A body that is already decoded, or can't be decoded, is returned unchanged; the latter will not be JSON. None if it
    unpacks to more than `MOST_BODY_BYTES` at any step: no more than that is ever unpacked.
    """
    listed = header(headers, "content-encoding")
    if not body or not listed:
        return body
    codings = [word for coding in listed.split(",") if (word := coding.strip().lower())]
    if len(codings) > _MOST_CODINGS:
        return None
    for coding in reversed(codings):
        try:
            body = _unpack(coding, body)
        except Exception:
            return body
        if len(body) > MOST_BODY_BYTES:
            return None
    return body


def header(headers: Mapping[str, str], name: str) -> str:
    """A header by its name in any case; empty if it is absent."""
    value = headers.get(name)
    if value is None:
        value = next((text for key, text in headers.items() if key.lower() == name), "")
    return value


_ONE_TOO_MANY = MOST_BODY_BYTES + 1
"""The number of bytes that distinguishes a body of the largest size from a larger one."""


def _unpack(coding: str, body: bytes) -> bytes:
    if coding in ("gzip", "x-gzip"):
        return _members(body)
    if coding == "deflate":
        try:
            return zlib.decompressobj().decompress(body, _ONE_TOO_MANY)
        except zlib.error:  # some servers omit the zlib header
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(body, _ONE_TOO_MANY)
    if coding == "zstd":
        zstandard = import_module("zstandard")
        unpacking = zstandard.ZstdDecompressor(max_window_size=LARGEST_WINDOW)
        with unpacking.stream_reader(body, read_across_frames=True) as reader:
            return reader.read(_ONE_TOO_MANY)
    if coding == "br":
        return import_module("brotli").Decompressor().process(body, output_buffer_limit=_ONE_TOO_MANY)
    return body


def _members(body: bytes) -> bytes:
    """The content of the members of a gzip stream, one after the other."""
    held = bytearray()
    while body and len(held) < _ONE_TOO_MANY:
        member = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            held += member.decompress(body, _ONE_TOO_MANY - len(held))
        except zlib.error:
            if not held:
                raise
            break  # bytes after the last member don't belong to the stream
        body = member.unused_data if member.eof else b""
    return bytes(held)
