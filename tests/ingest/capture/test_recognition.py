"""What is written down of each endpoint's responses."""

from __future__ import annotations

import json

import pytest

from ingest.capture.recognition import is_billable, wants_body
from tests.ingest.capture.bodies import (
    CLINICAL,
    CONTEXT,
    CREATED,
    DOCUMENT,
    DOCUMENTS,
    INTERACTION,
    TASK,
    TRANSCRIPT,
    TRANSCRIPTS,
    codes,
    document,
    facts,
    guided_document,
    lines_of,
    task_v1,
    task_v2,
    transcript,
)

WHOSE = {
    "recordId": "rec-1",
    "capturedAt": CONTEXT.captured_at,
    "environment": "eu",
    "cortiTenant": "demo-tenant",
    "userId": "u-1",
    "tenantId": "t-1",
}
AGENT = "/v2/agentic/agents/agt.1/a2a"
TOKENS = {"inputTokens": "100", "outputTokens": "20", "cachedInputTokens": "64", "model": "corti-default"}
TASK_V1 = {
    "resourceId": TASK,
    "createdAt": "2026-03-02T09:20:11Z",
    "inputTokens": "26514",
    "outputTokens": "3319",
    "dimensions": {"agent": "a-1"},
}
TASK_V2 = {"resourceId": TASK, "createdAt": "2026-05-19T12:00:01Z", **TOKENS, "dimensions": {"agent": "agt.1"}}
GUIDED = {"template": "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"}

CREATIONS = [
    (TRANSCRIPTS, 201, transcript(), "transcript", "0.3475", {"interactionId": INTERACTION, "resourceId": TRANSCRIPT}),
    (
        DOCUMENTS,
        201,
        document(),
        "document",
        "0.421",
        {
            "interactionId": INTERACTION,
            "resourceId": DOCUMENT,
            "createdAt": CREATED,
            "dimensions": {"template": "corti-soap"},
        },
    ),
    (
        "/v2/documents/",
        201,
        guided_document(saved=True),
        "guided_document",
        "0.902",
        {"interactionId": INTERACTION, "resourceId": DOCUMENT, "createdAt": CREATED, "dimensions": GUIDED},
    ),
    (
        "/v2/documents/",
        200,
        guided_document(saved=False),
        "guided_document",
        "0.902",
        {"interactionId": INTERACTION, "operationId": "op-1", "dimensions": GUIDED},
    ),
    ("/v2/tools/extract-facts", 200, facts(), "facts", "0.07", {"operationId": "op-1"}),
    ("/v2/tools/coding/", 200, codes(), "codes", "0.011", {"operationId": "op-1"}),
    ("/agents/a-1/v1/message:send", 200, {"task": task_v1()}, "agent_task", "0.15916", TASK_V1),
    (f"{AGENT}/message:send", 200, {"task": task_v2()}, "agent_task", "1.2", TASK_V2),
    (AGENT, 200, {"jsonrpc": "2.0", "id": 7, "result": {"task": task_v2()}}, "agent_task", "1.2", TASK_V2),
]


@pytest.mark.parametrize(("path", "status", "body", "kind", "credits", "ids"), CREATIONS)
def test_a_creating_call_is_final_with_the_ids_and_times_that_its_response_has(
    path: str, status: int, body: object, kind: str, credits: str, ids: dict[str, str]
) -> None:
    expected = {**WHOSE, "kind": kind, "creditsConsumed": credits, "status": "final", "source": "created", **ids}
    assert lines_of("POST", path, status, body) == [expected]


@pytest.mark.parametrize("path", [TRANSCRIPTS, TRANSCRIPTS.rstrip("/"), TRANSCRIPTS.removeprefix("/v2") + "?token=x"])
def test_the_version_a_last_slash_and_a_query_make_no_difference(path: str) -> None:
    assert lines_of("post", path, 201, transcript()) == lines_of("POST", TRANSCRIPTS, 201, transcript())


READS = [
    ("GET", TRANSCRIPTS + TRANSCRIPT, transcript(), [("transcript", TRANSCRIPT, "0.3475", "final")]),
    (
        "GET",
        DOCUMENTS,
        {"data": [document(1), document(2, "d-2"), document(None, "d-3")]},
        [("document", DOCUMENT, "1", "final"), ("document", "d-2", "2", "final")],
    ),
    ("GET", DOCUMENTS + DOCUMENT, document(), [("document", DOCUMENT, "0.421", "final")]),
    ("GET", "/agents/a-1/v1/tasks/t-9", task_v1(), [("agent_task", TASK, "0.15916", "provisional")]),
    ("GET", f"{AGENT}/tasks/{TASK}", task_v2(), [("agent_task", TASK, "1.2", "final")]),
    ("GET", f"{AGENT}/tasks", {"tasks": [task_v2()], "nextPageToken": None}, [("agent_task", TASK, "1.2", "final")]),
    ("GET", "/v2/agentic/contexts/ctx.1/tasks", {"tasks": [task_v2()]}, [("agent_task", TASK, "1.2", "final")]),
    ("POST", AGENT, {"jsonrpc": "2.0", "id": 1, "result": task_v2()}, [("agent_task", TASK, "1.2", "final")]),
]


@pytest.mark.parametrize(("method", "path", "body", "expected"), READS)
def test_a_later_look_is_a_read_of_the_same_resource_and_no_operation_of_its_own(
    method: str, path: str, body: object, expected: list[tuple[str, str, str, str]]
) -> None:
    found = lines_of(method, path, 200, body)
    assert [(f["kind"], f["resourceId"], f["creditsConsumed"], f["status"]) for f in found] == expected
    assert {f["source"] for f in found} == {"read"}
    assert not any("operationId" in f for f in found)
    assert len({f["recordId"] for f in found}) == len(found)


@pytest.mark.parametrize("digits", ["0.10000000000000000001", "1.50", "0.0", "1e-3", "12345678901234567890.5", "7"])
def test_credits_keep_the_digits_that_the_response_wrote(digits: str) -> None:
    for written in (digits, f'"{digits}"'):
        body = b'{"usageInfo": {"creditsConsumed": %s}}' % written.encode()
        [record] = lines_of("POST", "/v2/tools/coding/", 200, body)
        assert record["creditsConsumed"] == digits


@pytest.mark.parametrize("usage", ["null", "true", "NaN", "Infinity", '"a lot"', "[]", "{}", '"0.1.2"', "1" * 200])
def test_a_figure_that_is_no_number_is_not_reported(usage: str) -> None:
    body = b'{"id": "d-1", "usageInfo": {"creditsConsumed": %s}}' % usage.encode()
    [record] = lines_of("POST", DOCUMENTS, 201, body)
    assert (record["status"], record["resourceId"], "creditsConsumed" in record) == ("unreported", "d-1", False)
    assert lines_of("GET", DOCUMENTS + "d-1", 200, body) == []


@pytest.mark.parametrize(("method", "path"), [("POST", path) for path, *_ in CREATIONS])
@pytest.mark.parametrize("status", [None, 500, 503, 504, 408])
def test_a_billable_call_that_broke_off_is_unreported_under_its_own_operation(
    method: str, path: str, status: int | None
) -> None:
    [record] = lines_of(method, path, status, b'{"detail": "x"}')
    assert (record["status"], record["operationId"]) == ("unreported", "op-1")
    assert "creditsConsumed" not in record and "resourceId" not in record
    assert is_billable(method, path)


@pytest.mark.parametrize("body", [b"", None, b"<html>", b'{"usageInfo": ', b"\xff\xfe", b"[" * 100_000, b"null"])
def test_a_success_without_usage_is_unreported(body: bytes | None) -> None:
    [record] = lines_of("POST", "/v2/tools/coding/", 200, body)
    assert (record["status"], record["operationId"]) == ("unreported", "op-1")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 429, 302])
def test_a_refused_call_costs_nothing(status: int) -> None:
    assert lines_of("POST", TRANSCRIPTS, status, transcript()) == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v2/interactions/"),
        ("POST", "/v2/interactions/"),
        ("POST", f"/v2/interactions/{INTERACTION}/recordings/"),
        ("GET", f"/v2/interactions/{INTERACTION}/facts/"),
        ("DELETE", DOCUMENTS + DOCUMENT),
        ("POST", "/realms/demo/protocol/openid-connect/token"),
        ("GET", TRANSCRIPTS + TRANSCRIPT + "/status"),
        ("OPTIONS", TRANSCRIPTS),
    ],
)
def test_what_costs_nothing_leaves_nothing_however_it_ends(method: str, path: str) -> None:
    for status in (None, 200, 204, 500):
        assert lines_of(method, path, status, {"status": "completed", "text": CLINICAL}) == []
    assert not is_billable(method, path)


@pytest.mark.parametrize(
    ("path", "headers", "wanted"),
    [
        (TRANSCRIPTS, {"Content-Type": "application/json; charset=utf-8"}, True),
        (TRANSCRIPTS, {}, True),
        ("/v2/anything/", {"content-type": "application/problem+json"}, True),
        ("/v2/anything/", {}, False),
        (f"{AGENT}/message:stream", {"content-type": "text/event-stream"}, True),
        ("/v2/anything", {"content-type": "text/event-stream"}, False),
        ("/v2/interactions/i-1/recordings/r-1", {"content-type": "application/octet-stream"}, False),
        ("/realms/demo/protocol/openid-connect/token", {"content-type": "application/json"}, False),
    ],
)
def test_only_bodies_that_may_tell_of_usage_are_looked_at(path: str, headers: dict[str, str], wanted: bool) -> None:
    assert wants_body("POST", path, headers) is wanted


def test_the_body_of_a_known_endpoint_may_be_large() -> None:
    body = transcript()
    body["transcripts"] = [{"text": CLINICAL * 100}] * 3000
    [record] = lines_of("POST", TRANSCRIPTS, 201, json.dumps(body).encode())
    assert record["creditsConsumed"] == "0.3475"
