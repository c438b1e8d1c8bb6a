"""One answer to a call, in the form that the httpx transport and the gateway share."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress

from ingest.capture import recognition
from ingest.capture.event_streams import EventTap
from ingest.capture.json_bodies import MOST_BODY_BYTES, unpacked
from ingest.contract.call import CallContext
from ingest.contract.usage_record import UsageRecord

_log = logging.getLogger(__name__)
_READ = ("content-type", "content-encoding", "location", "x-request-id")
_READ_BYTES = {name.encode(): name for name in _READ}
_NO_HEADERS: Mapping[str, str] = dict.fromkeys(_READ, "")
_LIST = "content-encoding"
_LOG_PAUSE_SECONDS = 1.0


class Answer:
    """The status, the few relevant headers, and a copy of the body up to `MOST_BODY_BYTES`. `too_long` says that the
    body was larger, either as it came or, after `records`, unpacked. A stream of events is not copied: each event is
    read as it comes, so that a stream may have any length.

    `own_request_id` is the `X-Request-Id` that the request had; an answer that repeats it tells no id of its own.
    `sent_at` is when the request was sent, on the monotonic clock; it is None as long as Corti can't have received any
    of it.
    """

    __slots__ = (
        *("method", "path", "own_request_id", "sent_at", "status", "headers", "wanted", "too_long", "size"),
        *("_began", "_seconds", "_chunks", "_whole", "_tap"),
    )

    def __init__(self, method: str, path: str, own_request_id: str | None = None) -> None:
        self.method = method
        self.path = path
        self.own_request_id = own_request_id
        self.sent_at: float | None = None
        self.status: int | None = None
        self.headers = _NO_HEADERS
        self.wanted = False
        self.too_long = False
        self.size = 0
        self._began = time.monotonic()
        self._seconds = 0.0
        self._chunks: list[bytes] = []
        self._whole = False
        self._tap: EventTap | None = None

    def sent(self) -> None:
        """Note that the request is sent now."""
        self.sent_at = time.monotonic()

    def begin(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        """Take the answer's head; return whether its body is wanted."""
        self.status = status
        self._seconds = time.monotonic() - (self.sent_at or self._began)
        read = dict(_NO_HEADERS)
        for key, value in headers:
            if name := _READ_BYTES.get(key.lower()):
                text = value.decode("latin-1")
                # Codings may be in several lines; for other headers the first line counts.
                read[name] = f"{read[name]},{text}" if read[name] and name == _LIST else read[name] or text
        self.headers = read
        self.wanted = recognition.takes_body(self.method, self.path, status, read)
        if self.wanted and 200 <= status < 300 and read["content-type"] != "application/json":
            self._tap = recognition.event_tap(self.method, self.path, read[_LIST])
        return self.wanted

    @property
    def is_events(self) -> bool:
        """Whether the body is a stream of events, read as it comes."""
        return self._tap is not None and self._tap.is_events is True

    @property
    def tells_tokens(self) -> bool:
        """Whether it is a stream of a language model, which costs more the longer it runs."""
        return self._tap is not None and self._tap.is_events is True and self._tap.tally.is_metered

    def take(self, chunk: bytes) -> None:
        """Keep a copy of a piece of the body, unless the body is too large."""
        self.size += len(chunk)
        if self._tap is not None:
            self._tap.feed(chunk)
            if self._tap.is_events:
                self._chunks.clear()
                return
            if self._tap.is_events is False:
                self._tap = None
        if self.wanted:
            self._chunks.append(chunk)
            if self.size > MOST_BODY_BYTES:
                self._chunks.clear()
                self.wanted = False
                self.too_long = True

    def end(self) -> None:
        """Note that the whole body has come."""
        self._whole = True

    def records(self, context: CallContext) -> tuple[UsageRecord, ...]:
        """The usage records of the call. A call that can't have reached Corti has none."""
        if self.status is None and self.sent_at is None:
            return ()
        headers = self.headers
        if headers["x-request-id"] and headers["x-request-id"] == self.own_request_id:
            headers = {**headers, "x-request-id": ""}
        if self._tap is not None and self._tap.is_events:
            self._tap.end()
            self.too_long = self._tap.too_long
            return recognition.records_of_events(self.method, self.path, headers, self._tap.tally, context)
        body = b"".join(self._chunks) if self.wanted and (self.size or self._whole) else None
        plain = unpacked(body, self.headers)
        self.too_long = self.too_long or (plain is None and body is not None)
        headers = {**headers, _LIST: ""}
        return recognition.usage_records(self.method, self.path, self.status, headers, plain, context)

    def failed_at_the_edge(self) -> bool:
        """Whether Corti's load balancer failed a billable call, so that nothing ran and nothing was charged."""
        empty = self.wanted and self._whole and not self.size
        return empty and recognition.is_edge_failure(self.status, self.headers, self._seconds)


class EdgeFailures:
    """Counts the calls that failed at Corti's load balancer, and logs at most one line a second."""

    def __init__(self) -> None:
        self.count = 0
        self._lock = threading.Lock()
        self._logged_at = -_LOG_PAUSE_SECONDS

    def note(self, status: int | None) -> None:
        """Count one more, with this status."""
        with self._lock:
            self.count += 1
            now = time.monotonic()
            if now - self._logged_at < _LOG_PAUSE_SECONDS:
                return
            self._logged_at = now
        with suppress(Exception):  # a log handler that fails must not fail the caller's call
            _log.warning(
                "Corti's load balancer failed a billable call (%s, no body, no x-request-id); it counts as not "
                "charged. So far: %d",
                status,
                self.count,
            )
