"""Interactions, their recordings and their (manual) facts: nothing here carries credits."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingest.simulator.errors import Refusal
from ingest.simulator.exact_json import ExactJSON
from ingest.simulator.invention import now
from ingest.simulator.state import Interaction, Simulator, simulator_of

DEFAULT_PAGE_SIZE = 10


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object in a request.

    Raises:
        Refusal: the body is something else.
    """
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise Refusal(400) from None
    if not isinstance(body, dict):
        raise Refusal(400)
    return body


def interaction_of(request: Request) -> Interaction:
    """The interaction that the path names.

    Raises:
        Refusal: there is none.
    """
    interaction = simulator_of(request).interactions.get(request.path_params["interaction"])
    if interaction is None:
        raise Refusal(404)
    return interaction


async def create(request: Request) -> Response:
    """`POST /interactions/`; without an `assignedUserId` the server makes one up, and only a read shows it."""
    simulator, body = simulator_of(request), await body_of(request)
    stamp = now()
    interaction = Interaction(
        id=simulator.invention.uuid(),
        assigned_user_id=body.get("assignedUserId") or simulator.invention.uuid(),
        encounter=body.get("encounter") or {},
        created_at=stamp,
        updated_at=stamp,
    )
    simulator.add_interaction(interaction)
    url = f"wss://api.example.invalid/audio-bridge/v2/interactions/{interaction.id}/streams?tenant-name=demo&token="
    return ExactJSON({"interactionId": interaction.id, "websocketUrl": url}, status_code=201)


def _shown(simulator: Simulator, interaction: Interaction) -> dict[str, Any]:
    return {
        "id": interaction.id,
        "assignedUserId": interaction.assigned_user_id,
        "encounter": {**interaction.encounter, "title": simulator.invention.text(2)},
        "patient": {
            "identifier": simulator.invention.text(1),
            "name": simulator.invention.text(2),
            "gender": "unknown",
        },
        "createdAt": interaction.created_at,
        "updatedAt": interaction.updated_at,
        "lastUpdated": interaction.updated_at,
        "websocketUrl": f"wss://api.example.invalid/audio-bridge/v2/interactions/{interaction.id}/streams",
    }


async def get(request: Request) -> Response:
    """`GET /interactions/{id}`."""
    return ExactJSON(_shown(simulator_of(request), interaction_of(request)))


async def list_all(request: Request) -> Response:
    """`GET /interactions/`: pages counted from 1, no total and no link; the last page is an empty one."""
    simulator, asked = simulator_of(request), request.query_params
    try:
        size, page = int(asked.get("pageSize", DEFAULT_PAGE_SIZE)), int(asked.get("index", 1))
    except ValueError:
        raise Refusal(400) from None
    if size < 1 or page < 1:
        raise Refusal(400)
    if inserted := simulator.faults.take("GET", request.url.path, "insert"):
        simulator.insert_interactions(inserted.after, inserted.seconds)
    if asked.get("sort", "createdAt") == "createdAt" and "encounterStatus" not in asked:
        start, total = (page - 1) * size, len(simulator.by_creation)
        if asked.get("direction", "desc") == "asc":
            ids = [identity for _, identity in simulator.by_creation[start : start + size]]
        else:
            found = simulator.by_creation[max(0, total - start - size) : max(0, total - start)]
            ids = [identity for _, identity in reversed(found)]
        return ExactJSON({"interactions": [_shown(simulator, simulator.interactions[identity]) for identity in ids]})
    sort = {"updatedAt": "updated_at", "assignedUserId": "assigned_user_id", "id": "id"}.get(asked.get("sort", ""))
    statuses = asked.getlist("encounterStatus")
    found = [
        interaction
        for interaction in simulator.interactions.values()
        if not statuses or interaction.encounter.get("status") in statuses
    ]
    found.sort(key=lambda interaction: (getattr(interaction, sort or "created_at"), interaction.id))
    if asked.get("direction", "desc") == "desc":
        found.reverse()
    shown = found[(page - 1) * size : page * size]
    return ExactJSON({"interactions": [_shown(simulator, interaction) for interaction in shown]})


async def upload(request: Request) -> Response:
    """`POST /interactions/{id}/recordings/`: counts the bytes and stores none."""
    simulator, interaction = simulator_of(request), interaction_of(request)
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
    recording = simulator.invention.uuid()
    interaction.recordings[recording] = size
    simulator.uploaded_bytes += size
    interaction.touch()
    return ExactJSON({"recordingId": recording}, status_code=201)


async def list_recordings(request: Request) -> Response:
    """`GET /interactions/{id}/recordings/`: bare ids."""
    return ExactJSON({"recordings": list(interaction_of(request).recordings)})


async def delete(request: Request) -> Response:
    """`DELETE /interactions/{id}`."""
    simulator_of(request).remove_interaction(interaction_of(request))
    return Response(status_code=204)


async def list_facts(request: Request) -> Response:
    """`GET /interactions/{id}/facts/`: one invented fact; only the older API has its usage."""
    interaction, invention = interaction_of(request), simulator_of(request).invention
    fact = {"id": invention.uuid(), "text": invention.text(), "group": "plan", "isDiscarded": False, "source": "core"}
    stamps = {"createdAt": interaction.created_at, "updatedAt": interaction.updated_at}
    if simulator_of(request).older_api:
        fact = {**fact, "id": f"{interaction.id}-1", "creditsConsumed": Decimal("0.0100")}
    return ExactJSON({"facts": [{**fact, **stamps}]})


ROUTES = [
    Route("/interactions/", create, methods=["POST"]),
    Route("/interactions/", list_all, methods=["GET"]),
    Route("/interactions/{interaction}", get, methods=["GET"]),
    Route("/interactions/{interaction}", delete, methods=["DELETE"]),
    Route("/interactions/{interaction}/recordings/", upload, methods=["POST"]),
    Route("/interactions/{interaction}/recordings/", list_recordings, methods=["GET"]),
    Route("/interactions/{interaction}/facts/", list_facts, methods=["GET"]),
]
