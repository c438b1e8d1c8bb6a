"""The simulated Corti as an ASGI application, at the paths of the real hosts."""

from __future__ import annotations

import asyncio
import json
import re
from decimal import Decimal

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingest.simulator import agents, console, documents, interactions, login, models, sockets, tools, transcripts
from ingest.simulator.errors import Refusal, busy_response, error_response, refused
from ingest.simulator.exact_json import ExactJSON
from ingest.simulator.faults import Fault
from ingest.simulator.ledger import Purchase, unreported_charges
from ingest.simulator.state import Simulator, simulator_of

_OPEN = ("/_", "/realms/", "/functions/v1/public/auth/")
_MODELS = ("/v1/", "/anthropic/")
_TELLS_USAGE = re.compile(rb'"usage":\{')
_INSTEAD = ("status", "busy")
_AFTERWARDS = ("broken_json", "no_usage", "charge_then_status", "cut_short", "drip", "null_list")


def create_app(simulator: Simulator) -> Starlette:
    """The application that serves this simulator."""
    rest = [*interactions.ROUTES, *transcripts.ROUTES, *documents.ROUTES, *tools.ROUTES, *agents.ROUTES]
    app = Starlette(
        routes=[
            Route("/_ledger", show_ledger, methods=["GET"]),
            Route("/_purchases", buy, methods=["POST"]),
            Route("/_faults", arm_fault, methods=["POST"]),
            Route("/_faults", clear_faults, methods=["DELETE"]),
            Mount("/v2", routes=rest),
            Mount("/audio-bridge/v2", routes=sockets.ROUTES),
            Mount("/functions/v1/public", routes=console.ROUTES),
            *login.ROUTES,
            *agents.ROUTES_AT_ROOT,
            *models.ROUTES_AT_ROOT,
        ],
        middleware=[Middleware(Guarded)],
        exception_handlers={Refusal: refused},
    )
    app.router.redirect_slashes = False
    app.state.simulator = simulator
    return app


async def show_ledger(request: Request) -> Response:
    """`GET /_ledger`: what was charged."""
    simulator = simulator_of(request)
    simulator.settle_all()
    return ExactJSON(simulator.ledger.as_json())


async def buy(request: Request) -> Response:
    """`POST /_purchases`: add `credits` (a number or its text) to the balance, until `expiresAt` if it is given."""
    try:
        body = json.loads(await request.body(), parse_float=str, parse_int=str)
        purchase = Purchase(Decimal(body["credits"]), body.get("expiresAt"))
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        return ExactJSON({"error": "a purchase has: credits, expiresAt"}, status_code=400)
    simulator_of(request).ledger.buy(purchase)
    return Response(status_code=204)


async def arm_fault(request: Request) -> Response:
    """`POST /_faults`: arm one fault, given by its fields."""
    try:
        simulator_of(request).faults.arm_json(json.loads(await request.body()))
    except (ValueError, TypeError) as error:
        return ExactJSON({"error": str(error)}, status_code=400)
    return Response(status_code=204)


async def clear_faults(request: Request) -> Response:
    """`DELETE /_faults`: disarm all."""
    simulator_of(request).faults.clear()
    return Response(status_code=204)


class Guarded:
    """Requires a token, and applies the armed faults of REST calls."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["path"].startswith("/_"):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        faults, method, path = simulator_of(request).faults, scope["method"], scope["path"]
        if slow := faults.take(method, path, "slow"):
            await asyncio.sleep(slow.seconds)
        if faults.take(method, path, "forget_tokens"):
            simulator_of(request).tokens.clear()
        if instead := faults.take(method, path, *_INSTEAD):
            answer = error_response(request, instead.status)
            if instead.action == "busy":
                answer = busy_response(request, instead.status, instead.reason)
            await answer(scope, receive, send)
        elif not _is_allowed(request):
            await error_response(request, 401)(scope, receive, send)
        elif fault := faults.take(method, path, *_AFTERWARDS):
            await self._then(fault, request, send)
        else:
            await self._app(scope, receive, send)

    async def _then(self, fault: Fault, request: Request, send: Send) -> None:
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        with unreported_charges():
            await self._app(request.scope, request.receive, keep)
        if fault.action == "charge_then_status":
            await error_response(request, fault.status)(request.scope, request.receive, send)
            return
        body = b"".join(message.get("body", b"") for message in messages[1:])
        sent = body
        match fault.action:
            case "broken_json":
                body = sent = body[: len(body) // 2]
            case "no_usage":
                body = sent = _without_usage(body)
            case "null_list":
                body = sent = json.dumps(_without_lists(json.loads(body))).encode()
            case "drip":
                await _drip(body, messages[0], send, fault.seconds)
                return
            case _:
                sent = body[: len(body) // 2]
        headers = [(name, value) for name, value in messages[0]["headers"] if name != b"content-length"]
        length = (b"content-length", str(len(body)).encode())
        await send({**messages[0], "headers": [*headers, length]})
        # A body shorter than its length makes the server hang up.
        await send({"type": "http.response.body", "body": sent, "more_body": sent is not body})


def _is_allowed(request: Request) -> bool:
    path, simulator, given = request.url.path, simulator_of(request), request.headers.get("authorization", "")
    if path.startswith(_MODELS) and simulator.accepts_key(given or request.headers.get("x-api-key", "")):
        return True
    return path.startswith(_OPEN) or simulator.accepts(given)


def _without_usage(body: bytes) -> bytes:
    if body.startswith((b"data:", b"event:")):
        events = body.split(b"\n\n")
        return b"\n\n".join(event for event in events if not _TELLS_USAGE.search(event))
    return json.dumps({k: v for k, v in json.loads(body).items() if k not in ("usageInfo", "usage")}).encode()


def _without_lists(value: object) -> object:
    if isinstance(value, dict):
        return {name: None if isinstance(held, list) else held for name, held in value.items()}
    return None if isinstance(value, list) else value


async def _drip(body: bytes, start: Message, send: Send, seconds: float) -> None:
    await send(start)
    for at in range(0, len(body), 16):
        await send({"type": "http.response.body", "body": body[at : at + 16], "more_body": True})
        await asyncio.sleep(seconds)
    await send({"type": "http.response.body", "body": b"", "more_body": False})
