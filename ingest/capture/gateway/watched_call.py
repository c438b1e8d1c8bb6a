"""One call on its way through the gateway, with the copy of its answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ingest.capture.answer import Answer
from ingest.capture.gateway.capturing import Capturing
from ingest.capture.gateway.headers import Headers, value_of
from ingest.capture.recognition import may_tell
from ingest.contract.call import CallContext

_READ_IN_A_THREAD = 256 * 1024
"""From this size on a body is parsed in a thread, so that other calls wait only for parts of that."""


@dataclass
class WatchedCall:
    """One call on its way, with the copy of its answer. `abandoned` says that its caller has hung up."""

    capturing: Capturing
    answer: Answer
    context: CallContext | None
    length: int | None = None
    settled: bool = False
    abandoned: bool = False

    @property
    def may_tell(self) -> bool:
        """Whether Corti has the call, and its answer may still contain the cost.

        False for a stream of a language model: it would go on, and cost more, if nobody ended it.
        """
        answer = self.answer
        return (
            answer.sent_at is not None
            and not self.settled
            and not answer.tells_tokens
            and (answer.wanted or (answer.status is None and may_tell(answer.method, answer.path)))
        )

    def answered(self, status: int, headers: Headers) -> None:
        """Take the answer's head, with these headers for the caller."""
        length = value_of(headers, b"content-length") or b""
        self.length = int(length) if length.isdigit() and self.answer.method != "HEAD" else None
        self.capturing.guarded("answer", lambda: self.answer.begin(status, headers), False)

    async def take(self, chunk: bytes) -> None:
        """Copy a piece of the answer's body, if capture wants it. After the last piece the record is written."""
        self.answer.take(chunk)
        if self.answer.size == self.length:
            await self.ended()

    async def ended(self) -> None:
        """The whole answer has come: write the record, once. The caller has not seen the answer's end yet."""
        self.answer.end()
        is_large = self.answer.size > _READ_IN_A_THREAD and not self.answer.is_events
        if not self.settled and is_large and self.answer.wanted:
            self.settled = True
            await asyncio.to_thread(self._write)
        self.settle_now()

    def settle_now(self) -> None:
        """Write the record of a call that was cut off, once and at once."""
        if not self.settled:
            self.settled = True
            self._write()

    def _write(self) -> None:
        self.capturing.ended(self.answer, self.context)
        if self.answer.too_long:  # which may also be found when the body is unpacked
            self.capturing.too_long()
