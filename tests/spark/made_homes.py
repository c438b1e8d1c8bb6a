"""Homes with everything that models differ by: what Corti lists, and random inputs."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

from tests.end_to_end.driving import Row, Warehouse
from tests.end_to_end.test_bill_audit import calls_with_retries, task
from tests.reference.strategies import Home, homes

_ACCOUNT = {"environment": "eu", "cortiTenant": "demo-eu"}
_PULLED = "2026-09-01T02:00:00Z"


def corti_listings(warehouse: Warehouse) -> None:
    """Deliver what pulls would list of the usage that capture saw: every fifth resource is one that it missed."""
    seen = [
        row
        for path in sorted((warehouse.settings.landing / "usage_records" / "capture").rglob("*.jsonl"))
        for row in _rows(path)
    ]
    interactions = sorted({str(row["interactionId"]) for row in seen if row.get("interactionId")})[:60]
    listed = [
        {
            **_ACCOUNT,
            "interactionId": name,
            "assignedUserId": f"u{n % 7}",
            "createdAt": "2026-08-20T08:00:00Z",
            "pulledAt": _PULLED,
        }
        for n, name in enumerate(interactions)
    ]
    kinds = ("transcript", "document", "guided_document")
    resources = [
        {
            **_ACCOUNT,
            "interactionId": row.get("interactionId") or interactions[0],
            "kind": row["kind"],
            "resourceId": f"missed-{n}" if n % 5 == 0 else row["resourceId"],
            "createdAt": row.get("createdAt", "2026-08-20T08:00:00Z"),
            "pulledAt": _PULLED,
        }
        for n, row in enumerate(row for row in seen if row.get("kind") in kinds and row.get("resourceId"))
    ]
    days = [
        {**_ACCOUNT, "day": f"2026-08-{day:02}", "outcome": "complete" if day % 9 else "failed", "endedAt": _PULLED}
        for day in range(1, 30)
    ]
    warehouse.deliver("corti/interactions/a.jsonl", listed)
    warehouse.deliver("corti/resources/a.jsonl", resources)
    warehouse.deliver("corti/pulls/a.jsonl", days)


def purchases(warehouse: Warehouse) -> None:
    """Deliver purchases that run out, expire and overlap, for the accounts of the sample."""
    fields = "purchaseId,credits,purchasedAt,expiresAt,pricePerCredit,currency,environment,cortiTenant"
    rows = (
        "p1,200,2026-07-01T08:00:00Z,2026-08-15T00:00:00Z,0.1,EUR,eu,demo-eu",
        "p2,500.000000001,2026-08-01T08:00:00Z,2026-09-20T00:00:00Z,0.1,EUR,eu,demo-eu",
        "p3,50,2026-08-10T08:00:00Z,,0,EUR,eu,demo-eu",
        "p4,1000,2026-10-01T08:00:00Z,2027-07-01T00:00:00Z,0.09,EUR,eu,demo-eu",
        "q1,30,2026-07-10T08:00:00Z,2026-12-01T00:00:00Z,0.1,USD,us,demo-us",
    )
    warehouse.deliver("billing/purchases/purchases_2026-11-01.csv", "\n".join((fields, *rows, "")))


def model_calls(warehouse: Warehouse) -> None:
    """Deliver calls of Corti Models with and without a price, some of them charged again, agent tasks with right and
    wrong charges, all with cost dimensions, and a price list with a change.
    """
    rng = random.Random(20261201)
    tasks = [task(rng, number, is_wrong=number % 9 == 0) for number in range(60)]
    calls = [call for call, _ in itertools.islice(calls_with_retries(rng), 300)]
    models = ("corti-s1", "corti-s1-mini", "own-1", "own-2-long", "without-price")
    for number, call in enumerate(calls):
        if call["status"] == "metered":
            call = calls[number] = {**call, "model": models[number // 20 % 5], "cachedInputTokens": number % 300}
        calls[number] = {
            **call,
            "dimensions": {"template": f"t{number % 3}", "workflow": ("intake", "ward")[number % 2]},
        }
    warehouse.usage("models.jsonl", *calls, *({**row, "dimensions": {"agent": "a1"}} for row in tasks))
    prices = (
        "model,inputPerMillion,outputPerMillion,cachedInputPerMillion,validFrom,validTo",
        "own-1,3.000000001,12,0.3,2025-01-01T00:00:00Z,2025-03-10T00:00:00Z",
        "own-1,2.5,10,,2025-03-10T00:00:00Z,",
        "own-2*,0.333333333,1.000000007,0.1,2025-01-01T00:00:00Z,",
    )
    warehouse.deliver("provider/token_prices/prices_2026-11-01.csv", "\n".join((*prices, "")))


def _rows(path: Path) -> list[Row]:
    rows = []
    for line in path.read_bytes().splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            rows.append(row)
    return rows


def random_home(seed: int) -> Home:
    """One random home; the same for the same seed."""
    found: list[Home] = []

    @seeded(seed)
    @settings(
        max_examples=25,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
    @given(homes(max_lines=60))
    def keep(home: Home) -> None:
        found.append(home)

    keep()
    return max(found, key=lambda home: len(home.lines))
