"""Thousands of operations of every kind, sent through a gateway; some are not, and some meet a fault."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from ingest.simulator.faults import Fault
from ingest.simulator.invention import at
from ingest.simulator.serving import Served
from ingest.simulator.state import Interaction, Simulator
from tests.ingest.capture.sessions import TENANT

Charged = tuple[str, str | None, str | None, Decimal]
"""Kind, interaction, resource and credits of one operation."""

_AT_ONCE = 50
_AUDIO = b"\x00\x01" * 400
_UNKEPT = {"X-Corti-Retention-Policy": "none"}
_RECORDING = "recording-1"


@dataclass(frozen=True)
class Call:
    """How an operation is asked for; `{}` in the path, and `interactionId` in the body, stand for its interaction."""

    kind: str
    path: str
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_socket(self) -> bool:
        return self.kind in ("stream", "transcribe")

    @property
    def has_interaction(self) -> bool:
        return "{}" in self.path or "interactionId" in self.body


_TRANSCRIPTS, _DOCUMENTS = "/v2/interactions/{}/transcripts/", "/v2/interactions/{}/documents/"
_GUIDED = {"templateRef": {"templateId": "t"}, "interactionId": "{}"}
CALLS = {
    "transcript": Call("transcript", _TRANSCRIPTS, {"recordingId": _RECORDING}),
    "transcript later": Call("transcript", _TRANSCRIPTS, {"recordingId": _RECORDING, "async": True}),
    "document": Call("document", _DOCUMENTS, {"templateKey": "t"}),
    "document unkept": Call("document", _DOCUMENTS, {"templateKey": "t"}, _UNKEPT),
    "guided": Call("guided_document", "/v2/documents/", _GUIDED),
    "guided unkept": Call("guided_document", "/v2/documents/", _GUIDED, _UNKEPT),
    "guided of no interaction": Call("guided_document", "/v2/documents/", {"templateRef": {"templateId": "t"}}),
    "facts": Call("facts", "/v2/tools/extract-facts"),
    "codes": Call("codes", "/v2/tools/coding/"),
    "agent 1": Call("agent_task", "/agents/a1/v1/message:send", {"message": {}}),
    "agent 2": Call("agent_task", "/v2/agentic/agents/agt.1/a2a/message:send", {"message": {}}),
    "agent 2 by rpc": Call("agent_task", "/v2/agentic/agents/agt.1/a2a", {"method": "SendMessage", "params": {}}),
    "stream": Call("stream", "/audio-bridge/v2/interactions/{}/streams"),
    "transcribe": Call("transcribe", "/audio-bridge/v2/transcribe"),
}
_UNHARMED = {
    "transcript": 600,
    "transcript later": 300,
    "document": 700,
    "document unkept": 200,
    "guided": 700,
    "guided unkept": 200,
    "guided of no interaction": 100,
    "facts": 610,
    "codes": 500,
    "agent 1": 150,
    "agent 2": 150,
    "agent 2 by rpc": 160,
    "stream": 105,
    "transcribe": 105,
}
_EACH_FAULT = 20
_FAULTS = {
    "status": ("document", "codes"),
    "charge_then_status": ("transcript", "document", "guided", "facts", "codes", "agent 2"),
    "broken_json": ("transcript", "document", "guided", "facts", "agent 1"),
    "cut_short": ("document", "guided"),
    "no_usage": ("document", "guided"),
    "empty_accepted": ("transcript",),
    "cut_over": ("transcript",),
    "drop": ("stream", "transcribe"),
}
ANSWER_IS_LOST = ("charge_then_status", "broken_json", "cut_short", "status")
"""Faults behind which the caller knows neither the id nor the price; `status` alone costs nothing."""


@dataclass
class Operation:
    """One billable call. `resource_id` and `credits` are what its caller was told, None where nothing."""

    call: Call
    interaction_id: str | None
    fault: str | None
    is_captured: bool
    resource_id: str | None = None
    credits: Decimal | None = None

    @property
    def told(self) -> Charged:
        """What was charged, as its caller knows it."""
        assert self.credits is not None
        return (self.call.kind, self.interaction_id, self.resource_id, self.credits)


def planned(simulator: Simulator, seed: int) -> list[Operation]:
    """The operations in the order of their sending: unharmed ones mixed, then one fault after the other.

    Their interactions are put into the simulator, on this day and the three before it. One operation in twenty, by the
    seed, is not to be captured.
    """
    chance = random.Random(seed)
    interactions = [_made(simulator, timedelta(days=number % 4)) for number in range(300)]
    unharmed = [(name, None) for name, count in _UNHARMED.items() for _ in range(count)]
    chance.shuffle(unharmed)
    harmed = [(name, action) for action, names in _FAULTS.items() for name in names for _ in range(_EACH_FAULT)]
    everything = [*unharmed, *harmed]
    suppressed = set(chance.sample(range(len(everything)), len(everything) // 20))
    return [
        Operation(
            CALLS[name],
            chance.choice(interactions) if CALLS[name].has_interaction else None,
            action,
            number not in suppressed,
        )
        for number, (name, action) in enumerate(everything)
    ]


def _made(simulator: Simulator, ago: timedelta) -> str:
    stamp, uuid = at(datetime.now(UTC) - ago), simulator.invention.uuid
    interaction = Interaction(uuid(), uuid(), {"status": "planned"}, stamp, stamp, {_RECORDING: 5})
    simulator.add_interaction(interaction)
    return interaction.id


@dataclass(frozen=True)
class Application:
    """An application whose calls go through the gateway, but for those that go to Corti behind its back."""

    simulator: Simulator
    corti: Served
    gateway: Served
    client: httpx.AsyncClient
    token: str

    async def send(self, operations: Iterable[Operation]) -> None:
        """Send them all, many at once; those of one fault alone, so that no other call meets it."""
        for (action, call), portion in groupby(operations, lambda each: (each.fault, each.fault and each.call)):
            operations = list(portion)
            if action and call:
                method, path = "WS" if call.is_socket else "POST", call.path.rpartition("{}")[2]
                status = 504 if action == "charge_then_status" else 503
                self.simulator.faults.arm(Fault(action, path, method, len(operations), status))
            limit = asyncio.Semaphore(_AT_ONCE)
            await asyncio.gather(*(self._one(each, limit) for each in operations))

    async def read_transcripts(self, operations: Iterable[Operation]) -> None:
        """Read what some transcripts have come to, through the gateway whatever their creation went through."""
        for each in operations:
            path = CALLS["transcript"].path.format(each.interaction_id) + str(each.resource_id)
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
        await application.read_transcripts([each for each in operations if each.call == CALLS["transcript later"]][::3])
