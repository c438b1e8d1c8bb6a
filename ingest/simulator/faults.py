"""Faults that the simulated Corti shows on demand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

ACTIONS = {
    "status": "answer with `status` and Corti's error body; nothing happens, nothing is charged",
    "slow": "wait `seconds`, then answer",
    "broken_json": "cut the answer's body in the middle",
    "no_usage": "answer without usageInfo, or without the usage of a model",
    "charge_then_status": "do the work, book the charge, then answer with `status` instead of the result",
    "cut_short": "do the work, book the charge, then hang up in the middle of the answer's body",
    "busy": "answer with `status` and a `Retry-After` of `reason`, as a rate limit would; nothing happens",
    "forget_tokens": "hold all tokens that were granted so far for too old",
    "drip": "send the answer's body in pieces, `seconds` apart",
    "null_list": "answer with null in the place of each list",
    "insert": "lists of interactions: `after` new ones appear before the page is answered, created `seconds` ago",
    "cut_over": "transcripts: stop waiting, answer `processing` with a Location and finish later",
    "empty_accepted": "transcripts: answer 202 without a body",
    "refuse": "sockets: refuse the handshake with `status`",
    "drop": "sockets: drop the connection without a close frame after `after` messages of audio",
    "close": "sockets: close with `code` and `reason` after `after` messages of audio",
}


@dataclass(frozen=True)
class Fault:
    """One fault: which requests (`path`: any part of the URL's path; `method`: `WS` for sockets), which action, how
    many times.

    `times` 0 means always.
    """

    action: str
    path: str = ""
    method: str | None = None
    times: int = 1
    status: int = 503
    seconds: float = 1.0
    after: int = 2
    code: int = 1011
    reason: str = ""

    def concerns(self, method: str, path: str) -> bool:
        """Whether this fault applies to a request."""
        return self.path in path and self.method in (None, method)


@dataclass
class Faults:
    """The armed faults; the first one that applies is used. Thread-safe."""

    _armed: list[Fault] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def arm(self, fault: Fault) -> None:
        """Add one.

        Raises:
            ValueError: there is no such action.
        """
        if fault.action not in ACTIONS:
            raise ValueError(f"{fault.action!r} is not a fault: give one of {', '.join(ACTIONS)}.")
        with self._lock:
            self._armed.append(fault)

    def arm_json(self, body: Mapping[str, Any]) -> None:
        """Add the fault of a `POST /_faults`.

        Raises:
            ValueError: a field is unknown or missing.
        """
        try:
            self.arm(Fault(**body))
        except TypeError:
            raise ValueError("a fault has: action, path, method, times, status, seconds, after, code, reason") from None

    def clear(self) -> None:
        """Disarm all."""
        with self._lock:
            self._armed.clear()

    def take(self, method: str, path: str, *actions: str) -> Fault | None:
        """The first armed fault with one of these actions that applies to the request; removed after its last use."""
        with self._lock:
            for position, fault in enumerate(self._armed):
                if fault.action in actions and fault.concerns(method, path):
                    if fault.times == 1:
                        del self._armed[position]
                    elif fault.times > 1:
                        self._armed[position] = replace(fault, times=fault.times - 1)
                    return fault
        return None
