"""What was sent on a simulated day, what Corti knows of it, and what was published in the end."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from ingest.simulator.ledger import Charge
from ingest.simulator.serving import simulated
from ingest.simulator.state import Simulator
from tests.end_to_end.commands import ended, started
from tests.end_to_end.driving import Warehouse
from tests.end_to_end.simulated_application import lived_through
from tests.end_to_end.simulated_day import ANSWER_IS_LOST, Charged, Operation, planned
from tests.ingest.capture.gateways import gateway_process
from tests.ingest.capture.sessions import TENANT

LISTED_KINDS = ("transcript", "document", "guided_document")
SEED = 20260
Listed = dict[str, tuple[str, str]]
"""Kind and day of everything that Corti lists, by id."""


@dataclass(frozen=True)
class Aftermath:
    """What was sent, what Corti knows of it, and what was published in the end."""

    warehouse: Warehouse
    operations: list[Operation]
    listed: Listed
    charges: tuple[Charge, ...]

    def captured(self) -> set[str]:
        """Listed resources whose id came back through the gateway."""
        return {
            operation.resource_id for operation in self.operations if operation.is_captured and operation.resource_id
        } & {*self.listed}

    def named_missing(self) -> set[str]:
        """By the mart."""
        return {row[0] for row in self.warehouse.table("mart_missing_captures", ("resource_id",))}

    def in_fact(self) -> Counter[Charged]:
        """By the fact: operations that have a figure."""
        columns = ("kind", "interaction_id", "resource_id", "credits")
        return Counter(self.warehouse.table("fct_credit_usage", columns, "status <> 'unreported'"))

    def answers_lost(self, *, captured: bool) -> list[Operation]:
        """Operations that may have cost something, without a figure or an id in the answer."""
        return [
            operation
            for operation in self.operations
            if operation.fault in ANSWER_IS_LOST and operation.is_captured == captured
        ]

    def unknowable(self) -> Counter[Charged]:
        """Charges reported to a caller that bypassed the gateway, of a sort that Corti does not list."""
        return Counter(
            operation.reported
            for operation in self.operations
            if not operation.is_captured and operation.credits is not None and operation.resource_id not in self.listed
        )

    def reported_to_nobody(self) -> list[Charge]:
        """Charges that neither the answer nor a read reports, without those of resources that are named missing."""
        missing = self.named_missing()
        return [
            charge
            for charge in self.charges
            if charge.reported == "nothing"
            and charge.resource_id not in missing
            and (charge.kind == "guided_document" or charge.resource_id not in self.listed)
        ]


def as_charged(charges: Iterable[Charge]) -> Counter[Charged]:
    return Counter((charge.kind, charge.interaction_id, charge.resource_id, charge.credits) for charge in charges)


def total(charges: Counter[Charged]) -> Decimal:
    return sum((charge[3] * times for charge, times in charges.items()), Decimal(0))


def listed_by(simulator: Simulator) -> Listed:
    found: Listed = {}
    for interaction in simulator.interactions.values():
        found |= dict.fromkeys(interaction.transcripts, ("transcript", interaction.created_at[:10]))
        found |= {document: ("document", body["createdAt"][:10]) for document, body in interaction.documents.items()}
    of_interactions = [
        guided_document for guided_document in simulator.guided_documents.values() if guided_document["interactionId"]
    ]
    return found | {
        of_interaction["id"]: ("guided_document", of_interaction["createdAt"][:10])
        for of_interaction in of_interactions
    }


def aftermath_of(warehouse: Warehouse, secret: Path) -> Aftermath:
    """Send everything through a gateway, then land, pull and publish, each as a process of its own."""
    simulator = Simulator(seed=SEED, token_seconds=3600)
    operations = planned(simulator, SEED)
    secret.write_text("client-secret")
    with simulated(simulator) as corti:
        with gateway_process(corti, warehouse.home) as gateway:
            asyncio.run(lived_through(simulator, corti, gateway.served, operations))
            assert gateway.stop() == 0, gateway.said
        account = account_of(f"{corti.http}/v2", f"{corti.http}/realms", secret)
        # The first pull lists, the second looks up what the run between them found missing.
        for command in ("run", "pull", "run", "pull", "run"):
            code, out, err = ended(started(warehouse, command, **account))
            assert code == 0, (command, out, err)
        simulator.settle_all()
    return Aftermath(warehouse, operations, listed_by(simulator), simulator.ledger.charges)


def account_of(api: str, login: str, secret: Path) -> dict[str, str]:
    named = {"ENVIRONMENT": "test", "TENANT": TENANT, "CLIENT_ID": "c", "CLIENT_SECRET_FILE": str(secret)}
    named |= {"API_URL": api, "LOGIN_URL": login}
    return {"CREDITS_CORTI_ACCOUNTS": "main", **{f"CREDITS_CORTI_MAIN_{name}": value for name, value in named.items()}}
