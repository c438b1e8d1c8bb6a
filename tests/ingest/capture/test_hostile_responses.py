"""Whatever a response contains: nothing is raised, and no clinical text is in a record."""

from __future__ import annotations

import json
import logging
import random
import re
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.capture.answer import Answer
from ingest.capture.recognition import is_billable, usage_records, wants_body
from ingest.capture.socket_tap import SocketTap
from tests.ingest.capture.bodies import (
    CONTEXT,
    DOCUMENTS,
    INTERACTION,
    TRANSCRIPT,
    TRANSCRIPTS,
    chat_completion,
    codes,
    document,
    facts,
    guided_document,
    message,
    model_response,
    task_v1,
    task_v2,
    transcript,
)
from tests.ingest.capture.loopback_corti import PACKED

ALLOWED = {
    "recordId": r"rec-1(-\d+)?",
    "kind": r"[a-z_-]{1,40}",
    "interactionId": re.escape(INTERACTION) + r"|\d{1,128}",
    "resourceId": r"[A-Za-z0-9._#-]{1,128}",
    "operationId": r"op-1(-\d+)?|[0-9a-f]{32}",
    "creditsConsumed": r"-?[0-9][0-9.eE+-]{0,63}",
    "status": "final|metered|provisional|estimate|unreported",
    "source": "created|read",
    "createdAt": r"[0-9T:.Z+-]{10,40}",
    "capturedAt": re.escape(CONTEXT.captured_at),
    "environment": "eu",
    "cortiTenant": "demo-tenant",
    "userId": "u-1",
    "tenantId": "t-1",
    "model": "corti-default|corti-s1",
    "inputTokens": r"\d{1,18}",
    "outputTokens": r"\d{1,18}",
    "cachedInputTokens": r"\d{1,18}",
    "agent": r"a-1|agt\.1",
    "template": r"corti-soap|[0-9a-f-]{36}|[A-Za-z0-9._-]{1,64}",
}
CLINICAL = ("Jane Doe", "Doe", "cough since Monday", "⛔", "Jane\nDoe", "\u0000", "\ud800", "J 45", "Dö", "x" * 400, "")
PLAIN: tuple[object, ...] = (None, True, False, [], {}, -1, 1e400, -0.5, 10**40, [[[]]], {"id": "Doe"}, float("nan"))
FIELDS = (
    "id", "usageInfo", "creditsConsumed", "status", "createdAt", "metadata", "$usage", "credits", "document", "task",
    "interactionId", "data", "tasks", "result", "message", "history", "model", "inputTokens", "taskId", "jsonrpc",
    "timestamp", "state", "name", "text", "sections", "usage", "statusUpdate", "items", "transcripts", "Doe", "⛔",
)  # fmt: skip
AGENT = "/v2/agentic/agents/agt.1/a2a"
CALLS = (
    ("POST", TRANSCRIPTS, transcript),
    ("GET", TRANSCRIPTS + TRANSCRIPT, transcript),
    ("POST", DOCUMENTS, document),
    ("GET", DOCUMENTS, lambda: {"data": [document(), document()]}),
    ("POST", "/v2/documents/", lambda: guided_document(saved=True)),
    ("POST", "/v2/documents?q=Jane Doe", lambda: guided_document(saved=False)),
    ("POST", "/v2/tools/extract-facts", facts),
    ("POST", "/v2/tools/coding/", codes),
    ("POST", "/agents/a-1/v1/message:send", lambda: {"task": task_v1()}),
    ("POST", AGENT, lambda: {"jsonrpc": "2.0", "result": {"task": task_v2()}}),
    ("GET", f"{AGENT}/tasks", lambda: {"tasks": [task_v2()]}),
    ("POST", "/v2/Jane%20Doe/tools/new-thing?token=Doe", facts),
    ("GET", "/v2/patients/Doe%0A/Dö", facts),
    ("POST", "/v1/chat/completions", chat_completion),
    ("POST", "/v1/responses", model_response),
    ("POST", "/anthropic/v1/messages", message),
    ("PUT", "/%ff/⛔/\ud800//", facts),
)
HEADERS = (
    {"content-type": "application/json", "location": "/transcripts/Jane Doe"},
    {"Content-Type": "text/event-stream", "Location": "⛔"},
    {"content-encoding": "gzip, br, zstd, deflate", "location": ""},
    {},
)


FAULTS: list[logging.LogRecord] = []


@pytest.fixture(autouse=True, scope="module")
def log_of_recognition() -> Iterator[None]:
    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            FAULTS.append(record)

    handler = Keeping()
    logger = logging.getLogger("ingest.capture.recognition")
    logger.addHandler(handler)
    yield
    logger.removeHandler(handler)


class Hostility:
    """Turns a sound body into a hostile one, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def value(self, depth: int = 0) -> object:
        pick = self._random.random()
        if pick < 0.5 or depth > 3:
            return self._random.choice(CLINICAL)
        if pick < 0.75:
            return self._random.choice(PLAIN)
        if pick < 0.87:
            return [self.value(depth + 1) for _ in range(self._random.randrange(4))]
        return {self._random.choice(FIELDS): self.value(depth + 1) for _ in range(self._random.randrange(4))}

    def spoil(self, body: object) -> object:
        if isinstance(body, dict):
            spoilt = {key: self.value() if self._random.random() < 0.15 else self.spoil(v) for key, v in body.items()}
            for _ in range(self._random.randrange(3)):
                spoilt.setdefault(self._random.choice(FIELDS), self.value())
            return spoilt
        return [self.spoil(item) for item in body] if isinstance(body, list) else body

    def packed(self, body: object) -> bytes | None:
        data = json.dumps(body).encode()
        pick = self._random.random()
        if pick < 0.8:
            return data
        return self._random.choice((None, b"", data[:-3], data + data, b"\xff" + data, b"data: " + data + b"\n\n"))


def assert_nothing_clinical(line: bytes) -> None:
    fields = json.loads(line, parse_float=str, parse_int=str)
    fields |= fields.pop("dimensions", {})
    assert line.endswith(b"}\n") and line.count(b"\n") == 1
    for name, text in fields.items():
        assert re.fullmatch(ALLOWED[name], text, re.ASCII), f"{name} holds something else"
    assert not any(text and text in line.decode() for text in CLINICAL if text != "\u0000")


@settings(max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
@given(
    st.integers(0, 2**62),
    st.sampled_from(CALLS),
    st.sampled_from((200, 201, 202, 200, 204, 500, None)),
    st.sampled_from(HEADERS),
)
def test_nothing_clinical_and_no_error_comes_out_of_any_response(
    seed: int, call: tuple[str, str, object], status: int | None, headers: dict[str, str]
) -> None:
    method, path, make = call
    assert callable(make)
    hostility = Hostility(seed)
    for record in usage_records(method, path, status, headers, hostility.packed(hostility.spoil(make())), CONTEXT):
        assert_nothing_clinical(record.line())
    wants_body(method, path, headers)
    assert FAULTS == []


@settings(max_examples=1_000, deadline=None, database=None)
@given(
    st.integers(0, 2**62),
    st.sampled_from(("/audio-bridge/v2/transcribe?token=Doe", f"/interactions/{INTERACTION}/streams")),
)
def test_nothing_clinical_and_no_error_comes_out_of_any_socket(seed: int, path: str) -> None:
    hostility = Hostility(seed)
    tap = SocketTap(path, CONTEXT)
    for kind in ("CONFIG_ACCEPTED", "transcript", "facts", "delta_usage", "usage", "ENDED", "Doe"):
        message = {"type": kind, "sessionId": "s-1", "credits": 0.1, "data": [{"transcript": "Jane Doe"}]}
        packed = hostility.packed(hostility.spoil(message)) or b""
        tap.feed(packed.decode("utf-8", "surrogateescape"))
        tap.feed(packed)
    record = tap.close()
    if record is not None:
        assert_nothing_clinical(record.line())


@pytest.mark.parametrize(
    "path", ["", "/", "//", "?", "%", "/v2", "/" * 5000, "\ud800", "/v2/" + "a/" * 5000, "::[", "\u0000"]
)
def test_a_path_of_any_form_is_taken(path: str) -> None:
    body = b'{"usageInfo": {"creditsConsumed": 1}}'
    for method in ("POST", "get", "", "\ud800"):
        assert len(usage_records(method, path, 200, {}, body, CONTEXT)) <= 1
        assert not is_billable(method, path)
        assert not wants_body(method, path, {})


@pytest.mark.parametrize("clinical", ["Doe", "Jane Doe", "J 45.9", "x1" * 80, "1\n", "-5", "é1", "", "Jane_Doe"])
def test_a_name_or_a_phrase_in_the_place_of_an_id_stays_out(clinical: str) -> None:
    body = json.dumps({"id": clinical, "usageInfo": {"creditsConsumed": 1}}).encode()
    [record] = usage_records("POST", DOCUMENTS, 201, {}, body, CONTEXT)
    assert (record.resource_id, record.operation_id) == (None, "op-1")


def test_ten_megabytes_of_anything_are_taken() -> None:
    for body in (b"[" * 10_000_000, b"\xff" * 10_000_000, b'{"a":' * 2_000_000, b"9" * 10_000_000):
        [record] = usage_records("POST", DOCUMENTS, 201, {}, body, CONTEXT)
        assert record.status == "unreported"
        assert FAULTS == []


@settings(max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
@given(
    st.integers(0, 2**62),
    st.sampled_from((("/v1/chat/completions", chat_completion), ("/v1/responses", model_response), (AGENT, task_v2))),
    st.sampled_from(("", "gzip", "br", "zstd", "deflate")),
)
def test_nothing_clinical_and_no_error_comes_out_of_any_stream(
    seed: int, call: tuple[str, Callable[[], dict[str, object]]], coding: str
) -> None:
    path, make = call
    hostility = Hostility(seed)
    wrapped = [make(), {"response": make(), "message": make()}, {"type": "message_start", "message": make()}]
    stream = b"".join(b"data: " + (hostility.packed(hostility.spoil(event)) or b"") + b"\n\n" for event in wrapped)
    answer = Answer("POST", path)
    answer.begin(200, [(b"content-type", b"text/event-stream"), (b"content-encoding", coding.encode())])
    packed = PACKED[coding](stream)
    for at in range(0, len(packed), 97):
        answer.take(packed[at : at + 97])
    answer.end()
    [record] = answer.records(CONTEXT)
    assert answer.is_events
    assert_nothing_clinical(record.line())
