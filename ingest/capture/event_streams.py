"""Reads a `text/event-stream` piece by piece, with at most one event in memory."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress

from ingest.capture.charges import EventTally
from ingest.capture.json_bodies import MOST_BODY_BYTES, read_json
from ingest.capture.stream_unpacking import Unpacking

_LINE_END = re.compile(rb"\r\n|\n|\r")
_DATA = b"data:"
_BLANKS = b" \t\r\n"
_FIRST_BYTES = b"deir:"
"""Lines of events begin with `data`, `event`, `id`, `retry` or a colon. No JSON object or array does."""
_TELLS_USAGE = re.compile(rb'"usage"\s*:\s*\{|creditsConsumed')


def read_event_stream(body: bytes | None) -> Iterator[object]:
    """The JSON values of the events of a whole stream, in order; broken ones are left out."""
    if not body or len(body) > MOST_BODY_BYTES:
        return
    events = EventData()
    for data in (*events.feed(body), *events.end()):
        value = read_json(data)
        if value is not None:
            yield value


class EventData:
    """Splits a stream into the data of its events. An event with more than `MOST_BODY_BYTES` is left out, and
    `too_long` says so.
    """

    def __init__(self) -> None:
        self.too_long = False
        self._begun: list[bytes] = []
        self._data: list[bytes] = []
        self._size = 0
        self._is_first = True

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take the next piece; yield the data of each event that is complete now."""
        at = 0
        if self._begun and self._begun[-1].endswith(b"\r"):  # a CR at the end of a piece may be half of a line's end
            chunk = self._begun.pop() + chunk
        for found in _LINE_END.finditer(chunk):
            if found.end() == len(chunk) and found[0] == b"\r":
                break
            yield from self._line(b"".join([*self._begun, chunk[at : found.start()]]))
            self._begun.clear()
            at = found.end()
        if rest := chunk[at:]:
            self._begun.append(rest)
            self._size += len(rest)
            if self._size > MOST_BODY_BYTES:
                self._drop()

    def end(self) -> Iterator[bytes]:
        """Yield the data of the last event, if no blank line came after it."""
        rest = b"".join(self._begun)
        self._begun.clear()
        for line in (*rest.splitlines(), b""):
            yield from self._line(line)

    def _line(self, line: bytes) -> Iterator[bytes]:
        if self._is_first:
            self._is_first = False
            line = line.removeprefix(codecs.BOM_UTF8)
        if line.startswith(_DATA):
            self._data.append(line[len(_DATA) :])
            self._size = sum(map(len, self._data)) if len(self._data) < 2 else self._size + len(line)
            if self._size > MOST_BODY_BYTES:
                self._drop()
        elif not line:
            data, self._data, self._size = self._data, [], 0
            if data:
                yield b"\n".join(data)

    def _drop(self) -> None:
        self._begun.clear()
        self._data.clear()
        self._size = 0
        self.too_long = True


class EventTap:
    """Listens to an answer's body as it passes. `is_events` is None until it is known whether the body is a stream of
    events; if it is not, nothing is read. Of a body that can't be unpacked to its end, the events until then count.
    """

    __slots__ = ("_events", "_is_damaged", "_is_named", "_unpack", "is_events", "tally")

    def __init__(self, tally: EventTally, unpack: Unpacking) -> None:
        self.tally = tally
        self.is_events: bool | None = None
        self._unpack = unpack
        self._is_damaged = False
        self._events = EventData()
        self._is_named = False

    @property
    def too_long(self) -> bool:
        """Whether an event was too long to be read."""
        return self._events.too_long

    def feed(self, chunk: bytes) -> None:
        """Take the next piece of the body, as it came over the wire."""
        if self._is_damaged:
            return
        try:
            for piece in self._unpack(chunk):
                self._read(piece)
                if self.is_events is False:
                    return
        except Exception:
            self._is_damaged = True
            self.is_events = self.is_events or False

    def _read(self, piece: bytes) -> None:
        if self.is_events is None:
            head = piece.removeprefix(codecs.BOM_UTF8).lstrip(_BLANKS)[:1]
            self.is_events = head in _FIRST_BYTES if head else None
        if self.is_events:
            for data in self._events.feed(piece):
                self._take(data)

    def end(self) -> None:
        """Take the last event, if the body ends without a blank line."""
        if self.is_events:
            for data in self._events.end():
                self._take(data)

    def _take(self, data: bytes) -> None:
        # Nearly all events of a model are pieces of its text. Only the first, and those with usage, are parsed.
        if self._is_named and self.tally.is_metered and not _TELLS_USAGE.search(data):
            return
        self._is_named = True
        with suppress(Exception):  # no event may end the call
            self.tally.take(read_json(data))
