"""Documents of an interaction, and guided ones."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingest.simulator.errors import Refusal
from ingest.simulator.exact_json import ExactJSON
from ingest.simulator.interactions import body_of, interaction_of
from ingest.simulator.invention import now
from ingest.simulator.state import simulator_of

RETENTION = "X-Corti-Retention-Policy"


def _unkept(request: Request) -> bool:
    return request.headers.get(RETENTION, "").lower() == "none"


def _acknowledged(request: Request) -> dict[str, str]:
    return {RETENTION: "acknowledged"} if _unkept(request) else {}


async def create(request: Request) -> Response:
    """`POST /interactions/{id}/documents/`; with the retention policy `none` the document is not stored."""
    simulator, interaction, body = simulator_of(request), interaction_of(request), await body_of(request)
    stamp, document_id, text = now(), simulator.invention.uuid(), simulator.invention.text
    section = {"key": "corti-subjective", "name": "Subjective", "text": text(12), "sort": 1}
    document = {
        "id": document_id,
        "name": text(2),
        "templateRef": body.get("templateKey", "corti-soap"),
        "isStream": False,
        "sections": [{**section, "createdAt": stamp, "updatedAt": stamp}],
        "createdAt": stamp,
        "updatedAt": stamp,
        "outputLanguage": body.get("outputLanguage", "en"),
        "usageInfo": {"creditsConsumed": simulator.charged("document", interaction.id, document_id)},
    }
    if not _unkept(request):
        interaction.documents[document_id] = document
        interaction.touch()
    return ExactJSON(document, status_code=201, headers=_acknowledged(request))


async def list_all(request: Request) -> Response:
    """`GET /interactions/{id}/documents/`: whole documents."""
    return ExactJSON({"data": list(interaction_of(request).documents.values())})


def _document_of(request: Request) -> dict[str, Any]:
    document = interaction_of(request).documents.get(request.path_params["document"])
    if document is None:
        raise Refusal(404)
    return document


async def get(request: Request) -> Response:
    """`GET /interactions/{id}/documents/{id}`."""
    return ExactJSON(_document_of(request))


async def update(request: Request) -> Response:
    """`PATCH /interactions/{id}/documents/{id}`: an edit; generates nothing and costs nothing."""
    document, body = _document_of(request), await body_of(request)
    document |= {"name": body.get("name", document["name"]), "updatedAt": now()}
    return ExactJSON(document)


async def generate(request: Request) -> Response:
    """`POST /documents/` (guided): 201 with an id if it is stored, else 200 without id and times."""
    simulator, body = simulator_of(request), await body_of(request)
    text, unkept, stamp = simulator.invention.text, _unkept(request), now()
    document_id = None if unkept else simulator.invention.uuid()
    interaction_id = body.get("interactionId")
    document = {
        "name": text(2),
        "templateId": (body.get("templateRef") or {}).get("templateId"),
        "templateVersionId": simulator.invention.uuid(),
        "outputLanguage": body.get("outputLanguage", "en"),
        "interactionId": interaction_id,
        "stringDocument": {"sec-1": text(12)},
        "structuredDocument": {"sec-1": {"text": text(4), "credits": 99, "usageInfo": {"creditsConsumed": 99}}},
        "sections": [{"sectionId": "sec-1", "heading": text(1), "labels": []}],
        "labels": body.get("labels", []),
    }
    kept = {"id": document_id, **document, "createdAt": stamp, "updatedAt": stamp}
    if document_id:
        simulator.guided_documents[document_id] = kept
        if interaction := simulator.interactions.get(interaction_id or ""):
            interaction.touch()
    answer = {
        "document": document if unkept else kept,
        "usageInfo": {"creditsConsumed": simulator.charged("guided_document", interaction_id, document_id)},
    }
    return ExactJSON(answer, status_code=200 if unkept else 201, headers=_acknowledged(request))


async def list_guided(request: Request) -> Response:
    """`GET /documents/`: a bare array, without usage; with `interactionId` the documents of an interaction."""
    wanted = request.query_params.get("interactionId")
    found = simulator_of(request).guided_documents.values()
    return ExactJSON([document for document in found if wanted in (None, document["interactionId"])])


ROUTES = [
    Route("/interactions/{interaction}/documents/", create, methods=["POST"]),
    Route("/interactions/{interaction}/documents/", list_all, methods=["GET"]),
    Route("/interactions/{interaction}/documents/{document}", get, methods=["GET"]),
    Route("/interactions/{interaction}/documents/{document}", update, methods=["PATCH"]),
    Route("/documents/", generate, methods=["POST"]),
    Route("/documents/", list_guided, methods=["GET"]),
]
