"""Ids, prices and clinical-looking text, all from one seed."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from decimal import Decimal
from threading import Lock
from uuid import UUID

from ingest.simulator.prices import Tokens

MARKER = "Zzclinical"
"""A marker in every invented clinical text and name: it must never be in a usage record, a log or a table."""

_WORDS = ("cough", "dyspnoea", "since", "Tuesday", "denies", "fever", "amoxicillin", "left", "knee", "follow-up", "BP")


class Invention:
    """A source of invented values; the same seed gives the same values in the same order. Thread-safe."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._lock = Lock()

    def uuid(self) -> str:
        """A random UUID, as Corti's ids are."""
        with self._lock:
            return str(UUID(int=self._random.getrandbits(128), version=4))

    def uuid7(self) -> str:
        """A UUID of version 7, as in the second version of the agent API; it begins with the time in ms."""
        milliseconds = int(datetime.now(UTC).timestamp() * 1000)
        with self._lock:
            low = self._random.getrandbits(74)
        return str(UUID(int=(milliseconds << 80) | (7 << 76) | ((low >> 62) << 64) | (2 << 62) | (low & (2**62 - 1))))

    def text(self, words: int = 6) -> str:
        """A clinical-looking sentence with the marker."""
        with self._lock:
            return " ".join((MARKER, *self._random.choices(_WORDS, k=words)))

    def price(self) -> Decimal:
        """Credits of one operation: above 0, below 3, with 1 to 9 decimal places; some end in zeros."""
        with self._lock:
            places = self._random.choice((1, 2, 3, 4, 4, 5, 6, 9))
            return Decimal(self._random.randint(1, 3 * 10**places - 1)).scaleb(-places)

    def tokens(self) -> Tokens:
        """The tokens of one answer of a model: some of the input ones are cached, in half of all answers."""
        with self._lock:
            read = self._random.randint(1, 30_000)
            cached = self._random.randint(1, read) if self._random.random() < 0.5 else 0
            return Tokens(read, self._random.randint(1, 4_000), cached)

    def small_price(self) -> Decimal:
        """Credits of one message of audio: below 0.01, with 6 decimal places."""
        with self._lock:
            return Decimal(self._random.randint(1, 9999)).scaleb(-6)


def now() -> str:
    """This instant, in the API's spelling."""
    return at(datetime.now(UTC))


def at(moment: datetime) -> str:
    """A time (aware) in the API's spelling: UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
