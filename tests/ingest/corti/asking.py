"""A list that is asked for, and the pauses that are made meanwhile."""

from __future__ import annotations

import pytest

from ingest.corti.accounts import Account
from ingest.corti.client import CortiClient
from ingest.corti.json_picking import Item, Shape
from tests.ingest.corti.corti_at_hand import CortiAtHand

RECORDINGS = Shape("recordings.item", {"": "id"}, needed="recordings")
PATH = "/interactions/i-00001/recordings/"


def recordings(corti: CortiAtHand, account: Account | None = None) -> tuple[list[Item], int]:
    """What the list of recordings says, and how many requests that took."""

    async def use(client: CortiClient) -> tuple[list[Item], int]:
        return await client.get(PATH, RECORDINGS), client.requests

    return corti.with_client(use, account)


def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made, without waiting for them."""
    made: list[float] = []

    async def pause(seconds: float) -> None:
        made.append(seconds)

    monkeypatch.setattr("ingest.corti.retrying.pause", pause)
    return made
