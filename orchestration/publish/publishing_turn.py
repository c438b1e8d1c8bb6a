"""`publishing.json`: whose turn it is to switch a version in below a URL.

The switch itself is one conditional write, so it needs no turn. A turn keeps publishers apart who would change Delta
tables at the same time: a commit is one step for one table, not for all of them. It is taken for seconds, after
everything has been sent. A turn whose holder has died ends by itself.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from ingest.errors import MissingObjectError, ObjectChangedError, PublishError, StorageError
from ingest.object_storage import ObjectStorage

TURN = "publishing.json"
LONGEST_TURN = timedelta(minutes=15)
"""After so long a holder counts as dead."""


@dataclass(frozen=True)
class Turn:
    """Who switches which version in, since when; `is_over` once it is done. `cleaned_at` is when old versions were last
    removed, an empty text if never. Times are aware, in ISO 8601.
    """

    publisher: str
    host: str
    version: str
    since: str
    is_over: bool = False
    cleaned_at: str = ""

    def as_bytes(self) -> bytes:
        """As it is written."""
        return (json.dumps(asdict(self)) + "\n").encode()

    def keeps_out(self, publisher: str, now: datetime) -> bool:
        """Whether another publisher has to wait."""
        try:
            ends = datetime.fromisoformat(self.since) + LONGEST_TURN
        except (ValueError, TypeError):
            return False
        return not self.is_over and self.publisher != publisher and now < ends


@dataclass
class HeldTurn:
    """A turn that is held; `cleaned_at` may be set, and is kept for the next one."""

    turn: Turn
    cleaned_at: str


@contextmanager
def turn(storage: ObjectStorage, publisher: str, version: str) -> Iterator[HeldTurn]:
    """Hold the turn.

    Raises:
        PublishError: another publisher has it; says which.
        StorageError: the store can't be used.
    """
    now = datetime.now(UTC)
    found, e_tag = _read(storage)
    if found and found.keeps_out(publisher, now):
        raise _refused(storage, found)
    mine = Turn(publisher, socket.gethostname(), version, now.isoformat(), cleaned_at=found.cleaned_at if found else "")
    try:
        held = storage.swap(TURN, mine.as_bytes(), e_tag)
    except ObjectChangedError:
        other, _ = _read(storage)
        raise _refused(storage, other) from None
    holding = HeldTurn(mine, mine.cleaned_at)
    try:
        yield holding
    finally:
        over = Turn(mine.publisher, mine.host, mine.version, mine.since, True, holding.cleaned_at)
        # If this fails, the next publisher waits until the turn ends by itself.
        with suppress(StorageError):
            storage.swap(TURN, over.as_bytes(), held)


def _refused(storage: ObjectStorage, other: Turn | None) -> PublishError:
    who = f"version {other.version} is being published by {other.host}" if other else "another publisher is at work"
    minutes = LONGEST_TURN // timedelta(minutes=1)
    return PublishError(
        f"not published to {storage.url}: {who} at this moment; run again in a minute. If that machine has died, its "
        f"turn ends {minutes} minutes after it began."
    )


def _read(storage: ObjectStorage) -> tuple[Turn | None, str | None]:
    try:
        content, entry = storage.read(TURN)
    except MissingObjectError:
        return None, None
    try:
        return Turn(**json.loads(content)), entry.e_tag
    except (ValueError, TypeError, RecursionError):
        return None, entry.e_tag
