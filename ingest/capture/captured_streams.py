"""Bodies that pass through unchanged, chunk by chunk, while their attempt gets a copy."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx

from ingest.capture.attempt import Attempt


class CapturedStream(httpx.SyncByteStream):
    """Ends its attempt with the body: after the last chunk, or when the body is closed earlier."""

    def __init__(self, stream: httpx.SyncByteStream, attempt: Attempt) -> None:
        self._stream = stream
        self._attempt = attempt

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            self._attempt.take(chunk)
            yield chunk
        self._attempt.finished(whole=True)

    def close(self) -> None:
        """Close the stream, even if it was not read to its end."""
        try:
            self._stream.close()
        finally:
            self._attempt.finished(whole=False)


class AsyncCapturedStream(httpx.AsyncByteStream):
    """`CapturedStream` for `httpx.AsyncClient`."""

    def __init__(self, stream: httpx.AsyncByteStream, attempt: Attempt) -> None:
        self._stream = stream
        self._attempt = attempt

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            self._attempt.take(chunk)
            yield chunk
        self._attempt.finished(whole=True)

    async def aclose(self) -> None:
        """Close the stream, even if it was not read to its end."""
        try:
            await self._stream.aclose()
        finally:
            self._attempt.finished(whole=False)
