"""What the simulated Corti booked, as it says itself."""

from __future__ import annotations

from typing import Any

import httpx

from ingest.simulator.serving import Served


def ledger(at: Served) -> dict[str, Any]:
    return httpx.get(f"{at.http}/_ledger").json()
