"""The login endpoint: client credentials give a token that is valid for 300 seconds."""

from __future__ import annotations

import time
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingest.simulator.exact_json import ExactJSON
from ingest.simulator.state import simulator_of


async def grant(request: Request) -> Response:
    """`POST /realms/{tenant}/protocol/openid-connect/token`; accepts any id and secret that are not empty."""
    simulator = simulator_of(request)
    form = parse_qs((await request.body()).decode())
    if not form.get("client_id") or not form.get("client_secret"):
        return ExactJSON({"error": "invalid_client", "error_description": "Invalid client"}, status_code=401)
    token = f"secret-token-{simulator.invention.uuid()}"
    simulator.tokens[token] = time.monotonic() + simulator.token_seconds
    return ExactJSON(
        {
            "access_token": token,
            "expires_in": int(simulator.token_seconds),
            "refresh_expires_in": 0,
            "token_type": "Bearer",
            "not-before-policy": 0,
            "scope": form.get("scope", ["openid"])[0],
        }
    )


ROUTES = [Route("/realms/{tenant}/protocol/openid-connect/token", grant, methods=["POST"])]
