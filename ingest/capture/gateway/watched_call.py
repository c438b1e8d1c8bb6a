"""One call on its way through the gateway, and the copy of what its answer says."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.capture.call import CallContext
from ingest.capture.gateway.capturing import LARGEST_BODY, Capturing
from ingest.capture.gateway.headers import Headers

_READ_IN_A_THREAD = 256 * 1024
"""From this many bytes on a body is read in a thread, so that other calls wait for parts of it only."""


@dataclass
class WatchedCall:
    """One call on its way, and the copy of what its answer says."""

    capturing: Capturing
    method: str
    path: str
    context: CallContext | None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
    wanted: bool = False
    received: int = 0
    settled: bool = False
    copy: list[bytes] = field(default_factory=list)

    def answered(self, status: int, headers: Headers) -> None:
        """The answer's head has come."""
        self.status = status
        self.headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}
        length = self.headers.get("content-length", "")
        self.length = int(length) if length.isdigit() and self.method != "HEAD" else None
        self.wanted = self.capturing.wants_body(self.method, self.path, self.headers)

    def take(self, chunk: bytes) -> None:
        """Copy a piece of the answer's body, if capture wants it."""
        self.received += len(chunk)
        if self.wanted:
            if self.received > LARGEST_BODY:
                self.capturing.too_long()
                self.copy.clear()
                self.wanted = False
            else:
                self.copy.append(chunk)

    async def settle(self) -> None:
        """Write the record, once. The caller has not seen the end of the answer yet."""
        if not self.settled and self.received > _READ_IN_A_THREAD and self.wanted:
            self.settled = True
            await asyncio.to_thread(self._write)
        self.settle_now()

    def settle_now(self) -> None:
        """As `settle`, on the spot: for a call that broke off."""
        if not self.settled:
            self.settled = True
            self._write()

    def _write(self) -> None:
        body = b"".join(self.copy) if self.wanted else None
        self.capturing.ended(self.method, self.path, self.status, self.headers, body, self.context)
