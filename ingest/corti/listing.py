"""Corti's lists: interactions page by page, and the resources of each.

Paths, parameters and shapes are those of Corti's public SDKs. The list of interactions has no date filter, no total and
no cursor: pages are counted from 1, and an empty one is the end.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from urllib.parse import quote

from ingest.contract.forms import read_time
from ingest.contract.plain_values import id_in_body, time_text
from ingest.corti.client import CortiClient
from ingest.corti.json_picking import Item, Shape
from ingest.errors import CortiError

_INTERACTIONS = Shape(
    "interactions.item",
    {
        "id": "id",
        "assignedUserId": "assigned_user_id",
        "createdAt": "created_at",
        "updatedAt": "updated_at",
        "lastUpdated": "updated_at",
        "endedAt": "ended_at",
        "encounter.status": "encounter_status",
        "encounter.type": "encounter_type",
    },
    needed="interactions",
)
_STATUSES = frozenset({"planned", "in-progress", "on-hold", "completed", "cancelled", "deleted"})
_TYPES = frozenset({"first_consultation", "consultation", "emergency", "inpatient", "outpatient"})
_OTHER = "other"
"""In place of a status or type that the SDKs do not have; its text is not kept."""
_REMEMBERED_PAGES = 20


@dataclass(frozen=True)
class Interaction:
    """An interaction as listed. Times are texts as Corti wrote them; `created` is `created_at` (aware, UTC)."""

    id: str
    created: datetime
    created_at: str
    updated_at: str | None = None
    ended_at: str | None = None
    assigned_user_id: str | None = None
    encounter_status: str | None = None
    encounter_type: str | None = None


async def interactions_since(client: CortiClient, since: datetime, size: int) -> AsyncIterator[list[Interaction]]:
    """All interactions created at `since` (aware) or later, in order of creation, page by page.

    Lists the oldest first, so interactions that are created meanwhile are added at the end and move no page. If one is
    added before the current page all the same, another moves on to the next page; it is recognised by its id and not
    given again. If a short page is followed by another one, it has grown since it was read, and is read again.

    Raises:
        CortiError: a page can't be read, or the pages are not in the order that was asked for.
    """
    index = await _first_page(client, since, size)
    given: dict[str, None] = {}
    full = size
    page = await _page(client, index, size)
    while page.length:
        following = await _page(client, index + 1, size)
        if following.length and page.length < full:
            page = await _page(client, index, size)
            full = min(full, page.length)  # Corti may use another page size
        news = [
            interaction
            for interaction in page.interactions
            if interaction.created >= since and interaction.id not in given
        ]
        given.update(dict.fromkeys(interaction.id for interaction in news))
        while len(given) > _REMEMBERED_PAGES * size:
            del given[next(iter(given))]
        yield news
        index, page = index + 1, following


async def _first_page(client: CortiClient, since: datetime, size: int) -> int:
    """A page before which nothing was created at `since` or later, found by doubling and then halving."""

    async def is_before(index: int) -> bool:
        page = await _page(client, index, size)
        return page.length > 0 and all(last.created < since for last in page.interactions[-1:])

    below, above = 0, 1
    while await is_before(above):
        below, above = above, above * 2
    while above - below > 1:
        middle = (below + above) // 2
        if await is_before(middle):
            below = middle
        else:
            above = middle
    return max(1, above - 1)


@dataclass(frozen=True)
class _Page:
    """`length` counts the items on the page, readable or not."""

    interactions: tuple[Interaction, ...]
    length: int


async def _page(client: CortiClient, index: int, size: int) -> _Page:
    params = {"sort": "createdAt", "direction": "asc", "pageSize": size, "index": index}
    items = await client.get("/interactions/", _INTERACTIONS, params)
    interactions = tuple(interaction for item in items if (interaction := _interaction(item)))
    if any(later.created < earlier.created for earlier, later in pairwise(interactions)):
        raise CortiError(f"{client.account.name}: the interactions are not in the requested order", "unsorted")
    return _Page(interactions, len(items))


def _interaction(item: Item) -> Interaction | None:
    identity, created_at = id_in_body(item.get("id")), time_text(item.get("created_at"))
    created = read_time(created_at) if created_at else None
    if identity is None or created_at is None or created is None:
        return None
    return Interaction(
        identity,
        created,
        created_at,
        time_text(item.get("updated_at")),
        time_text(item.get("ended_at")),
        id_in_body(item.get("assigned_user_id")),
        _word(item.get("encounter_status"), _STATUSES),
        _word(item.get("encounter_type"), _TYPES),
    )


def _word(text: str | None, known: frozenset[str]) -> str | None:
    return None if not text else text if text in known else _OTHER


def path_of(interaction_id: str, *further: str) -> str:
    """The path of a resource of an interaction; a list's path ends in a slash, as Corti's do."""
    return "/".join(("/interactions", *(quote(part, safe="") for part in (interaction_id, *further))))
