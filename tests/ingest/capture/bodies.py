"""Bodies with Corti's shapes, full of text that must stay out of records."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ingest.capture.recognition import usage_records
from ingest.contract.call import CallContext

INTERACTION = "f3a1b2c4-d5e6-4f70-8192-a3b4c5d6e7f8"
TRANSCRIPT = "5b0f6a52-3c1e-4d0a-9a55-0d6f3c9e1a01"
DOCUMENT = "c2d9e1f0-7a6b-4c5d-8e9f-a0b1c2d3e4f5"
TASK = "task.0192f4c8-4e7c-7d50-b13c-5eaf8a4d9c62"
CLINICAL = "CLINICAL Mr Synthetic has a cough"
TRANSCRIPTS = f"/v2/interactions/{INTERACTION}/transcripts/"
DOCUMENTS = f"/v2/interactions/{INTERACTION}/documents/"
CREATED = "2026-03-02T09:14:07Z"
CONTEXT = CallContext("rec-1", "op-1", "2026-03-02T10:00:00.000000Z", "eu", "demo-tenant", "u-1", "t-1")

Body = object


def transcript(credits: object = 0.3475, state: str = "completed") -> dict[str, Body]:
    return {
        "id": TRANSCRIPT,
        "recordingId": "9d1c2b3a-4e5f-4a6b-8c7d-0e1f2a3b4c5d",
        "status": state,
        "metadata": {"participantsRoles": [{"channel": 0, "role": CLINICAL}]},
        "transcripts": [{"channel": 0, "participant": 0, "speakerId": -1, "text": CLINICAL, "start": 0, "end": 1850}],
        "usageInfo": {"creditsConsumed": credits},
    }


def document(credits: object = 0.421, id: str = DOCUMENT) -> dict[str, Body]:
    section = {"key": "corti-subjective", "name": "Subjective", "text": CLINICAL, "sort": 1, "createdAt": CREATED}
    return {
        "id": id,
        "name": CLINICAL,
        "templateRef": "corti-soap",
        "sections": [section],
        "createdAt": CREATED,
        "updatedAt": "2026-03-02T09:15:07Z",
        "outputLanguage": "en",
        "usageInfo": {"creditsConsumed": credits},
    }


def guided_document(*, saved: bool) -> dict[str, Body]:
    made: dict[str, Body] = {
        "name": CLINICAL,
        "templateId": "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
        "interactionId": INTERACTION,
        "stringDocument": {"sec-1": CLINICAL},
        "structuredDocument": {"sec-1": {"credits": 99, "usageInfo": {"creditsConsumed": 99}}},
        "labels": [{"key": "cost-centre", "value": CLINICAL}],
    }
    if saved:
        made |= {"id": DOCUMENT, "createdAt": CREATED, "updatedAt": CREATED}
    return {"document": made, "usageInfo": {"creditsConsumed": 0.902}}


def facts() -> dict[str, Body]:
    return {"facts": [{"group": CLINICAL, "text": CLINICAL}], "usageInfo": {"creditsConsumed": 0.07}}


def codes() -> dict[str, Body]:
    return {"codes": [{"code": CLINICAL, "display": CLINICAL}], "usageInfo": {"creditsConsumed": 0.011}}


def task_v1(credits: object = 0.15916, state: str = "completed") -> dict[str, Body]:
    metadata = {"credits": credits, "_usage": {"input_tokens": 26514, "output_tokens": 3319}}
    status = {"state": state, "timestamp": "2026-03-02T09:20:11Z", "message": CLINICAL}
    return {"id": TASK, "contextId": "d0d83908", "kind": "task", "status": status, "metadata": metadata}


def task_v2(credits: object = 1.2, requests: int = 1) -> dict[str, Body]:
    """A task after this many messages of the user."""
    tokens = {"inputTokens": 100, "cachedInputTokens": 64, "outputTokens": 20, "totalTokens": 120}
    usage = {"model": "corti-default", **tokens, "credits": credits}
    turn = [
        {"role": "ROLE_USER", "messageId": "msg.1", "parts": [CLINICAL]},
        {"role": "ROLE_AGENT", "parts": [CLINICAL]},
    ]
    return {
        "id": TASK,
        "contextId": "ctx.0192f4c8-3d6b-7c4f-a02b-4d9e7f3c8b51",
        "status": {"state": "TASK_STATE_COMPLETED", "timestamp": "2026-05-19T12:00:01Z", "message": CLINICAL},
        "history": turn * requests,
        "artifacts": [{"parts": [{"data": {"credits": 99, "metadata": {"$usage": {"credits": 99}}}}]}],
        "metadata": {"$usage": usage, "otherCallerKeys": CLINICAL},
    }


def chat_completion(model: str = "corti-s1") -> dict[str, Body]:
    usage = {"prompt_tokens": 120, "completion_tokens": 30, "total_tokens": 150}
    usage["prompt_tokens_details"] = {"cached_tokens": 64, "created_cache_tokens": 0}  # pyright: ignore[reportArgumentType]
    said = {"role": "assistant", "content": CLINICAL, "tool_calls": [{"id": "call_1", "arguments": CLINICAL}]}
    choices = [{"index": 0, "message": said, "finish_reason": "stop"}]
    return {"id": "chatcmpl-7f3a", "object": "chat.completion", "model": model, "choices": choices, "usage": usage}


def model_response(state: str = "completed") -> dict[str, Body]:
    usage = {"input_tokens": 120, "input_tokens_details": {"cached_tokens": 64}, "output_tokens": 30}
    output = [{"type": "message", "id": "msg_9", "content": [{"type": "output_text", "text": CLINICAL}]}]
    return {"id": "resp_7f3a", "status": state, "model": "corti-s1", "output": output, "usage": usage}


def message() -> dict[str, Body]:
    usage = {
        "input_tokens": 40,
        "cache_creation_input_tokens": 16,
        "cache_read_input_tokens": 64,
        "output_tokens": 30,
    }
    content = [{"type": "text", "text": CLINICAL}]
    return {"id": "msg_7f3a", "type": "message", "model": "corti-s1", "content": content, "usage": usage}


AGENT_EVENTS = b"data: {}\n\n" * 3 + b'data: {"result": {"taskId": "t-1", "metadata": {"credits": 0.5}}}\n\n'
"""What an agent's stream says, in the form of `text/event-stream`."""


def lines_of(
    method: str,
    path: str,
    status: int | None,
    body: object,
    headers: Mapping[str, str] | None = None,
    context: CallContext = CONTEXT,
) -> list[dict[str, str]]:
    """What a call's records say, numbers as text."""
    sent = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    records = usage_records(method, path, status, headers or {"content-type": "application/json"}, sent, context)
    return [json.loads(record.line(), parse_float=str, parse_int=str) for record in records]
