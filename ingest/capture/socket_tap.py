"""Reads what a socket cost from the messages that its server sends."""

from __future__ import annotations

from ingest.capture.json_bodies import read_json
from ingest.capture.matching import path_words
from ingest.contract.call import CallContext
from ingest.contract.plain_values import credit_digits, id_in_body, id_in_path, static_word
from ingest.contract.usage_record import UsageRecord

_BRIDGE = "audio-bridge"
_MARKS = ("usage", "session", "config", "ended")
_ACCEPTED = "config_accepted"
_REFUSED = ("config_denied", "config_missing", "config_timeout", "config_not_provided")


class SocketTap:
    """Listens to one connection to `/interactions/{id}/streams` or `/transcribe`. One connection is one operation.

    `path` is as for `usage_records`; a query string, which holds a token, is ignored. Nothing here raises.

    The total (`usage`) is final. If none came, the last running total (`delta_usage`, which counts from the start of
    the session and is never summed) is the estimate; if that is missing too, the connection is unreported. A later
    figure replaces an earlier one.
    """

    def __init__(self, path: str, context: CallContext) -> None:
        self._context = context
        self._kind, self._interaction_id, self._known = _where(path)
        self._session_id: str | None = None
        self._total: str | None = None
        self._running: str | None = None
        self._accepted = False
        self._refused = False
        self._closed = False
        self.ended = False
        """Whether the server has said that the session is over (`ENDED` at streams, `ended` at transcribe)."""

    @property
    def may_tell(self) -> bool:
        """Whether the server may still report the cost of the session."""
        return self._known and not self.ended and (self._accepted or not self._refused)

    def feed(self, message: str | bytes) -> None:
        """Take one message from the server; binary messages are audio and ignored."""
        try:
            if isinstance(message, str):
                self._take(message)
        except Exception:
            return

    def close(self) -> UsageRecord | None:
        """Return the record when the connection has ended. None on later calls, and if the server refused the
        configuration of a session that never began.
        """
        if self._closed:
            return None
        self._closed = True
        digits = self._total or self._running
        if digits is None and (not self._known or (self._refused and not self._accepted)):
            return None
        context = self._context
        return UsageRecord(
            record_id=context.record_id,
            kind=self._kind,
            status="final" if self._total else "estimate" if self._running else "unreported",
            source="created",
            credits=digits,
            interaction_id=self._interaction_id,
            resource_id=self._session_id,
            operation_id=None if self._session_id else context.operation_id,
            captured_at=context.captured_at,
            environment=context.environment,
            corti_tenant=context.corti_tenant,
            user_id=context.user_id,
            tenant_id=context.tenant_id,
            dimensions=context.dimensions,
        )

    def _take(self, text: str) -> None:
        # Transcripts and facts are most of the traffic: messages that can't be about usage are not parsed.
        lower = text.lower()
        if not any(mark in lower for mark in _MARKS):
            return
        message = read_json(text.encode("utf-8", "replace"))
        kind = message.get("type") if isinstance(message, dict) else None
        if not isinstance(message, dict) or not isinstance(kind, str):
            return
        word = kind.lower()
        if word == "usage":
            self._total = credit_digits(message.get("credits")) or self._total
        elif word == "delta_usage":
            self._running = credit_digits(message.get("credits")) or self._running
        elif word == _ACCEPTED:
            self._accepted = True
            if self._kind == "transcribe":
                self._session_id = id_in_body(message.get("sessionId")) or self._session_id
        elif word in _REFUSED:
            self._refused = True
        elif word == "ended":
            self.ended = True


def _where(path: str) -> tuple[str, str | None, bool]:
    """The kind and interaction of a socket's path, and whether it is charged for."""
    words = path_words(path)
    if words[0] == _BRIDGE:
        words = path_words("/".join(words[1:]))
    match words:
        case ["interactions", interaction, "streams"]:
            return "stream", id_in_path(interaction), True
        case ["transcribe"]:
            return "transcribe", None, True
    return next((word for word in reversed(words) if static_word(word)), "unspecified"), None, False
