"""What a socket cost, from the messages that its server sends."""

from __future__ import annotations

from ingest.capture.call import CallContext
from ingest.capture.usage_record import UsageRecord


class SocketTap:
    """Listens to one connection to `/interactions/{id}/streams` or `/transcribe`. One connection is one operation.

    `path` is as for `usage_records`. Nothing here raises.
    """

    def __init__(self, path: str, context: CallContext) -> None:
        raise NotImplementedError

    def feed(self, message: str | bytes) -> None:
        """Take one message from the server; binary ones are audio and ignored."""
        raise NotImplementedError

    def close(self) -> UsageRecord | None:
        """The connection has ended: its record. None where there is none to write, and on later calls."""
        raise NotImplementedError
