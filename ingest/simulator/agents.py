"""Agents, in both versions of their API."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingest.simulator.errors import Refusal
from ingest.simulator.exact_json import ExactJSON
from ingest.simulator.interactions import body_of
from ingest.simulator.invention import now
from ingest.simulator.state import Simulator, simulator_of


async def send_v1(request: Request) -> Response:
    """`POST /agents/{id}/v1/message:send`: credits and tokens in the task's metadata."""
    simulator = simulator_of(request)
    await body_of(request)
    task_id, text, tokens = simulator.invention.uuid(), simulator.invention.text, simulator.invention.tokens()
    task = {
        "id": task_id,
        "contextId": simulator.invention.uuid(),
        "kind": "task",
        "status": {"state": "completed", "timestamp": now(), "message": _message(text(8))},
        "history": [_message(text(4))],
        "artifacts": [{"parts": [{"kind": "data", "data": {"credits": 99, "note": text(3)}}]}],
        "metadata": {
            "credits": simulator.charged_task(task_id, tokens),
            "_usage": {"input_tokens": tokens.input, "output_tokens": tokens.output},
        },
    }
    return ExactJSON({"task": task})


async def send_v2(request: Request) -> Response:
    """`POST /v2/agentic/agents/{id}/a2a/message:send`: credits and tokens below `$usage`."""
    task = _task_v2(simulator_of(request), await body_of(request))
    return ExactJSON({"task": task})


async def rpc_v2(request: Request) -> Response:
    """`POST /v2/agentic/agents/{id}/a2a`: JSON-RPC; `SendMessage` and `GetTask`."""
    simulator, body = simulator_of(request), await body_of(request)
    match body.get("method"):
        case "SendMessage":
            result: dict[str, Any] = {"task": _task_v2(simulator, body.get("params") or {})}
        case "GetTask":
            task = simulator.tasks.get((body.get("params") or {}).get("id", ""))
            if task is None:
                raise Refusal(404)
            result = task
        case _:
            raise Refusal(400)
    return ExactJSON({"jsonrpc": "2.0", "id": body.get("id"), "result": result})


def _message(text: str) -> dict[str, Any]:
    return {"role": "agent", "parts": [{"kind": "text", "text": text}]}


def _task_v2(simulator: Simulator, body: dict[str, Any]) -> dict[str, Any]:
    task_id = f"task.{simulator.invention.uuid7()}"
    given = body.get("message")
    context_id = (given or {}).get("contextId") if isinstance(given, dict) else None
    tokens = simulator.invention.tokens()
    usage = {
        "model": "corti-default",
        "inputTokens": tokens.input,
        "outputTokens": tokens.output,
        "cachedInputTokens": tokens.cached,
        "cacheCreationInputTokens": 0,
        "totalTokens": tokens.input + tokens.output,
        "credits": simulator.charged_task(task_id, tokens),
    }
    text = simulator.invention.text
    task = {
        "id": task_id,
        "contextId": context_id or f"ctx.{simulator.invention.uuid7()}",
        "status": {"state": "TASK_STATE_COMPLETED", "timestamp": now(), "message": _message(text(8))},
        "history": [_message(text(4))],
        "artifacts": [{"parts": [{"data": {"usage": {"credits": 99}, "note": text(3)}}]}],
        "metadata": {"$usage": usage, "note": text(2)},
    }
    simulator.tasks[task_id] = task
    return task


async def list_tasks(request: Request) -> Response:
    """`GET /v2/agentic/agents/{id}/a2a/tasks`: all tasks, on one page."""
    return ExactJSON({"tasks": list(simulator_of(request).tasks.values()), "nextPageToken": None})


async def get_task(request: Request) -> Response:
    """`GET /v2/agentic/agents/{id}/a2a/tasks/{id}`."""
    task = simulator_of(request).tasks.get(request.path_params["task"])
    if task is None:
        raise Refusal(404)
    return ExactJSON(task)


ROUTES_AT_ROOT = [Route("/agents/{agent}/v1/message:send", send_v1, methods=["POST"])]
ROUTES = [
    Route("/agentic/agents/{agent}/a2a/message:send", send_v2, methods=["POST"]),
    Route("/agentic/agents/{agent}/a2a", rpc_v2, methods=["POST"]),
    Route("/agentic/agents/{agent}/a2a/tasks", list_tasks, methods=["GET"]),
    Route("/agentic/agents/{agent}/a2a/tasks/{task}", get_task, methods=["GET"]),
]
