"""Transports for httpx that record what each call cost.

::

    spool = Spool(Path(os.environ["CREDITS_HOME"]) / "landing")
    client = httpx.Client(transport=CaptureTransport(httpx.HTTPTransport(), spool))

The owner of a call may be given in the request's extensions, which never leave the process: `client.post(url,
extensions={"credits_user": "u-17", "credits_tenant": "clinic-3"})`. So may its dimensions, which win over those of its
header `X-Corti-Analytics`: `"credits_dimensions": {"workflow": "discharge"}`.
"""

from __future__ import annotations

from collections.abc import Collection
from types import TracebackType

import httpx

from ingest.capture.attempt import Capture
from ingest.capture.captured_streams import AsyncCapturedStream, CapturedStream
from ingest.capture.spool import Spool
from ingest.contract.dimensions import DEFAULT_KEYS

__all__ = ["AsyncCaptureTransport", "CaptureTransport"]


class CaptureTransport(httpx.BaseTransport):
    """Passes every call on to `wrapped` and appends the usage records of its response to `spool`.

    A record is in the spool before the caller has the end of the body. Bodies stay streams. A retry is a separate
    attempt. By default `environment` and `corti_tenant` come from the request: from the host `api.eu.corti.app` and the
    header `Tenant-Name`. Of dimensions only `dimension_keys` are kept. Capture never breaks a call: its own faults are
    logged without content.
    """

    def __init__(
        self,
        wrapped: httpx.BaseTransport,
        spool: Spool,
        *,
        environment: str | None = None,
        corti_tenant: str | None = None,
        dimension_keys: Collection[str] = DEFAULT_KEYS,
    ) -> None:
        self._wrapped = wrapped
        self._capture = Capture(
            spool, environment, corti_tenant, isinstance(wrapped, httpx.HTTPTransport), tuple(dimension_keys)
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request through the wrapped transport."""
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
        """Number of billable calls so far that failed at Corti's load balancer, so that nothing was charged."""
        return self._capture.edge_failures.count

    def close(self) -> None:
        """Close the wrapped transport; the owner of the spool closes the spool."""
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
        dimension_keys: Collection[str] = DEFAULT_KEYS,
    ) -> None:
        self._wrapped = wrapped
        self._capture = Capture(
            spool, environment, corti_tenant, isinstance(wrapped, httpx.AsyncHTTPTransport), tuple(dimension_keys)
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request through the wrapped transport."""
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
        """Close the wrapped transport; the owner of the spool closes the spool."""
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
