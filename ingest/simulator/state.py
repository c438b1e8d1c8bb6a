"""The state of the simulated Corti, which all its resources share."""

from __future__ import annotations

import time
from base64 import b64decode
from bisect import insort
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from starlette.requests import HTTPConnection

from ingest.simulator.faults import Faults
from ingest.simulator.invention import Invention, at, now
from ingest.simulator.ledger import Charge, Ledger
from ingest.simulator.prices import AGENTS, LISTED, Tokens

TOKEN_SECONDS = 300
"""How long a token is valid, as at Corti's login endpoint."""


@dataclass
class Transcript:
    """A transcript; `done_at` is the monotonic time from which it is completed and charged."""

    id: str
    recording_id: str
    interaction_id: str
    credits: Decimal
    done_at: float
    charged: bool = False


@dataclass
class Interaction:
    """An interaction and its resources. Of recordings only the size in bytes is kept."""

    id: str
    assigned_user_id: str
    encounter: dict[str, Any]
    created_at: str
    updated_at: str
    recordings: dict[str, int] = field(default_factory=dict)
    transcripts: dict[str, Transcript] = field(default_factory=dict)
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)

    def touch(self) -> None:
        """Note that it was changed just now."""
        self.updated_at = now()


@dataclass
class Simulator:
    """One simulated Corti: its state, its ledger and its faults.

    `token_seconds` is how long a token is valid, `processing_seconds` how long an asynchronous transcript takes,
    `uploaded_bytes` the size of all recordings; `older_api` adds credits to lists and facts, as in an older version of
    the API. `by_creation` has (created_at, id) of all interactions in that order.
    """

    seed: int = 7
    token_seconds: float = TOKEN_SECONDS
    processing_seconds: float = 0.2
    ledger: Ledger = field(default_factory=Ledger)
    faults: Faults = field(default_factory=Faults)
    interactions: dict[str, Interaction] = field(default_factory=dict)
    guided_documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    responses: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: dict[str, float] = field(default_factory=dict)
    uploaded_bytes: int = 0
    older_api: bool = False
    by_creation: list[tuple[str, str]] = field(default_factory=list)
    invention: Invention = field(init=False)

    def __post_init__(self) -> None:
        self.invention = Invention(self.seed)

    def add_interaction(self, interaction: Interaction) -> None:
        """Add an interaction."""
        self.interactions[interaction.id] = interaction
        insort(self.by_creation, (interaction.created_at, interaction.id))

    def remove_interaction(self, interaction: Interaction) -> None:
        """Delete an interaction and its resources."""
        del self.interactions[interaction.id]
        self.by_creation.remove((interaction.created_at, interaction.id))

    def insert_interactions(self, count: int, seconds_ago: float) -> None:
        """Add new interactions, created this number of seconds ago."""
        for _ in range(count):
            stamp = at(datetime.now(UTC) - timedelta(seconds=seconds_ago))
            uuid = self.invention.uuid
            self.add_interaction(Interaction(uuid(), uuid(), {"status": "planned"}, stamp, stamp))

    def charged(self, kind: str, interaction_id: str | None = None, resource_id: str | None = None) -> Decimal:
        """Charge for an operation and return its price."""
        price = self.invention.price()
        self.ledger.charge(Charge(kind, price, interaction_id, resource_id))
        return price

    def charged_task(self, task_id: str, tokens: Tokens) -> Decimal:
        """Charge for a request to an agent and return its price, which its tokens give."""
        price = AGENTS.of(tokens)
        self.ledger.charge(Charge("agent_task", price, None, task_id))
        return price

    def charged_tokens(self, kind: str, model: str, resource_id: str) -> Tokens:
        """Charge for an answer of a model by its list price, and return its tokens. The caller gets no credits."""
        tokens = self.invention.tokens()
        if kind == "embedding":
            tokens = Tokens(tokens.input, 0)
        price = LISTED[model].of(tokens)
        charge = Charge(kind, price, None, resource_id, reported="tokens", model=model, tokens=tokens)
        self.ledger.charge(charge)
        return tokens

    def settle(self, transcript: Transcript) -> bool:
        """Whether a transcript is completed by now; charges for it the first time."""
        if time.monotonic() < transcript.done_at:
            return False
        if not transcript.charged:
            transcript.charged = True
            self.ledger.charge(Charge("transcript", transcript.credits, transcript.interaction_id, transcript.id))
        return True

    def settle_all(self) -> None:
        """Charge for every transcript that is completed by now."""
        for interaction in self.interactions.values():
            for transcript in interaction.transcripts.values():
                self.settle(transcript)

    def accepts(self, token: str) -> bool:
        """Whether a bearer token was granted and is still valid."""
        scheme, _, value = token.partition(" ")
        return scheme.lower() == "bearer" and self.tokens.get(value, 0.0) > time.monotonic()

    @staticmethod
    def accepts_key(given: str) -> bool:
        """Whether a bearer token is a key of Corti Models: base64 of `tenant:client_credentials:id:secret`."""
        try:
            words = b64decode(given.removeprefix("Bearer "), validate=True).decode().split(":")
        except ValueError:
            return False
        return len(words) == 4 and words[1] == "client_credentials" and all(words)


def simulator_of(connection: HTTPConnection) -> Simulator:
    """The simulator of a request or socket."""
    return connection.app.state.simulator
