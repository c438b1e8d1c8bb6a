"""When and how soon a GET is retried: transient errors are, errors that need a person are not."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from ingest.errors import CortiError

PASSING = (408, 425, 429, 500, 502, 503, 504)
"""Statuses that may change a moment later; 429 only if it does not mean a lack of balance."""


class PassingError(CortiError):
    """A transient fault. `wait_seconds` is the wait that the server asked for; None if it asked for none."""

    def __init__(self, message: str, reason: str, wait_seconds: float | None = None) -> None:
        super().__init__(message, reason)
        self.wait_seconds = wait_seconds


@dataclass(frozen=True)
class RetryPolicy:
    """`attempts` is the total number; pauses grow from `first_seconds` to `longest_seconds`, and each is random below
    that.

    A `Retry-After` of up to `most_patience` seconds is respected exactly; a longer one is a failure.
    """

    attempts: int = 5
    first_seconds: float = 0.5
    longest_seconds: float = 30
    most_patience: float = 120

    def retrying(self) -> AsyncRetrying:
        """The loop around one GET; the last error is raised unchanged."""
        backoff = wait_random_exponential(multiplier=self.first_seconds, max=self.longest_seconds)

        def how_long(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = error.wait_seconds if isinstance(error, PassingError) else None
            return backoff(state) if asked is None else asked

        return AsyncRetrying(
            stop=stop_after_attempt(self.attempts),
            wait=how_long,
            retry=retry_if_exception_type(PassingError),
            sleep=pause,
            reraise=True,
        )

    def is_patient_for(self, wait_seconds: float | None) -> bool:
        """Whether a wait of this length is accepted."""
        return wait_seconds is None or wait_seconds <= self.most_patience


async def pause(seconds: float) -> None:
    """Wait before the next attempt."""
    await asyncio.sleep(seconds)


def retry_after(header: str | None, now: datetime | None = None) -> float | None:
    """The seconds in a `Retry-After` header, given as a number or a date; None if it is unusable."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())
