"""Corti Models: language models in the interfaces of OpenAI and Anthropic. Answers tell tokens and no credits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from ingest.simulator.errors import Refusal
from ingest.simulator.exact_json import ExactJSON, dumps
from ingest.simulator.interactions import body_of
from ingest.simulator.prices import LISTED
from ingest.simulator.state import Simulator, simulator_of

_PIECES = 4
"""How many pieces of text a stream has."""


async def complete_chat(request: Request) -> Response:
    """`POST /v1/chat/completions`."""
    return await _complete(request, "chat_completion", "chatcmpl", _chat_choice)


async def complete_text(request: Request) -> Response:
    """`POST /v1/completions`."""
    return await _complete(request, "completion", "cmpl", _text_choice)


async def _complete(
    request: Request, kind: str, prefix: str, choice: Callable[[str, bool], dict[str, object]]
) -> Response:
    simulator, body = simulator_of(request), await body_of(request)
    model, text, answer_id = _model_of(body), simulator.invention.text, f"{prefix}-{simulator.invention.uuid()}"
    tokens = simulator.charged_tokens(kind, model, answer_id)
    usage = {
        "prompt_tokens": tokens.input,
        "completion_tokens": tokens.output,
        "total_tokens": tokens.input + tokens.output,
        "prompt_tokens_details": {"cached_tokens": tokens.cached, "created_cache_tokens": 0},
    }
    head = {"id": answer_id, "created": 1_780_000_000, "model": model}
    if not body.get("stream"):
        whole = {**head, "object": "chat.completion", "choices": [choice(text(12), False)], "usage": usage}
        return ExactJSON(whole, headers=_request_id(simulator))
    has_usage = bool((body.get("stream_options") or {}).get("include_usage"))
    head |= {"object": "chat.completion.chunk"} | ({"usage": None} if has_usage else {})
    chunks: list[object] = [{**head, "choices": [choice(text(3), True)]} for _ in range(_PIECES)]
    if has_usage:
        chunks.append({**head, "choices": [], "usage": usage})
    return _events(simulator, [("", dumps(chunk)) for chunk in chunks] + [("", "[DONE]")])


def _chat_choice(text: str, is_piece: bool) -> dict[str, object]:
    call = {"id": "call_1", "type": "function", "function": {"name": "note", "arguments": f'{{"text": "{text}"}}'}}
    said = {"role": "assistant", "content": text, "tool_calls": [call]}
    return {"index": 0, "delta" if is_piece else "message": said, "finish_reason": None if is_piece else "stop"}


def _text_choice(text: str, is_piece: bool) -> dict[str, object]:
    return {"index": 0, "text": text, "finish_reason": None if is_piece else "stop"}


async def respond(request: Request) -> Response:
    """`POST /v1/responses`."""
    simulator, body = simulator_of(request), await body_of(request)
    model, text, answer_id = _model_of(body), simulator.invention.text, f"resp_{simulator.invention.uuid()}"
    tokens = simulator.charged_tokens("model_response", model, answer_id)
    usage = {
        "input_tokens": tokens.input,
        "input_tokens_details": {"cached_tokens": tokens.cached},
        "output_tokens": tokens.output,
        "total_tokens": tokens.input + tokens.output,
    }
    said = {"type": "message", "id": "msg_1", "content": [{"type": "output_text", "text": text(12)}]}
    begun = {
        "id": answer_id,
        "object": "response",
        "status": "in_progress",
        "model": model,
        "output": [],
        "usage": None,
    }
    whole = {**begun, "status": "completed", "output": [said], "usage": usage}
    simulator.responses[answer_id] = whole
    if not body.get("stream"):
        return ExactJSON(whole, headers=_request_id(simulator))
    events: list[dict[str, object]] = [{"type": "response.created", "response": begun}]
    for _ in range(_PIECES):
        events.append({"type": "response.output_text.delta", "item_id": "msg_1", "delta": text(3)})
    events.append({"type": "response.completed", "response": whole})
    return _events(simulator, _named(events))


async def get_response(request: Request) -> Response:
    """`GET /v1/responses/{id}`."""
    found = simulator_of(request).responses.get(request.path_params["response"])
    if found is None:
        raise Refusal(404)
    return ExactJSON(found)


async def embed(request: Request) -> Response:
    """`POST /v1/embeddings`: the answer has no id, but its request has."""
    simulator, body = simulator_of(request), await body_of(request)
    model, headers = _model_of(body), _request_id(simulator)
    tokens = simulator.charged_tokens("embedding", model, headers["x-request-id"])
    usage = {"prompt_tokens": tokens.input, "total_tokens": tokens.input}
    data = [{"object": "embedding", "index": 0, "embedding": [0.5, -0.25]}]
    return ExactJSON({"object": "list", "data": data, "model": model, "usage": usage}, headers=headers)


async def send_message(request: Request) -> Response:
    """`POST /anthropic/v1/messages`: its input tokens leave out those that were read from the cache."""
    simulator, body = simulator_of(request), await body_of(request)
    model, text, answer_id = _model_of(body), simulator.invention.text, f"msg_{simulator.invention.uuid()}"
    tokens = simulator.charged_tokens("message", model, answer_id)
    usage = {
        "input_tokens": tokens.input - tokens.cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": tokens.cached,
        "output_tokens": tokens.output,
    }
    head = {"id": answer_id, "type": "message", "role": "assistant", "model": model}
    if not body.get("stream"):
        content = [
            {"type": "text", "text": text(12)},
            {"type": "tool_use", "id": "toolu_1", "input": {"text": text(3)}},
        ]
        whole = {**head, "content": content, "stop_reason": "end_turn", "usage": usage}
        return ExactJSON(whole, headers=_request_id(simulator))
    opened = {**head, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}}
    events: list[dict[str, object]] = [{"type": "message_start", "message": opened}, {"type": "ping"}]
    events.append({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}})
    for _ in range(_PIECES):
        events.append({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text(3)}})
    events.append({"type": "content_block_stop", "index": 0})
    events.append(
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": tokens.output}}
    )
    return _events(simulator, _named([*events, {"type": "message_stop"}]))


async def list_models(request: Request) -> Response:
    """`GET /v1/models`."""
    return ExactJSON({"object": "list", "data": [{"id": model, "object": "model"} for model in LISTED]})


def _model_of(body: dict[str, Any]) -> str:
    model = body.get("model")
    if not isinstance(model, str) or model not in LISTED:
        raise Refusal(404)
    return model


def _request_id(simulator: Simulator) -> dict[str, str]:
    return {"x-request-id": f"req_{simulator.invention.uuid()}"}


def _named(events: Sequence[dict[str, object]]) -> list[tuple[str, str]]:
    return [(f"event: {event['type']}\n", dumps(event)) for event in events]


def _events(simulator: Simulator, events: Sequence[tuple[str, str]]) -> Response:
    def written() -> Iterator[bytes]:
        for name, data in events:
            yield f"{name}data: {data}\n\n".encode()

    return StreamingResponse(written(), media_type="text/event-stream", headers=_request_id(simulator))


ROUTES_AT_ROOT = [
    Route("/v1/chat/completions", complete_chat, methods=["POST"]),
    Route("/v1/completions", complete_text, methods=["POST"]),
    Route("/v1/responses", respond, methods=["POST"]),
    Route("/v1/responses/{response}", get_response, methods=["GET"]),
    Route("/v1/embeddings", embed, methods=["POST"]),
    Route("/v1/models", list_models, methods=["GET"]),
    Route("/anthropic/v1/messages", send_message, methods=["POST"]),
]
