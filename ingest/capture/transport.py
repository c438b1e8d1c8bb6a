"""Transports for httpx that write down what each call cost.

::

    spool = Spool(Path(os.environ["CREDITS_HOME"]) / "landing")
    client = httpx.Client(transport=CaptureTransport(httpx.HTTPTransport(), spool))

Whose call it is may stand in the request's extensions, which never leave the process:
`client.post(url, extensions={"credits_user": "u-17", "credits_tenant": "clinic-3"})`.
"""

from __future__ import annotations

from types import TracebackType

import httpx

from ingest.capture.attempt import Capture
from ingest.capture.captured_streams import AsyncCapturedStream, CapturedStream
from ingest.capture.spool import Spool

__all__ = ["AsyncCaptureTransport", "CaptureTransport"]


class CaptureTransport(httpx.BaseTransport):
    """Passes every call on to `wrapped` and appends the usage records of its response to `spool`.

    A record is in the spool before the caller has the body's end. Bodies stay streams. A retry is an attempt of its
    own. `environment` and `corti_tenant` default to what the request says: the host `api.eu.corti.app`, the header
    `Tenant-Name`. Capture never breaks a call: a fault of its own is logged, without content.
    """

    def __init__(
        self,
        wrapped: httpx.BaseTransport,
        spool: Spool,
        *,
        environment: str | None = None,
        corti_tenant: str | None = None,
    ) -> None:
        self._wrapped = wrapped
        self._capture = Capture(spool, environment, corti_tenant, isinstance(wrapped, httpx.HTTPTransport))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request by the wrapped transport."""
        attempt = self._capture.begin(request)
        try:
            response = self._wrapped.handle_request(request)
        except BaseException as error:
            if attempt:
                attempt.broke_off(error)
            raise
        if attempt and attempt.wants_stream(response):
            stream = response.stream
            if isinstance(stream, httpx.SyncByteStream):
                response.stream = CapturedStream(stream, attempt)
        return response

    @property
    def edge_failures(self) -> int:
        """Billable calls so far that Corti's load balancer failed, so that nothing was charged for them."""
        return self._capture.edge_failures.count

    def close(self) -> None:
        """Close the wrapped transport; the spool is its owner's to close."""
        self._wrapped.close()

    def __enter__(self) -> CaptureTransport:
        self._wrapped.__enter__()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self._wrapped.__exit__(exc_type, exc_value, traceback)


class AsyncCaptureTransport(httpx.AsyncBaseTransport):
    """`CaptureTransport` for `httpx.AsyncClient`."""

    def __init__(
        self,
        wrapped: httpx.AsyncBaseTransport,
        spool: Spool,
        *,
        environment: str | None = None,
        corti_tenant: str | None = None,
    ) -> None:
        self._wrapped = wrapped
        self._capture = Capture(spool, environment, corti_tenant, isinstance(wrapped, httpx.AsyncHTTPTransport))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request by the wrapped transport."""
        attempt = self._capture.begin(request)
        try:
            response = await self._wrapped.handle_async_request(request)
        except BaseException as error:
            if attempt:
                attempt.broke_off(error)
            raise
        if attempt and attempt.wants_stream(response):
            stream = response.stream
            if isinstance(stream, httpx.AsyncByteStream):
                response.stream = AsyncCapturedStream(stream, attempt)
        return response

    @property
    def edge_failures(self) -> int:
        """As in `CaptureTransport`."""
        return self._capture.edge_failures.count

    async def aclose(self) -> None:
        """Close the wrapped transport; the spool is its owner's to close."""
        await self._wrapped.aclose()

    async def __aenter__(self) -> AsyncCaptureTransport:
        await self._wrapped.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self._wrapped.__aexit__(exc_type, exc_value, traceback)
