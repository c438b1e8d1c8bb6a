"""One attempt of one call over httpx, from before it is sent until its records are in the spool."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import httpx

from ingest.capture.answer import Answer, EdgeFailures
from ingest.capture.spool import Spool
from ingest.contract.call import CallContext, environment_of
from ingest.contract.dimensions import DEFAULT_KEYS

_log = logging.getLogger(__name__)
_STREAMS = (httpx.SyncByteStream, httpx.AsyncByteStream)
_READ = frozenset((b"tenant-name", b"x-corti-analytics", b"x-request-id"))
_BEFORE_SENDING = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)


@dataclass(frozen=True)
class Capture:
    """What the attempts of one transport share. `tells_sending` says that the wrapped transport reads a request's body
    only after it has a connection; `dimension_keys` are the dimensions that records may have.
    """

    spool: Spool
    environment: str | None
    corti_tenant: str | None
    tells_sending: bool
    dimension_keys: tuple[str, ...] = DEFAULT_KEYS
    edge_failures: EdgeFailures = field(default_factory=EdgeFailures)

    def begin(self, request: httpx.Request) -> Attempt | None:
        """Make the ids of an attempt. None if that fails: then the call goes on without capture."""
        try:
            url, headers = request.url, _read_headers(request)
            context = CallContext.mint(
                environment=self.environment or environment_of(url.host),
                corti_tenant=self.corti_tenant or headers.get(b"tenant-name"),
                user_id=request.extensions.get("credits_user"),
                tenant_id=request.extensions.get("credits_tenant"),
                dimensions=request.extensions.get("credits_dimensions"),
                analytics=headers.get(b"x-corti-analytics"),
                dimension_keys=self.dimension_keys,
            )
            return Attempt(self, request, url.path, context, headers.get(b"x-request-id"))
        except Exception as error:
            _tell(error)
            return None


class Attempt:
    """Takes a response's status, headers and body, and appends their records, once. Never raises."""

    __slots__ = ("_answer", "_body", "_capture", "_context", "_done", "_request")

    def __init__(
        self,
        capture: Capture,
        request: httpx.Request,
        path: str,
        context: CallContext,
        request_id: str | None,
    ) -> None:
        self._capture = capture
        self._context = context
        self._answer = Answer(request.method, path, request_id)
        self._done = False
        self._request = request
        self._body = request.stream
        if isinstance(self._body, _STREAMS):
            request.stream = _SentBody(self._body, self._answer)
        else:
            self._answer.sent()

    def sent(self) -> None:
        """Give the request its own body back, when the transport is done with it."""
        self._request.stream = self._body

    def broke_off(self, error: BaseException) -> None:
        """Note that the call ended without a response."""
        self.sent()
        if self._answer.sent_at is None and not isinstance(error, _BEFORE_SENDING) and not self._capture.tells_sending:
            self._answer.sent()
        self._write()

    def wants_stream(self, response: httpx.Response) -> bool:
        """Take status and headers; return whether to take the body as it passes. If not, the attempt is over."""
        try:
            self.sent()
            if self._answer.begin(response.status_code, response.headers.raw):
                if not response.is_stream_consumed:
                    return True
                self._answer.take(response.content)
                self._answer.end()
            self._write()
        except Exception as error:
            _tell(error)
        return False

    def take(self, chunk: bytes) -> None:
        """Keep a copy of a chunk of the body, up to the largest size that is read."""
        if not self._done:
            self._answer.take(chunk)

    def finished(self, *, whole: bool) -> None:
        """Note that the body has ended, or was left before its end (incomplete JSON has no figure)."""
        if not self._done:
            if whole:
                self._answer.end()
            self._write()

    def _write(self) -> None:
        if self._done:
            return
        self._done = True
        try:
            if self._answer.failed_at_the_edge():
                self._capture.edge_failures.note(self._answer.status)
                return
            for record in self._answer.records(self._context):
                self._capture.spool.append(record)
            if self._answer.too_long:
                _log.error("a response was too long to be read")
        except Exception as error:
            _tell(error)


class _SentBody(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A request's body; the transport reads it after it has sent the request's head."""

    def __init__(self, stream: httpx.SyncByteStream | httpx.AsyncByteStream, answer: Answer) -> None:
        self._stream = stream
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        assert isinstance(self._stream, httpx.SyncByteStream)
        self._answer.sent()
        yield from self._stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        assert isinstance(self._stream, httpx.AsyncByteStream)
        self._answer.sent()
        async for chunk in self._stream:
            yield chunk


def _read_headers(request: httpx.Request) -> dict[bytes, str]:
    """The few headers of a request that are read, in one pass over all of them."""
    read: dict[bytes, str] = {}
    for name, value in request.headers.raw:
        if (word := name.lower()) in _READ:
            read[word] = value.decode("utf-8", "replace")
    return read


def _tell(error: Exception) -> None:
    with suppress(Exception):  # a log handler that fails must not fail the caller's call
        _log.error("a call was not captured (%s)", type(error).__name__)
