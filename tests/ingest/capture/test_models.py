"""What is written down of Corti Models: tokens in place of credits, plain and streamed."""

from __future__ import annotations

import json

import pytest

from ingest.capture.answer import Answer
from ingest.capture.recognition import is_billable
from tests.ingest.capture.bodies import CLINICAL, CONTEXT, chat_completion, lines_of, message, model_response
from tests.ingest.capture.loopback_corti import PACKED
from tests.ingest.capture.model_streams import (
    CHAT,
    COMPLETIONS,
    EMBEDDINGS,
    MESSAGES,
    PATHS,
    RESPONSES,
    chat_stream,
    message_stream,
    response_stream,
)

EVENTS = {"content-type": "text/event-stream; charset=utf-8"}
TOKENS = {"model": "corti-s1", "inputTokens": "120", "outputTokens": "30", "cachedInputTokens": "64"}
CHAT_ID, RESPONSE_ID, MESSAGE_ID = "chatcmpl-7f3a", "resp_7f3a", "msg_7f3a"
PLAIN = [
    (CHAT, chat_completion(), "chat_completion", CHAT_ID),
    (COMPLETIONS, chat_completion(), "completion", CHAT_ID),
    (RESPONSES, model_response(), "model_response", RESPONSE_ID),
    (MESSAGES, message(), "message", MESSAGE_ID),
]
STREAMS = [
    (CHAT, chat_stream(), "chat_completion", CHAT_ID),
    (COMPLETIONS, chat_stream(), "completion", CHAT_ID),
    (RESPONSES, response_stream(), "model_response", RESPONSE_ID),
    (MESSAGES, message_stream(), "message", MESSAGE_ID),
]


@pytest.mark.parametrize(("path", "body", "kind", "id"), [*PLAIN, *STREAMS])
def test_an_answer_with_tokens_and_no_credits_is_metered(path: str, body: object, kind: str, id: str) -> None:
    [record] = lines_of("POST", path, 200, body, EVENTS if isinstance(body, bytes) else None)
    assert {name: record.get(name) for name in TOKENS} == TOKENS
    assert (record["kind"], record["status"], record["resourceId"], record["source"]) == (
        kind,
        "metered",
        id,
        "created",
    )
    assert "creditsConsumed" not in record and CLINICAL not in str(record)


@pytest.mark.parametrize("size", [1, 2, 7, 64, 5000])
@pytest.mark.parametrize(("path", "body", "kind", "id"), STREAMS)
def test_a_stream_tells_the_same_piece_by_piece(path: str, body: bytes, kind: str, id: str, size: int) -> None:
    for sent in (body, body.replace(b"\n", b"\r\n"), body.replace(b"\n", b"\r"), b"\xef\xbb\xbf" + body, body[:-2]):
        answer = Answer("POST", path)
        answer.begin(200, [(b"Content-Type", b"text/event-stream")])
        for at in range(0, len(sent), size):
            answer.take(sent[at : at + size])
        answer.end()
        whole = lines_of("POST", path, 200, body, EVENTS)
        assert [json.loads(record.line(), parse_int=str) for record in answer.records(CONTEXT)] == whole


def test_a_stream_may_be_longer_than_what_is_kept_of_a_body() -> None:
    answer, piece = Answer("POST", CHAT), chat_stream(4000, with_usage=False)[: -len(b"data: [DONE]\n\n")]
    answer.begin(200, [(b"content-type", b"text/event-stream")])
    for _ in range(40):
        answer.take(piece)
    answer.take(chat_stream(1))
    assert answer.size > 20 * 1024 * 1024
    [record] = answer.records(CONTEXT)
    assert (record.status, record.input_tokens, answer.too_long) == ("metered", "120", False)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd", "br"])
@pytest.mark.parametrize("size", [1, 50, 10**9])
def test_a_compressed_stream_is_read_as_it_passes(coding: str, size: int) -> None:
    packed = PACKED[coding](chat_stream(300))
    sent = packed * 2 if coding in ("gzip", "zstd") else packed  # several members or frames are one stream
    answer = Answer("POST", CHAT)
    answer.begin(200, [(b"content-type", b"text/event-stream"), (b"content-encoding", coding.encode())])
    for at in range(0, len(sent), size):
        answer.take(sent[at : at + size])
    assert answer.is_events and not answer._chunks
    [record] = answer.records(CONTEXT)
    assert (record.status, record.input_tokens) == ("metered", "120")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd", "br"])
def test_a_compressed_stream_may_be_longer_than_what_is_kept_of_a_body(coding: str) -> None:
    sent = PACKED[coding](chat_stream(80_000))
    answer = Answer("POST", CHAT)
    answer.begin(200, [(b"content-type", b"text/event-stream"), (b"content-encoding", coding.encode())])
    answer.take(sent)
    [record] = answer.records(CONTEXT)
    assert (record.status, answer.too_long) == ("metered", False)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd", "br"])
def test_a_compressed_stream_that_is_damaged_is_unreported(coding: str) -> None:
    packed = PACKED[coding](chat_stream(300))
    for sent in (packed[: len(packed) // 2] + b"\xff" * 64, b"\xff" * 64, packed[: len(packed) // 2]):
        answer = Answer("POST", CHAT)
        answer.begin(200, [(b"content-type", b"text/event-stream"), (b"content-encoding", coding.encode())])
        answer.take(sent)
        answer.take(sent)
        assert [record.status for record in answer.records(CONTEXT)] == ["unreported"]


def test_an_event_that_is_too_long_is_left_out_and_the_next_one_is_read() -> None:
    answer = Answer("POST", CHAT)
    answer.begin(200, [(b"content-type", b"text/event-stream")])
    answer.take(b'data: {"usage": "')
    for _ in range(17):
        answer.take(b"x" * 1024 * 1024)
    answer.take(b'"}\n\n' + chat_stream(1))
    [record] = answer.records(CONTEXT)
    assert (record.status, answer.too_long) == ("metered", True)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (CHAT, chat_stream(with_usage=False)),
        (CHAT, chat_stream()[:300]),
        (COMPLETIONS, b'data: {"error": {"message": "overloaded"}}\n\n'),
        (RESPONSES, response_stream()[:700]),
        (RESPONSES, b""),
        (MESSAGES, message_stream(ends=False)),
    ],
)
def test_a_stream_that_ended_without_its_usage_is_unreported(path: str, body: bytes) -> None:
    [record] = lines_of("POST", path, 200, body, EVENTS)
    assert (record["status"], "creditsConsumed" in record) == ("unreported", False)


def test_the_input_tokens_of_a_message_include_those_of_the_cache() -> None:
    [record] = lines_of("POST", MESSAGES, 200, message())
    assert (record["inputTokens"], record["cachedInputTokens"]) == (str(40 + 16 + 64), "64")


def test_a_message_whose_counts_grow_is_told_with_the_last_ones() -> None:
    opened = {"id": MESSAGE_ID, "model": "corti-s1", "usage": {"input_tokens": 0, "output_tokens": 9}}
    first = {"input_tokens": 25, "cache_read_input_tokens": None, "output_tokens": 11}
    events = [{"type": "message_start", "message": opened}]
    events += [{"type": "message_delta", "usage": usage} for usage in (first, {"output_tokens": 15})]
    body = b"".join(f"data: {json.dumps(event)}\n\n".encode() for event in events)
    [record] = lines_of("POST", MESSAGES, 200, body, EVENTS)
    assert (record["inputTokens"], record["outputTokens"], record["status"]) == ("25", "15", "metered")


def test_an_embedding_has_input_tokens_only_and_the_id_of_its_request() -> None:
    body = {
        "object": "list",
        "model": "corti-embedding-1",
        "data": [],
        "usage": {"prompt_tokens": 8, "total_tokens": 8},
    }
    [record] = lines_of("POST", EMBEDDINGS, 200, body, {"X-Request-Id": "req_7f3a"})
    assert (record["kind"], record["status"], record["resourceId"]) == ("embedding", "metered", "req_7f3a")
    assert (record["inputTokens"], "outputTokens" in record) == ("8", False)
    [record] = lines_of("POST", EMBEDDINGS, 200, body)
    assert (record["operationId"], "resourceId" in record) == ("op-1", False)


def test_a_request_id_that_the_caller_chose_is_no_id_of_the_answer() -> None:
    body = json.dumps({"model": "corti-embedding-1", "usage": {"prompt_tokens": 8}}).encode()
    for own, resource in ((None, "req-1"), ("req-1", None), ("req-2", "req-1")):
        answer = Answer("POST", EMBEDDINGS, own)
        answer.begin(200, [(b"x-request-id", b"req-1"), (b"content-type", b"application/json")])
        answer.take(body)
        assert [record.resource_id for record in answer.records(CONTEXT)] == [resource]


def test_an_answer_that_tells_credits_is_final() -> None:
    body = {**chat_completion(), "usageInfo": {"creditsConsumed": 0.25}}
    [record] = lines_of("POST", CHAT, 200, body)
    assert (record["status"], record["creditsConsumed"], record["inputTokens"]) == ("final", "0.25", "120")


@pytest.mark.parametrize("lacks", ["model", "prompt_tokens", "completion_tokens"])
def test_without_a_model_or_a_count_nothing_can_be_priced(lacks: str) -> None:
    body = chat_completion()
    usage = body["usage"]
    assert isinstance(usage, dict)
    (body if lacks == "model" else usage).pop(lacks)
    [record] = lines_of("POST", CHAT, 200, body)
    assert record["status"] == "unreported"


def test_a_response_that_runs_in_the_background_is_metered_when_it_is_read() -> None:
    begun = {**model_response("queued"), "usage": None}
    [created] = lines_of("POST", RESPONSES, 200, begun)
    read = lines_of("GET", f"{RESPONSES}/{RESPONSE_ID}", 200, model_response())
    assert lines_of("GET", f"{RESPONSES}/{RESPONSE_ID}", 200, begun) == []
    assert (created["status"], created["resourceId"]) == ("unreported", RESPONSE_ID)
    assert [(r["status"], r["source"], r["resourceId"]) for r in read] == [("metered", "read", RESPONSE_ID)]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("status", [None, 408, 500, 503, 529])
def test_a_call_that_broke_off_is_unreported(path: str, status: int | None) -> None:
    [record] = lines_of("POST", path, status, b"{}")
    assert (record["status"], record["operationId"]) == ("unreported", "op-1")
    assert is_billable("POST", path)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/models"), ("POST", "/anthropic/v1/messages/count_tokens"), ("GET", CHAT)]
)
def test_other_calls_to_the_models_cost_nothing(method: str, path: str) -> None:
    assert lines_of(method, path, 200, chat_completion()) == []
    assert not is_billable(method, path)
