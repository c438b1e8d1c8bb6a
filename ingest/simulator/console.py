"""The console's admin API: what each user consumed, summed from the ledger.

There is one customer; its users are those to whom interactions are assigned. Charges without an interaction are in no
user's total.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from decimal import Decimal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingest.simulator.errors import Refusal
from ingest.simulator.exact_json import ExactJSON
from ingest.simulator.interactions import body_of
from ingest.simulator.state import simulator_of

CUSTOMER = "customer-1"
_TOKEN_SECONDS = 3600
_PAGE_SIZE = 20


async def log_in(request: Request) -> Response:
    """`POST /auth/token`: accepts any address and password that are not empty."""
    simulator, body = simulator_of(request), await body_of(request)
    if not body.get("email") or not body.get("password"):
        return ExactJSON({"error": "invalid_credentials"}, status_code=401)
    token = f"secret-token-{simulator.invention.uuid()}"
    simulator.tokens[token] = time.monotonic() + _TOKEN_SECONDS
    return ExactJSON({"accessToken": token, "tokenType": "bearer", "expiresIn": _TOKEN_SECONDS})


async def list_customers(request: Request) -> Response:
    """`GET /projects/{id}/customers`."""
    return _paged(request, "customers", [CUSTOMER])


async def list_users(request: Request) -> Response:
    """`GET /projects/{id}/customers/{id}/users`."""
    simulator = simulator_of(request)
    return _paged(
        request, "users", sorted({interaction.assigned_user_id for interaction in simulator.interactions.values()})
    )


def _paged(request: Request, word: str, ids: list[str]) -> Response:
    page, size = (int(request.query_params.get(name, known)) for name, known in (("page", 1), ("pageSize", _PAGE_SIZE)))
    text = simulator_of(request).invention.text
    shown = [{"id": identity, "name": text(2), "email": f"{text(1)}@example.invalid"} for identity in ids]
    start = (page - 1) * size
    more = {"page": page, "pageSize": size, "hasNextPage": len(ids) > start + size}
    return ExactJSON({word: shown[start : start + size], "pagination": more})


async def consumption(request: Request) -> Response:
    """`GET …/users/{id}/consumption?from&to`: credits of a user in a window; both ends belong to it."""
    simulator, user = simulator_of(request), request.path_params["user"]
    try:
        first, last = (datetime.fromisoformat(request.query_params[name]) for name in ("from", "to"))
    except (KeyError, ValueError):
        raise Refusal(400) from None
    simulator.settle_all()
    owned = {interaction.id for interaction in simulator.interactions.values() if interaction.assigned_user_id == user}
    charged = [
        charge.credits
        for charge in simulator.ledger.charges
        if charge.interaction_id in owned and first.astimezone(UTC) <= charge.at <= last.astimezone(UTC)
    ]
    return ExactJSON({"consumption": sum(charged, Decimal(0))})


_CUSTOMERS = "/projects/{project}/customers"
ROUTES = [
    Route("/auth/token", log_in, methods=["POST"]),
    Route(_CUSTOMERS, list_customers, methods=["GET"]),
    Route(_CUSTOMERS + "/{customer}/users", list_users, methods=["GET"]),
    Route(_CUSTOMERS + "/{customer}/users/{user}/consumption", consumption, methods=["GET"]),
]
