"""Which looks belong to one operation: transcripts over time, agents' tasks, kinds that the table does not know."""

from __future__ import annotations

import json

import pytest

from tests.ingest.capture.bodies import (
    CLINICAL,
    INTERACTION,
    TASK,
    TRANSCRIPT,
    TRANSCRIPTS,
    lines_of,
    task_v1,
    task_v2,
    transcript,
)

SEND = "/v2/agentic/agents/agt.1/a2a/message:send"
STREAM = "/agents/a-1/v1/message:stream"
EVENTS = {"content-type": "text/event-stream; charset=utf-8"}
USAGE = {"usageInfo": {"creditsConsumed": 2.50}}


def events(*values: object) -> bytes:
    return b"".join(f"event: message\ndata: {json.dumps(value)}\n\n".encode() for value in values)


def update(state: str, **metadata: object) -> dict[str, object]:
    status = {"state": state, "timestamp": "2026-03-02T09:20:11Z", "message": CLINICAL}
    return {"result": {"kind": "status-update", "taskId": TASK, "status": status, "metadata": metadata}}


def test_a_transcript_in_progress_is_provisional_and_its_reading_final() -> None:
    [begun] = lines_of("POST", TRANSCRIPTS, 202, transcript(0, "processing"))
    [read] = lines_of("GET", TRANSCRIPTS + TRANSCRIPT, 200, transcript(0.25))
    assert (begun["status"], begun["source"], begun["creditsConsumed"]) == ("provisional", "created", "0")
    assert (read["status"], read["source"], read["creditsConsumed"]) == ("final", "read", "0.25")
    assert begun["resourceId"] == read["resourceId"] == TRANSCRIPT
    assert begun["kind"] == read["kind"]


@pytest.mark.parametrize("host", ["", "https://api.eu.corti.app"])
@pytest.mark.parametrize("tail", ["", "/", "?x=1"])
@pytest.mark.parametrize("body", [b"", {"status": "processing"}, {"id": None, "usageInfo": None}])
def test_an_accepted_transcript_without_a_body_is_known_by_its_location(host: str, tail: str, body: object) -> None:
    headers = {"Location": f"{host}/v2/interactions/{INTERACTION}/transcripts/{TRANSCRIPT}{tail}"}
    [record] = lines_of("POST", TRANSCRIPTS, 202, body, headers)
    assert (record["status"], record["resourceId"], record["interactionId"]) == ("unreported", TRANSCRIPT, INTERACTION)
    assert "operationId" not in record


@pytest.mark.parametrize(
    "location", ["/transcripts/Jane%20Doe", "/transcripts/", "/elsewhere/1", "::", "/transcripts/J D 1"]
)
def test_a_location_that_names_no_transcript_leaves_the_operation_its_own_id(location: str) -> None:
    [record] = lines_of("POST", TRANSCRIPTS, 202, b"", {"location": location})
    assert (record["operationId"], "resourceId" in record) == ("op-1", False)


def test_each_request_within_a_continued_task_is_charged_for_itself() -> None:
    first, second = (lines_of("POST", SEND, 200, {"task": task_v2(c, n)})[0] for c, n in ((1.2, 1), (0.8, 2)))
    assert (first["resourceId"], second["resourceId"]) == (TASK, f"{TASK}#2")
    assert (first["status"], second["status"]) == ("final", "final")


def test_a_look_at_a_continued_task_neither_adds_nor_corrects() -> None:
    unclear = task_v2()
    del unclear["history"]
    for task in (task_v2(0.8, 2), unclear):
        [read] = lines_of("GET", f"/v2/agentic/contexts/c/tasks/{TASK}", 200, task)
        assert (read["resourceId"], read["status"]) == (TASK, "provisional")


@pytest.mark.parametrize(("state", "status"), [("working", "provisional"), ("input-required", "final")])
def test_a_task_that_still_works_is_provisional(state: str, status: str) -> None:
    [record] = lines_of("POST", "/agents/a-1/v1/message:send", 200, {"task": task_v1(state=state)})
    assert record["status"] == status


def test_a_task_that_was_handed_over_before_its_end_is_unreported_under_its_id() -> None:
    task = task_v2()
    task["metadata"] = {}
    task["status"] = {"state": "TASK_STATE_WORKING"}
    [record] = lines_of("POST", SEND, 200, {"task": task})
    assert (record["status"], record["resourceId"]) == ("unreported", TASK)


def cancelled(requests: int, state: str = "TASK_STATE_CANCELED") -> dict[str, object]:
    """A task that was ended, after this many messages of the user; 0: without its history."""
    task = task_v2(0.4, requests)
    task["status"] = {"state": state, "timestamp": "2026-05-19T12:00:01Z"}
    if not requests:
        del task["history"]
    return task


RPC = "/v2/agentic/agents/agt.1/a2a"
CANCELS = [(f"{RPC}/tasks/{TASK}:cancel", False), (f"/agents/a-1/v1/tasks/{TASK}:cancel", False), (RPC, True)]


@pytest.mark.parametrize(("requests", "resource"), [(0, TASK), (1, TASK), (3, f"{TASK}#3")])
@pytest.mark.parametrize(("path", "is_rpc"), CANCELS)
def test_a_cancelled_task_says_the_last_word_on_the_request_that_was_under_way(
    path: str, is_rpc: bool, requests: int, resource: str
) -> None:
    task = cancelled(requests)
    [line] = lines_of("POST", path, 200, {"jsonrpc": "2.0", "id": 4, "result": task} if is_rpc else task)
    assert (line["kind"], line["resourceId"], line["creditsConsumed"]) == ("agent_task", resource, "0.4")
    assert (line["status"], line["source"]) == ("final", "read")
    assert (line["inputTokens"], line["outputTokens"], line["model"]) == ("100", "20", "corti-default")


@pytest.mark.parametrize(("path", "is_rpc"), CANCELS)
def test_a_cancel_that_failed_or_tells_no_usage_leaves_nothing(path: str, is_rpc: bool) -> None:
    task = cancelled(1)
    task["metadata"] = {}
    assert lines_of("POST", path, 200, {"jsonrpc": "2.0", "id": 4, "result": task} if is_rpc else task) == []
    if not is_rpc:
        for status in (None, 404, 409, 503):
            assert lines_of("POST", path, status, None) == []


def test_a_task_that_works_on_although_it_was_cancelled_is_provisional() -> None:
    [line] = lines_of("POST", f"{RPC}/tasks/{TASK}:cancel", 200, cancelled(1, "TASK_STATE_WORKING"))
    assert line["status"] == "provisional"


@pytest.mark.parametrize("state", ["TASK_STATE_COMPLETED", "TASK_STATE_FAILED"])
def test_a_look_by_json_rpc_at_a_continued_task_still_fills_gaps_only(state: str) -> None:
    [line] = lines_of("POST", RPC, 200, {"jsonrpc": "2.0", "id": 4, "result": cancelled(2, state)})
    assert (line["status"], line["resourceId"]) == ("provisional", TASK)


@pytest.mark.parametrize("path", [RPC, "/agents/a-1/v1"])
def test_tasks_that_json_rpc_lists_are_read_one_by_one(path: str) -> None:
    tasks = [cancelled(2), {**task_v2(), "id": "task.2"}]
    found = lines_of("POST", path, 200, {"jsonrpc": "2.0", "id": 4, "result": {"tasks": tasks}})
    assert [(line["resourceId"], line["creditsConsumed"], line["status"], line["source"]) for line in found] == [
        (TASK, "0.4", "provisional", "read"),
        ("task.2", "1.2", "final", "read"),
    ]


def test_of_a_stream_of_events_the_last_figure_holds() -> None:
    task = {"id": TASK, "kind": "task", "status": {"state": "submitted"}, "history": [{"role": "user"}]}
    text = {"result": {"kind": "artifact-update", "taskId": TASK, "artifact": {"parts": [CLINICAL]}}}
    body = events({"result": task}, update("working", credits=0.1), text, update("completed", credits=0.3))
    [record] = lines_of("POST", STREAM, 200, body, EVENTS)
    assert (record["resourceId"], record["creditsConsumed"], record["status"]) == (TASK, "0.3", "final")


def test_a_stream_of_events_without_a_figure_is_unreported() -> None:
    for body in (events(update("completed")), b"data: {broken\n\n", b"", None):
        [record] = lines_of("POST", STREAM, 200, body, EVENTS)
        assert record["status"] == "unreported"


@pytest.mark.parametrize("path", ["/agents/a-1/v1", "/v2/agentic/agents/agt.1/a2a"])
def test_events_and_answers_of_json_rpc_tell_of_a_request(path: str) -> None:
    [streamed] = lines_of("POST", path, 200, events(update("completed", credits=0.3)), EVENTS)
    assert (streamed["source"], streamed["status"], streamed["resourceId"]) == ("created", "final", TASK)
    result = task_v1() if "v1" in path else {"task": task_v1()}
    [answered] = lines_of("POST", path, 200, {"jsonrpc": "2.0", "id": 1, "result": result})
    assert (answered["source"], answered["status"], answered["resourceId"]) == ("created", "final", TASK)


@pytest.mark.parametrize("answer", [{"error": {"code": -32001}}, {"result": {"tasks": []}}, {"result": {"id": TASK}}])
def test_a_question_about_tasks_leaves_nothing_where_the_answer_has_no_usage(answer: dict[str, object]) -> None:
    assert lines_of("POST", "/v2/agentic/agents/agt.1/a2a", 200, {"jsonrpc": "2.0", "id": 3, **answer}) == []


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", "/v2/tools/New-Thing/x1/summaries/", "summaries"),
        ("POST", "/v2/tools/new-thing?kind=Jane", "new-thing"),
        ("POST", f"/v2/interactions/{INTERACTION}/codes/", "codes"),
        ("POST", "/v2/Jane%20Doe/letters", "letters"),
        ("POST", f"/v2/letters/{INTERACTION}", "letters"),
        ("GET", "/v2/letters/summer", "letters"),
        ("GET", "/v2/letters/l-1", "letters"),
        ("POST", "/v2/17/J45.9", "unspecified"),
    ],
)
def test_usage_at_an_unknown_endpoint_is_kept_under_the_last_word_of_its_path(
    method: str, path: str, kind: str
) -> None:
    [record] = lines_of(method, path, 200, USAGE)
    assert (record["kind"], record["creditsConsumed"]) == (kind, "2.5")
    assert record["source"] == ("created" if method == "POST" else "read")


def test_reading_an_unknown_resource_again_and_again_stays_one_operation() -> None:
    for path, body in (("/v2/letters/l-1", USAGE), ("/v2/letters/", {"id": "l-1", **USAGE})):
        first, second = (lines_of("GET", path, 200, body)[0] for _ in range(2))
        assert first["resourceId"] == second["resourceId"] == "l-1"
    first, second = (lines_of("GET", "/v2/letters/", 200, USAGE)[0] for _ in range(2))
    assert first["operationId"] == second["operationId"] != "op-1"


@pytest.mark.parametrize("body", [{"creditsConsumed": 3}, {"result": USAGE}, {"credits": 3}, [3], "usageInfo", None])
def test_nothing_but_usage_info_counts_at_an_unknown_endpoint(body: object) -> None:
    assert lines_of("POST", "/v2/tools/new-thing", 200, body) == []


def test_several_charges_without_ids_in_one_unknown_response_are_operations_of_their_own() -> None:
    found = lines_of("POST", "/v2/tools/new-thing", 200, {"data": [USAGE, USAGE]})
    assert len({record["operationId"] for record in found}) == 2
