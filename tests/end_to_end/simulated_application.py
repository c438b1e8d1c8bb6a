"""An application that sends the planned calls of a day, through a gateway or past it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from ingest.simulator.faults import Fault
from ingest.simulator.serving import Served
from ingest.simulator.state import Simulator
from tests.end_to_end.simulated_day import ANSWER_IS_LOST, CALLS, Operation
from tests.ingest.capture.sessions import TENANT

_AT_ONCE = 50
_AUDIO = b"\x00\x01" * 400


@dataclass(frozen=True)
class Application:
    """An application whose calls go through the gateway, except those that go directly to Corti."""

    simulator: Simulator
    corti: Served
    gateway: Served
    client: httpx.AsyncClient
    token: str

    async def send(self, operations: Iterable[Operation]) -> None:
        """Send them all, many at once; those of one fault alone, so that no other call meets it."""
        for (action, call), portion in groupby(
            operations, lambda operation: (operation.fault, operation.fault and operation.call)
        ):
            operations = list(portion)
            if action and call:
                method, path = "WS" if call.is_socket else "POST", call.path.rpartition("{}")[2]
                status = 504 if action == "charge_then_status" else 503
                self.simulator.faults.arm(Fault(action, path, method, len(operations), status))
            limit = asyncio.Semaphore(_AT_ONCE)
            await asyncio.gather(*(self._one(operation, limit) for operation in operations))

    async def read_transcripts(self, operations: Iterable[Operation]) -> None:
        """Read the results of some transcripts through the gateway, even if they were created without it."""
        for operation in operations:
            path = CALLS["transcript"].path.format(operation.interaction_id) + str(operation.resource_id)
            (await self.client.get(self.gateway.http + path)).raise_for_status()

    async def _one(self, operation: Operation, limit: asyncio.Semaphore) -> None:
        to = self.gateway if operation.is_captured else self.corti
        async with limit:
            if operation.call.is_socket:
                await self._talk(operation, to)
            else:
                await self._ask(operation, to)

    async def _ask(self, operation: Operation, to: Served) -> None:
        call, identity = operation.call, operation.interaction_id or ""
        body = {name: identity if value == "{}" else value for name, value in call.body.items()}
        url = to.http + call.path.format(identity)
        try:
            answer = await self.client.post(url, json=body, headers=call.headers)
            answer.raise_for_status()
            found = json.loads(answer.content or b"{}", parse_float=Decimal)
        except (httpx.HTTPError, ValueError):
            assert operation.fault in ANSWER_IS_LOST
            return
        assert operation.fault not in ANSWER_IS_LOST
        thing = found.get("document") or found.get("result", found).get("task") or found
        operation.resource_id = thing.get("id") or answer.headers.get("location", "").rpartition("/")[2] or None
        places = (found.get("usageInfo", {}), thing.get("metadata") or {}, (thing.get("metadata") or {}).get("$usage"))
        for place in places:
            operation.credits = (
                operation.credits or (place or {}).get("creditsConsumed") or (place or {}).get("credits")
            )

    async def _talk(self, operation: Operation, to: Served) -> None:
        path = operation.call.path.format(operation.interaction_id)
        async with connect(f"{to.ws}{path}?tenant-name={TENANT}&token=Bearer%20{self.token}", proxy=None) as socket:
            try:
                await socket.send(json.dumps({"type": "config", "configuration": {}}))
                for _ in range(2):
                    await socket.send(_AUDIO)
                if operation.fault is None:
                    await socket.send(json.dumps({"type": "end"}))
                async for message in socket:
                    said = json.loads(message, parse_float=Decimal)
                    operation.resource_id = said.get("sessionId", operation.resource_id)
                    operation.credits = said.get("credits", operation.credits)
            except ConnectionClosed:
                assert operation.fault == "drop"


async def lived_through(simulator: Simulator, corti: Served, gateway: Served, operations: list[Operation]) -> None:
    """Send all operations, and read every third of the transcripts that came later."""
    limits = httpx.Limits(max_connections=_AT_ONCE, keepalive_expiry=2)
    async with httpx.AsyncClient(timeout=60, limits=limits, trust_env=False) as client:
        form = {"client_id": "c", "client_secret": "s", "grant_type": "client_credentials"}
        answer = await client.post(f"{corti.http}/realms/{TENANT}/protocol/openid-connect/token", data=form)
        token = answer.json()["access_token"]
        client.headers.update({"Authorization": f"Bearer {token}", "Tenant-Name": TENANT})
        application = Application(simulator, corti, gateway, client, token)
        await application.send(operations)
        await application.read_transcripts(
            [operation for operation in operations if operation.call == CALLS["transcript later"]][::3]
        )
