"""Thousands of operations of every kind, to be sent through a gateway; some are not, and some meet a fault."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from ingest.simulator.invention import at
from ingest.simulator.state import Interaction, Simulator

Charged = tuple[str, str | None, str | None, Decimal]
"""Kind, interaction, resource and credits of one operation."""
_UNKEPT = {"X-Corti-Retention-Policy": "none"}
_RECORDING = "recording-1"


@dataclass(frozen=True)
class Call:
    """How an operation is requested; `{}` in the path and `interactionId` in the body are replaced by its
    interaction.
    """

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
"""Faults after which the caller knows neither the id nor the price; only `status` costs nothing."""


@dataclass
class Operation:
    """One billable call. `resource_id` and `credits` are those that its caller got, or None."""

    call: Call
    interaction_id: str | None
    fault: str | None
    is_captured: bool
    resource_id: str | None = None
    credits: Decimal | None = None

    @property
    def reported(self) -> Charged:
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
