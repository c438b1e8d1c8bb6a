"""Corti's error bodies. None of them carries credits."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from ingest.simulator.exact_json import ExactJSON
from ingest.simulator.state import simulator_of


class Refusal(Exception):
    """A request that is answered with an error; `status` is the HTTP status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def busy_response(request: Request, status: int, retry_after: str) -> Response:
    """An answer that asks the caller to wait. It is not Corti's 429, which means that the balance is used up."""
    body = {"requestid": simulator_of(request).invention.uuid(), "status": status, "type": "about:blank"}
    return ExactJSON(body, status_code=status, headers={"Retry-After": retry_after})


def error_response(request: Request, status: int) -> Response:
    """The core API's error body, or that of the agents for their paths; 401 has no body."""
    if status == 401:
        return Response(status_code=401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
    invention = simulator_of(request).invention
    headers = {"Retry-After": "0"} if status == 429 else None
    if "/agents/" in request.url.path or "/agentic/" in request.url.path:
        return ExactJSON({"error": {"code": "error", "message": invention.text()}}, status_code=status, headers=headers)
    body = {
        "requestid": invention.uuid(),
        "status": status,
        "type": "https://docs.corti.ai/about/errors#A0021" if status == 429 else "https://docs.corti.ai/about/errors",
        "detail": f"{HTTPStatus(status).phrase}: {invention.text()}",
    }
    return ExactJSON(body, status_code=status, headers=headers)


async def refused(request: Request, refusal: Exception) -> Response:
    """Starlette's handler of a `Refusal`."""
    assert isinstance(refusal, Refusal)
    return error_response(request, refusal.status)
