"""One call on its way through the gateway, and the copy of what its answer says."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ingest.capture.answer import Answer
from ingest.capture.gateway.capturing import Capturing
from ingest.capture.gateway.headers import Headers, value_of
from ingest.capture.recognition import may_tell
from ingest.contract.call import CallContext

_READ_IN_A_THREAD = 256 * 1024
"""From this many bytes on a body is read in a thread, so that other calls wait for parts of it only."""


@dataclass
class WatchedCall:
    """One call on its way, and the copy of what its answer says. `abandoned`: its caller has hung up."""

    capturing: Capturing
    answer: Answer
    context: CallContext | None
    length: int | None = None
    settled: bool = False
    abandoned: bool = False

    @property
    def may_tell(self) -> bool:
        """Whether Corti has the call, and its answer may still say what it cost."""
        answer = self.answer
        return (
            answer.sent_at is not None
            and not self.settled
            and (answer.wanted or (answer.status is None and may_tell(answer.method, answer.path)))
        )

    def answered(self, status: int, headers: Headers) -> None:
        """The answer's head has come, with these headers for the caller."""
        length = value_of(headers, b"content-length") or b""
        self.length = int(length) if length.isdigit() and self.answer.method != "HEAD" else None
        self.capturing.guarded("answer", lambda: self.answer.begin(status, headers), False)

    async def take(self, chunk: bytes) -> None:
        """Copy a piece of the answer's body, if capture wants it. The last one makes the record due."""
        self.answer.take(chunk)
        if self.answer.size == self.length:
            await self.ended()

    async def ended(self) -> None:
        """All of the answer has come: write the record, once. The caller has not seen the answer's end yet."""
        self.answer.end()
        if not self.settled and self.answer.size > _READ_IN_A_THREAD and self.answer.wanted:
            self.settled = True
            await asyncio.to_thread(self._write)
        self.settle_now()

    def settle_now(self) -> None:
        """Write the record, once, on the spot: for a call that broke off."""
        if not self.settled:
            self.settled = True
            self._write()

    def _write(self) -> None:
        self.capturing.ended(self.answer, self.context)
        if self.answer.too_long:  # which shows as well when the body is unpacked
            self.capturing.too_long()
