"""All operations of Corti's API that are known, and what an answer to each costs.

Those of the first release come from the package `@corti/sdk` 1.0.0; later ones from the SDK's public source up to 5.0;
those of Corti Models from its public documentation.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ingest.settings import CHECKOUT
from tests.ingest.capture.bodies import CLINICAL, INTERACTION

PAGE = CHECKOUT / "docs" / "capture" / "operations.md"
WAYS = ("gateway", "httpx", "JavaScript", "log import")
Cost = Literal["nothing", "credits", "tokens", "repeats"]

_FIRST, _LATER, _MODELS = "1.0", "5.0", "Models"


@dataclass(frozen=True)
class Operation:
    """One operation. `path` is that of its host; `shape` names the form of its answer. `is_streamed` says that it can
    answer with a stream of events, `is_plain` that it can answer with JSON.
    """

    name: str
    method: str
    path: str
    since: str
    cost: Cost = "nothing"
    shape: str = "other"
    is_plain: bool = True
    is_streamed: bool = False

    def address(self) -> str:
        """Its path with ids in it."""
        ids = {"{id}": INTERACTION, "{agent}": "agt.7a1", "{task}": "task.7a1", "{context}": "ctx.7a1"}
        path = self.path
        for name, value in ids.items():
            path = path.replace(name, value)
        return path

    def answer(self, figure: int) -> bytes:
        """A plain answer that costs `figure` thousandths of a credit, or that many tokens of input."""
        return json.dumps(_BODIES[self.shape](figure)).encode()

    def stream(self, figure: int) -> bytes:
        """The same as a stream of events."""
        events: Sequence[Mapping[str, Any]]
        match self.shape:
            case "message":
                events = [
                    {"type": "message_start", "message": {**_message(figure), "content": []}},
                    {"type": "content_block_delta", "delta": {"type": "text_delta", "text": CLINICAL}},
                    {"type": "message_delta", "usage": {"output_tokens": 5}},
                ]
            case "response":
                events = [
                    {"type": "response.created", "response": {**_response(figure), "usage": None}},
                    {"type": "response.output_text.delta", "delta": CLINICAL},
                    {"type": "response.completed", "response": _response(figure)},
                ]
            case "completion":
                piece = {"id": f"chatcmpl-{figure}", "model": "corti-s1", "choices": [{"delta": {"content": CLINICAL}}]}
                events = [{**piece, "usage": None}] * 3 + [_completion(figure)]
            case "rpc":
                events = [{"jsonrpc": "2.0", "result": {"artifactUpdate": {"text": CLINICAL}}}, _rpc(figure)]
            case _:
                events = [
                    {"artifactUpdate": {"text": CLINICAL}},
                    {"statusUpdate": {"taskId": f"task.{figure}", **_task(figure)}},
                ]
        return b"".join(f"data: {json.dumps(event)}\n\n".encode() for event in events)


def _usage(figure: int) -> dict[str, Any]:
    return {"usageInfo": {"creditsConsumed": figure / 1000}}


def _task(figure: int) -> dict[str, Any]:
    usage = {"model": "corti-default", "inputTokens": 10, "outputTokens": 2, "credits": figure / 1000}
    return {
        "id": f"task.{figure}",
        "status": {"state": "TASK_STATE_COMPLETED", "message": CLINICAL},
        "history": [{"role": "ROLE_USER", "parts": [{"text": CLINICAL}]}],
        "artifacts": [{"parts": [{"data": {"toolCall": CLINICAL, "credits": 99}}]}],
        "metadata": {"$usage": usage, "note": CLINICAL},
    }


def _rpc(figure: int) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": "1", "result": {"task": _task(figure)}}


def _completion(figure: int) -> dict[str, Any]:
    usage = {"prompt_tokens": figure, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 1}}
    calls = [{"id": "call_1", "function": {"name": "note", "arguments": CLINICAL}}]
    choices = [{"message": {"content": CLINICAL, "tool_calls": calls}}]
    return {"id": f"chatcmpl-{figure}", "model": "corti-s1", "choices": choices, "usage": usage}


def _response(figure: int) -> dict[str, Any]:
    usage = {"input_tokens": figure, "output_tokens": 5, "input_tokens_details": {"cached_tokens": 1}}
    output = [{"type": "function_call", "call_id": "call_1", "arguments": CLINICAL}]
    return {"id": f"resp_{figure}", "status": "completed", "model": "corti-s1", "output": output, "usage": usage}


def _message(figure: int) -> dict[str, Any]:
    usage = {"input_tokens": figure - 1, "cache_read_input_tokens": 1, "output_tokens": 5}
    content = [{"type": "tool_use", "id": "toolu_1", "input": {"text": CLINICAL}}]
    return {"id": f"msg_{figure}", "type": "message", "model": "corti-s1", "content": content, "usage": usage}


def _embedding(figure: int) -> dict[str, Any]:
    return {"model": "corti-embedding-1", "data": [], "usage": {"prompt_tokens": figure, "total_tokens": figure}}


def _document(figure: int) -> dict[str, Any]:
    return {"id": f"d-{figure}", "name": CLINICAL, "sections": [{"text": CLINICAL}], **_usage(figure)}


def _guided(figure: int) -> dict[str, Any]:
    labels = [
        {"key": "note", "value": CLINICAL},
        {"key": "workflow", "value": f"{CLINICAL}, again"},
        {"key": "label", "value": "l-1"},
    ]
    return {"document": {"name": CLINICAL, "labels": labels, "stringDocument": {"a": CLINICAL}}, **_usage(figure)}


_BODIES = {
    "other": lambda _: {"id": "x-1", "name": CLINICAL, "facts": [{"id": "f-1", "text": CLINICAL}], "status": "ok"},
    "usage": lambda figure: {"id": f"t-{figure}", "status": "completed", "text": CLINICAL, **_usage(figure)},
    "document": _document,
    "documents": lambda figure: {"data": [_document(figure)]},
    "guided": _guided,
    "stateless": lambda figure: {"facts": [{"text": CLINICAL}], "codes": [{"display": CLINICAL}], **_usage(figure)},
    "task": lambda figure: {"task": _task(figure)},
    "bare_task": _task,
    "tasks": lambda figure: {"tasks": [_task(figure)], "nextPageToken": None},
    "rpc": _rpc,
    "completion": _completion,
    "response": _response,
    "message": _message,
    "embedding": _embedding,
}


def _of(
    since: str, prefix: str, base: str, *rows: tuple[str, str, str] | tuple[str, str, str, Cost, str]
) -> list[Operation]:
    return [
        Operation(f"{prefix}.{name}", method, base + path, since, *(more or ()))  # pyright: ignore[reportArgumentType]
        for name, method, path, *more in rows
    ]


def _managed(prefix: str, base: str) -> list[Operation]:
    """Templates and sections have the same operations. None of them generates anything."""
    return _of(
        _LATER,
        prefix,
        base,
        ("list", "GET", "/"),
        ("create", "POST", "/"),
        ("get", "GET", "/{id}"),
        ("update", "PATCH", "/{id}"),
        ("delete", "DELETE", "/{id}"),
        ("versions.list", "GET", "/{id}/versions/"),
        ("versions.create", "POST", "/{id}/versions/"),
        ("versions.get", "GET", "/{id}/versions/{id}"),
        ("versions.delete", "DELETE", "/{id}/versions/{id}"),
        ("versions.publish", "POST", "/{id}/versions/{id}/publish"),
        ("policies.list", "GET", "/{id}/policies/"),
        ("policies.create", "POST", "/{id}/policies/"),
    )


_V1, _V2, _CONTEXT = "/agents/{agent}/v1", "/v2/agentic/agents/{agent}/a2a", "/v2/agentic/contexts/{context}"
_INTERACTION = "/v2/interactions/{id}"

OPERATIONS: tuple[Operation, ...] = (
    *_of(
        _FIRST,
        "auth",
        "/realms/acme",
        ("getToken", "POST", "/protocol/openid-connect/token"),
        ("token", "POST", "/fake-token"),
    ),
    *_of(
        _FIRST,
        "interactions",
        "/v2/interactions",
        ("list", "GET", "/"),
        ("create", "POST", "/"),
        ("get", "GET", "/{id}"),
        ("update", "PATCH", "/{id}"),
        ("delete", "DELETE", "/{id}"),
    ),
    *_of(
        _FIRST,
        "recordings",
        f"{_INTERACTION}/recordings",
        ("list", "GET", "/"),
        ("upload", "POST", "/"),
        ("get", "GET", "/{id}"),
        ("delete", "DELETE", "/{id}"),
    ),
    *_of(
        _FIRST,
        "transcripts",
        f"{_INTERACTION}/transcripts",
        ("list", "GET", "/"),
        ("create", "POST", "/", "credits", "usage"),
        ("get", "GET", "/{id}", "repeats", "usage"),
        ("delete", "DELETE", "/{id}"),
        ("getStatus", "GET", "/{id}/status"),
    ),
    *_of(
        _FIRST,
        "facts",
        "/v2",
        ("factGroupsList", "GET", "/factgroups/"),
        ("list", "GET", "/interactions/{id}/facts/"),
        ("create", "POST", "/interactions/{id}/facts/"),
        ("batchUpdate", "PATCH", "/interactions/{id}/facts/"),
        ("update", "PATCH", "/interactions/{id}/facts/{id}"),
        ("extract", "POST", "/tools/extract-facts", "credits", "stateless"),
    ),
    *_of(_FIRST, "codes", "/v2/tools", ("predict", "POST", "/coding/", "credits", "stateless")),
    *_of(
        _FIRST,
        "documents.classic",
        f"{_INTERACTION}/documents",
        ("list", "GET", "/", "repeats", "documents"),
        ("create", "POST", "/", "credits", "document"),
        ("get", "GET", "/{id}", "repeats", "document"),
        ("update", "PATCH", "/{id}", "nothing", "document"),
        ("delete", "DELETE", "/{id}"),
    ),
    *_of(
        _FIRST,
        "templates",
        "/v2",
        ("sectionList", "GET", "/templateSections/"),
        ("list", "GET", "/templates/"),
        ("get", "GET", "/templates/soap"),
    ),
    *_of(
        _FIRST,
        "agents",
        "/agents",
        ("list", "GET", ""),
        ("create", "POST", ""),
        ("get", "GET", "/{agent}"),
        ("update", "PATCH", "/{agent}"),
        ("delete", "DELETE", "/{agent}"),
        ("getCard", "GET", "/{agent}/agent-card.json"),
        ("messageSend", "POST", "/{agent}/v1/message:send", "credits", "task"),
        ("getTask", "GET", "/{agent}/v1/tasks/{task}", "repeats", "bare_task"),
        ("getContext", "GET", "/{agent}/v1/contexts/{context}", "repeats", "tasks"),
        ("getRegistryExperts", "GET", "/registry/experts"),
    ),
    *_of(_LATER, "languages", "/v2", ("list", "GET", "/languages/")),
    *_of(
        _LATER,
        "documents",
        "/v2/documents",
        ("generate", "POST", "/", "credits", "guided"),
        ("list", "GET", "/"),
        ("get", "GET", "/{id}"),
        ("update", "PATCH", "/{id}"),
        ("delete", "DELETE", "/{id}"),
    ),
    *_managed("documents.templates", "/v2/documents/templates"),
    *_managed("documents.sections", "/v2/documents/sections"),
    *_of(
        _LATER,
        "agentic.agents",
        "/v2/agentic/agents",
        ("list", "GET", ""),
        ("create", "POST", ""),
        ("get", "GET", "/{agent}"),
        ("update", "PATCH", "/{agent}"),
        ("delete", "DELETE", "/{agent}"),
        ("card", "GET", "/{agent}/.well-known/agent-card.json"),
        ("usage", "GET", "/{agent}/usage"),
        ("sendMessage", "POST", "/{agent}/a2a/message:send", "credits", "task"),
        ("connectors.list", "GET", "/{agent}/connectors"),
        ("connectors.create", "POST", "/{agent}/connectors"),
        ("connectors.get", "GET", "/{agent}/connectors/con.7a1"),
        ("connectors.update", "PATCH", "/{agent}/connectors/con.7a1"),
        ("connectors.delete", "DELETE", "/{agent}/connectors/con.7a1"),
        ("tasks.list", "GET", "/{agent}/a2a/tasks", "repeats", "tasks"),
        ("tasks.get", "GET", "/{agent}/a2a/tasks/{task}", "repeats", "bare_task"),
        ("tasks.cancel", "POST", "/{agent}/a2a/tasks/{task}:cancel", "repeats", "bare_task"),
    ),
    Operation("agentic.agents.jsonRpc", "POST", _V2, _LATER, "credits", "rpc", is_streamed=True),
    Operation(
        "agentic.agents.streamMessage",
        "POST",
        f"{_V2}/message:stream",
        _LATER,
        "credits",
        "task",
        False,
        is_streamed=True,
    ),
    Operation(
        "agentic.agents.tasks.subscribe",
        "POST",
        f"{_V2}/tasks/{{task}}:subscribe",
        _LATER,
        "repeats",
        "bare_task",
        False,
        is_streamed=True,
    ),
    *_of(
        _LATER,
        "agentic.contexts",
        "/v2/agentic/contexts",
        ("list", "GET", ""),
        ("get", "GET", "/{context}", "repeats", "tasks"),
        ("delete", "DELETE", "/{context}"),
        ("trace", "GET", "/{context}/trace"),
        ("tasks.list", "GET", "/{context}/tasks", "repeats", "tasks"),
        ("tasks.get", "GET", "/{context}/tasks/{task}", "repeats", "bare_task"),
        ("tasks.artifacts.get", "GET", "/{context}/tasks/{task}/artifacts/art.7a1"),
        ("tasks.feedback.list", "GET", "/{context}/tasks/{task}/feedback"),
        ("tasks.feedback.create", "POST", "/{context}/tasks/{task}/feedback"),
        ("tasks.feedback.delete", "DELETE", "/{context}/tasks/{task}/feedback/fb.7a1"),
    ),
    *_of(
        _LATER,
        "agentic",
        "/v2/agentic",
        ("registry.connectors.list", "GET", "/registry/connectors"),
        ("registry.connectors.get", "GET", "/registry/connectors/con.7a1"),
        ("models.list", "GET", "/models"),
    ),
    *(
        Operation(name, "POST", path, _MODELS, "tokens", shape, is_streamed=shape != "embedding")
        for name, path, shape in (
            ("chat.completions", "/v1/chat/completions", "completion"),
            ("responses", "/v1/responses", "response"),
            ("completions", "/v1/completions", "completion"),
            ("embeddings", "/v1/embeddings", "embedding"),
            ("messages", "/anthropic/v1/messages", "message"),
        )
    ),
)


@dataclass(frozen=True)
class Trial:
    """One operation in one form of its answer, with the figure that identifies its records."""

    operation: Operation
    is_streamed: bool
    figure: int

    def body(self) -> bytes:
        """The answer."""
        return self.operation.stream(self.figure) if self.is_streamed else self.operation.answer(self.figure)

    @property
    def content_type(self) -> str:
        """The form of the answer."""
        return "text/event-stream" if self.is_streamed else "application/json"


def trials() -> tuple[Trial, ...]:
    """Every operation in every form in which it can answer."""
    forms = [
        (op, streamed)
        for op in OPERATIONS
        for streamed in (False, True)
        if (op.is_streamed if streamed else op.is_plain)
    ]
    return tuple(Trial(op, streamed, 1000 + number) for number, (op, streamed) in enumerate(forms))


def page(found: Mapping[tuple[str, bool, str], tuple[str, str]]) -> str:
    """The page; `found` has the kind and status of each trial's record, by operation, form and way of capture."""
    lines = [_HEAD.format(first=_count(_FIRST), later=_count(_LATER), models=_count(_MODELS))]
    lines += [f"| operation | since | answer | costs | kind | {' | '.join(WAYS)} |", "|---" * (5 + len(WAYS)) + "|"]
    for trial in trials():
        op = trial.operation
        said = [found[op.name, trial.is_streamed, way] for way in WAYS]
        form = "streamed" if trial.is_streamed else "plain"
        cells = [f"`{op.name}`: `{op.method} {op.path}`", op.since, form, _COSTS[op.cost], said[0][0]]
        lines.append(f"| {' | '.join([*cells, *(status for _, status in said)])} |")
    return "\n".join(lines) + "\n"


def _count(since: str) -> int:
    return sum(op.since == since for op in OPERATIONS)


_COSTS = {"nothing": "-", "credits": "credits", "tokens": "tokens", "repeats": "repeats a cost"}
_HEAD = """# All operations, and what capture makes of each

A test makes this page: it calls every operation that is known in each of the four ways of capture, with an answer of
the documented shape, plain and streamed. The last four columns have the status of the record that each way wrote; `read`
after it marks a record that repeats a cost, and `-` means that there is none.

Where the list comes from: {first} operations are those of the package `@corti/sdk` 1.0.0, the newest that could be
installed. {later} more are in the SDK's public source up to release 5.0; that release has 99 in all, and the list may
have a few that it lacks. {models} are those of Corti Models, from its public documentation. The answers are made by the
test; none was observed at Corti.
"""
