"""Streams of Corti Models as they come over the wire, in the words of the two interfaces that they speak."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tests.ingest.capture.bodies import CLINICAL, chat_completion, message, model_response

CHAT, RESPONSES, COMPLETIONS, EMBEDDINGS, MESSAGES = PATHS = (
    "/v1/chat/completions",
    "/v1/responses",
    "/v1/completions",
    "/v1/embeddings",
    "/anthropic/v1/messages",
)


def chat_stream(pieces: int = 3, *, with_usage: bool = True) -> bytes:
    """A chat or text completion; the usage is in the last chunk, if the caller asked for it."""
    head = {"id": "chatcmpl-7f3a", "object": "chat.completion.chunk", "model": "corti-s1"}
    none = {"usage": None} if with_usage else {}
    said = [{**head, "choices": [{"index": 0, "delta": {"content": CLINICAL}}], **none}] * pieces
    last = [{**head, "choices": [], "usage": chat_completion()["usage"]}] if with_usage else []
    return b"".join(_data(event) for event in (*said, *last)) + b"data: [DONE]\n\n"


def response_stream(pieces: int = 3) -> bytes:
    """A response; its last event repeats it as a whole."""
    opened = {**model_response("in_progress"), "usage": None, "output": []}
    said = {"type": "response.output_text.delta", "item_id": "msg_9", "delta": CLINICAL}
    first, last = _event("response.created", response=opened), _event("response.completed", response=model_response())
    return b"".join(_named(event) for event in (first, *[said] * pieces, last))


def message_stream(pieces: int = 3, *, ends: bool = True) -> bytes:
    """A message: the input tokens at its start, the output tokens so far near its end."""
    opened = message()
    usage = opened["usage"]
    assert isinstance(usage, dict)
    opened |= {"usage": {**usage, "output_tokens": 1}, "content": []}
    said = _event("content_block_delta", index=0, delta={"type": "text_delta", "text": CLINICAL})
    delta = _event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 30})
    last = [delta, _event("message_stop")] if ends else []
    return b"".join(_named(event) for event in (_event("message_start", message=opened), *[said] * pieces, *last))


def _event(kind: str, **members: object) -> dict[str, object]:
    return {"type": kind, **members}


def _data(event: object) -> bytes:
    return f"data: {json.dumps(event)}\n\n".encode()


def _named(event: Mapping[str, object]) -> bytes:
    return f"event: {event['type']}\n".encode() + _data(event)
