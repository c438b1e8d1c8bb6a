"""One attempt at one call over httpx, from before it is sent until its records are in the spool."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass

import httpx

from ingest.capture.call import CallContext, environment_of
from ingest.capture.json_bodies import MOST_BODY_BYTES
from ingest.capture.recognition import is_billable, usage_records, wants_body
from ingest.capture.spool import Spool

_log = logging.getLogger(__name__)
_HEADERS = {b"content-type": "content-type", b"content-encoding": "content-encoding", b"location": "location"}
_NO_HEADERS = dict.fromkeys(_HEADERS.values(), "")


@dataclass(frozen=True)
class Capture:
    """What the attempts of one transport share."""

    spool: Spool
    environment: str | None
    corti_tenant: str | None

    def begin(self, request: httpx.Request) -> Attempt | None:
        """Mint the ids of an attempt. None where that fails: the call goes on without capture."""
        try:
            url = request.url
            context = CallContext.mint(
                environment=self.environment or environment_of(url.host),
                corti_tenant=self.corti_tenant or request.headers.get("tenant-name"),
                user_id=_text(request, "credits_user"),
                tenant_id=_text(request, "credits_tenant"),
            )
            return Attempt(self.spool, request.method, url.path, context)
        except Exception as error:
            _tell(error)
            return None


class Attempt:
    """Takes a response's status, headers and body, and appends what they come to: once. Never raises."""

    __slots__ = ("_chunks", "_context", "_done", "_headers", "_method", "_path", "_size", "_spool", "_status")

    def __init__(self, spool: Spool, method: str, path: str, context: CallContext) -> None:
        self._spool = spool
        self._method = method
        self._path = path
        self._context = context
        self._status: int | None = None
        self._headers = _NO_HEADERS
        self._chunks: list[bytes] | None = []
        self._size = 0
        self._done = False

    def broke_off(self) -> None:
        """The call ended without a response."""
        self._write(None)

    def wants_stream(self, response: httpx.Response) -> bool:
        """Take status and headers; say whether the body is to be taken as it passes. Where not, the attempt is over."""
        try:
            self._status = response.status_code
            headers = _NO_HEADERS.copy()
            for key, value in response.headers.raw:
                if name := _HEADERS.get(key.lower()):
                    headers[name] = value.decode("latin-1")
            self._headers = headers
            succeeded = 200 <= self._status < 300
            if succeeded and (
                wants_body(self._method, self._path, self._headers) or is_billable(self._method, self._path)
            ):
                if not response.is_stream_consumed:
                    return True
                self._write(response.content)
            else:
                self._write(None)
        except Exception as error:
            _tell(error)
        return False

    def take(self, chunk: bytes) -> None:
        """Keep a copy of a chunk of the body, up to the size that is looked at."""
        if self._chunks is not None:
            self._chunks.append(chunk)
            self._size += len(chunk)
            if self._size > MOST_BODY_BYTES:
                self._chunks = None

    def finished(self) -> None:
        """The body has ended, or was left before its end (JSON that breaks off says nothing)."""
        if not self._done:
            self._write(b"".join(self._chunks) if self._chunks else None)

    def _write(self, body: bytes | None) -> None:
        if self._done:
            return
        self._done = True
        self._chunks = None
        try:
            for record in usage_records(self._method, self._path, self._status, self._headers, body, self._context):
                self._spool.append(record)
        except Exception as error:
            _tell(error)


def _text(request: httpx.Request, name: str) -> str | None:
    value = request.extensions.get(name)
    return value if isinstance(value, str) else None


def _tell(error: Exception) -> None:
    with suppress(Exception):  # a log handler that fails must not fail the caller's call
        _log.error("a call was not captured (%s)", type(error).__name__)
