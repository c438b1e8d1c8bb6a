"""The resources of an interaction (transcripts, documents, recordings, guided documents): only ids and times."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ingest.contract.plain_values import id_in_body, time_text
from ingest.corti.client import CortiClient
from ingest.corti.json_picking import Item, Shape
from ingest.corti.listing import path_of
from ingest.errors import CortiError, GoneError

TRANSCRIPT, DOCUMENT, GUIDED_DOCUMENT, RECORDING = "transcript", "document", "guided_document", "recording"

# In today's API only the list of documents has credits; older versions had them in more lists.
_CREDITS = {"usageInfo.creditsConsumed": "credits", "creditsConsumed": "credits"}
_TRANSCRIPTS = Shape("transcripts.item", {"id": "id", "status": "status", **_CREDITS}, needed="transcripts")
_DOCUMENTS = Shape("data.item", {"id": "id", "createdAt": "created_at", **_CREDITS}, needed="data")
_RECORDINGS = Shape("recordings.item", {"": "id"}, needed="recordings")
_GUIDED = Shape("item", {"id": "id", "createdAt": "created_at", "interactionId": "interaction_id"}, needed="")
_FACTS = Shape("facts.item", {"id": "id", "createdAt": "created_at", **_CREDITS}, needed="facts")


@dataclass(frozen=True)
class Resource:
    """A resource. `credits` are the digits in the list itself, which are mostly absent."""

    kind: str
    id: str
    created_at: str | None = None
    credits: str | None = None
    in_progress: bool = False


@dataclass(frozen=True)
class Listed:
    """All resources of an interaction; `guided_refused` says that Corti does not offer guided documents here."""

    resources: tuple[Resource, ...]
    guided_refused: bool = False


async def resources_of(client: CortiClient, interaction_id: str) -> Listed:
    """List the resources of an interaction. A deleted interaction has none.

    Raises:
        CortiError: a list can't be read.
    """
    kinds = ((TRANSCRIPT, "transcripts", _TRANSCRIPTS), (DOCUMENT, "documents", _DOCUMENTS))
    kinds += ((RECORDING, "recordings", _RECORDINGS),)
    lists = [_list(client, kind, path_of(interaction_id, word, ""), shape) for kind, word, shape in kinds]
    *plain, guided = await asyncio.gather(*lists, _guided(client, interaction_id), return_exceptions=True)
    found: list[Resource] = []
    for answer in (*plain, guided):
        if isinstance(answer, BaseException):
            raise answer
        if answer is not None:
            found += answer
    return Listed(tuple(found), guided is None)


async def facts_of(client: CortiClient, interaction_id: str) -> list[Resource]:
    """The facts of an interaction; only an older API charged for each one.

    Raises:
        CortiError: the list can't be read.
    """
    return await _list(client, "facts", path_of(interaction_id, "facts", ""), _FACTS)


async def _list(client: CortiClient, kind: str, path: str, shape: Shape) -> list[Resource]:
    try:
        items = await client.get(path, shape)
    except GoneError:
        return []
    return [resource for item in items if (resource := _resource(kind, item))]


async def _guided(client: CortiClient, interaction_id: str) -> list[Resource] | None:
    try:
        items = await client.get("/documents/", _GUIDED, {"interactionId": interaction_id})
    except GoneError:
        return []
    except CortiError as error:
        if error.reason == "refused":
            return None
        raise
    return [
        resource
        for item in items
        if item.get("interaction_id", interaction_id) == interaction_id
        and (resource := _resource(GUIDED_DOCUMENT, item))
    ]


def _resource(kind: str, item: Item) -> Resource | None:
    identity = id_in_body(item.get("id"))
    if identity is None:
        return None
    in_progress = item.get("status", "").lower() == "processing"
    return Resource(kind, identity, time_text(item.get("created_at")), item.get("credits"), in_progress)
