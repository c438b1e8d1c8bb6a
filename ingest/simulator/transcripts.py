"""Transcripts: at once, or `processing` first and completed when read later."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingest.simulator.errors import Refusal
from ingest.simulator.exact_json import ExactJSON
from ingest.simulator.interactions import body_of, interaction_of
from ingest.simulator.state import Simulator, Transcript, simulator_of


async def create(request: Request) -> Response:
    """`POST /interactions/{id}/transcripts/`.

    201 when it is completed; with `async` 202 at once; after the longest wait the status `processing`. The latter two
    have a Location.
    """
    simulator, interaction, body = simulator_of(request), interaction_of(request), await body_of(request)
    if body.get("recordingId") not in interaction.recordings:
        raise Refusal(404)
    path = request.url.path
    empty = simulator.faults.take("POST", path, "empty_accepted") is not None
    cut_over = simulator.faults.take("POST", path, "cut_over") is not None
    later = bool(body.get("async")) or empty or cut_over
    transcript = Transcript(
        id=simulator.invention.uuid(),
        recording_id=body["recordingId"],
        interaction_id=interaction.id,
        credits=simulator.invention.price(),
        done_at=time.monotonic() + (simulator.processing_seconds if later else 0.0),
    )
    interaction.transcripts[transcript.id] = transcript
    interaction.touch()
    if not later:
        return ExactJSON(_shown(simulator, transcript), status_code=201)
    location = {"Location": f"{path.rstrip('/')}/{transcript.id}"}
    if empty:
        return Response(status_code=202, headers=location)
    status = 201 if cut_over else 202
    return ExactJSON(_shown(simulator, transcript), status_code=status, headers=location)


def _transcript_of(request: Request) -> Transcript:
    transcript = interaction_of(request).transcripts.get(request.path_params["transcript"])
    if transcript is None:
        raise Refusal(404)
    return transcript


def _shown(simulator: Simulator, transcript: Transcript) -> dict[str, Any]:
    done = simulator.settle(transcript)
    text = simulator.invention.text(12)
    line = {"channel": 0, "participant": 0, "speakerId": -1, "text": text, "start": 0, "end": 1850}
    return {
        "id": transcript.id,
        "recordingId": transcript.recording_id,
        "status": "completed" if done else "processing",
        "metadata": {"participantsRoles": [{"channel": 0, "role": "doctor"}] if done else None},
        "transcripts": [line] if done else None,
        "usageInfo": {"creditsConsumed": transcript.credits if done else Decimal(0)},
    }


async def get(request: Request) -> Response:
    """`GET /interactions/{id}/transcripts/{id}`."""
    return ExactJSON(_shown(simulator_of(request), _transcript_of(request)))


async def get_status(request: Request) -> Response:
    """`GET /interactions/{id}/transcripts/{id}/status`: only a status."""
    done = simulator_of(request).settle(_transcript_of(request))
    return ExactJSON({"status": "completed" if done else "processing"})


async def list_all(request: Request) -> Response:
    """`GET /interactions/{id}/transcripts/`: ids and a sample of the text, `null` if there are none; credits only in
    the older API.
    """
    simulator, found = simulator_of(request), interaction_of(request).transcripts
    listed = [
        {
            "id": transcript.id,
            "transcriptSample": simulator.invention.text(),
            **({"creditsConsumed": transcript.credits} if simulator.older_api and simulator.settle(transcript) else {}),
        }
        for transcript in found.values()
    ]
    return ExactJSON({"transcripts": listed or None})


ROUTES = [
    Route("/interactions/{interaction}/transcripts/", create, methods=["POST"]),
    Route("/interactions/{interaction}/transcripts/", list_all, methods=["GET"]),
    Route("/interactions/{interaction}/transcripts/{transcript}", get, methods=["GET"]),
    Route("/interactions/{interaction}/transcripts/{transcript}/status", get_status, methods=["GET"]),
]
