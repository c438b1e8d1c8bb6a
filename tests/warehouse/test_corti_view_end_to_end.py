"""Everything at once: what capture missed is found again or named, and what Corti charged is accounted for exactly.

What Corti charged falls into four parts:

- *captured* and *filled by a read*: in the fact, figure by figure.
- *named missing*: listed by Corti and covered by no record. The mart names the resource; its price can't be asked for,
  so that only the simulator's ledger tells it.
- *told to nobody*: charged, but the answer was lost or held no figure, and there is nothing to read. Where it went
  through the gateway, `mart_unreported_operations` names it; its price stands in the ledger alone.
- *unknowable*: not captured, and of a sort that Corti does not list. The coverage mart says of its kind that there is
  nothing to compare with; the operation is in no mart, only in the ledger, and its caller was told.
"""

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
from tests.ingest.capture.gateways import gateway_process
from tests.ingest.capture.sessions import TENANT
from tests.warehouse.commands import ended, started
from tests.warehouse.driving import Warehouse
from tests.warehouse.simulated_day import ANSWER_IS_LOST, Charged, Operation, lived_through, planned

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
        return {each.resource_id for each in self.operations if each.is_captured and each.resource_id} & {*self.listed}

    def named_missing(self) -> set[str]:
        """By the mart."""
        return {row[0] for row in self.warehouse.table("mart_missing_captures", ("resource_id",))}

    def in_fact(self) -> Counter[Charged]:
        """By the fact: operations that have a figure."""
        columns = ("kind", "interaction_id", "resource_id", "credits")
        return Counter(self.warehouse.table("fct_credit_usage", columns, "status <> 'unreported'"))

    def answers_lost(self, *, captured: bool) -> list[Operation]:
        """Operations that may have cost something, without a figure or an id in the answer."""
        return [each for each in self.operations if each.fault in ANSWER_IS_LOST and each.is_captured == captured]

    def unknowable(self) -> Counter[Charged]:
        """What was told to a caller behind the gateway's back, of a sort that Corti does not list."""
        return Counter(
            each.told
            for each in self.operations
            if not each.is_captured and each.credits is not None and each.resource_id not in self.listed
        )

    def told_to_nobody(self) -> list[Charge]:
        """Charges that the answer did not tell of, where no read can either; without those of what is named missing."""
        missing = self.named_missing()
        return [
            each
            for each in self.charges
            if each.reported == "nothing"
            and each.resource_id not in missing
            and (each.kind == "guided_document" or each.resource_id not in self.listed)
        ]


def as_charged(charges: Iterable[Charge]) -> Counter[Charged]:
    return Counter((each.kind, each.interaction_id, each.resource_id, each.credits) for each in charges)


def total(charges: Counter[Charged]) -> Decimal:
    return sum((charge[3] * times for charge, times in charges.items()), Decimal(0))


def listed_by(simulator: Simulator) -> Listed:
    found: Listed = {}
    for interaction in simulator.interactions.values():
        found |= dict.fromkeys(interaction.transcripts, ("transcript", interaction.created_at[:10]))
        found |= {each: ("document", body["createdAt"][:10]) for each, body in interaction.documents.items()}
    of_interactions = [each for each in simulator.guided_documents.values() if each["interactionId"]]
    return found | {each["id"]: ("guided_document", each["createdAt"][:10]) for each in of_interactions}


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


def test_what_capture_missed_is_filled_or_named_and_corti_s_ledger_is_accounted_for(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    aftermath = aftermath_of(warehouse, tmp_path / "secret")
    the_day_is_of_the_size_and_sorts_that_it_is_meant_to_be(aftermath)
    named_missing_is_what_nothing_captured_and_no_read_can_price(aftermath)
    transcripts_and_documents_that_capture_missed_are_filled_by_reads_at_their_price(aftermath)
    coverage_counts_of_each_kind_and_day_are_those_of_what_was_sent(aftermath)
    what_stands_in_no_list_is_counted_as_not_listable_by_its_kind(aftermath)
    operations_without_a_figure_are_named_once_each(aftermath)
    captured_filled_and_named_missing_add_up_to_corti_s_ledger(aftermath)


def the_day_is_of_the_size_and_sorts_that_it_is_meant_to_be(aftermath: Aftermath) -> None:
    suppressed = [each for each in aftermath.operations if not each.is_captured]
    assert (len(aftermath.operations), len(suppressed)) == (5000, 250)
    assert {each.call.kind for each in suppressed} == {charge.kind for charge in aftermath.charges}
    # Nothing was charged but what was sent, and everything that was sent but for what was refused at once.
    refused = Counter(each.call.kind for each in aftermath.operations if each.fault == "status")
    sent = Counter(each.call.kind for each in aftermath.operations)
    assert Counter(charge.kind for charge in aftermath.charges) == sent - refused


def named_missing_is_what_nothing_captured_and_no_read_can_price(aftermath: Aftermath) -> None:
    suppressed = {
        each.resource_id
        for each in aftermath.operations
        if not each.is_captured and each.call.kind == "guided_document" and each.resource_id in aftermath.listed
    }
    answered = {each.resource_id for each in aftermath.operations}
    unanswered = {
        each.resource_id
        for each in aftermath.charges
        if each.kind == "guided_document" and each.resource_id in aftermath.listed and each.resource_id not in answered
    }
    assert suppressed and unanswered
    assert aftermath.named_missing() == suppressed | unanswered


def transcripts_and_documents_that_capture_missed_are_filled_by_reads_at_their_price(
    aftermath: Aftermath,
) -> None:
    missed = {
        each for each in {*aftermath.listed} - aftermath.captured() if aftermath.listed[each][0] != LISTED_KINDS[2]
    }
    suppressed = {each.resource_id for each in aftermath.operations if not each.is_captured} & {*aftermath.listed}
    assert {aftermath.listed[str(each)][0] for each in suppressed} == {*LISTED_KINDS}
    charged = as_charged(each for each in aftermath.charges if each.resource_id in missed)
    assert len(charged) == len(missed) and charged
    assert Counter({charge: n for charge, n in aftermath.in_fact().items() if charge[2] in missed}) == charged
    sources = aftermath.warehouse.table("fct_credit_usage", ("resource_id", "source", "status"))
    assert {row[1:] for row in sources if row[0] in missed} == {("read", "final")}


def coverage_counts_of_each_kind_and_day_are_those_of_what_was_sent(aftermath: Aftermath) -> None:
    captured, expected = aftermath.captured(), Counter[tuple[str, str, str]]()
    for resource, (kind, day) in aftermath.listed.items():
        otherwise = "missing" if kind == "guided_document" else "filled_by_read"
        expected[(kind, day, "captured" if resource in captured else otherwise)] += 1
    columns = ("kind", "cast(date_day as varchar)", "pull_outcome", "captured", "filled_by_read", "missing")
    rows = aftermath.warehouse.table("mart_capture_coverage", columns)
    counts = {
        (kind, day, name): count
        for kind, day, _, *found in rows
        for name, count in zip(columns[3:], found, strict=True)
        if count
    }
    assert counts == expected
    assert {row[2] for row in rows} == {"complete"}
    compared = {row[0] for row in rows if row[3] is not None}
    assert compared == {*LISTED_KINDS}
    assert {row[0] for row in rows} - compared == {each.call.kind for each in aftermath.operations} - compared
    for each in ("captured", "filled_by_read", "missing"):
        assert {day for _, day, name in counts if name == each}


def what_stands_in_no_list_is_counted_as_not_listable_by_its_kind(aftermath: Aftermath) -> None:
    captured = aftermath.captured()
    expected = Counter(
        each.call.kind for each in aftermath.operations if each.is_captured and each.resource_id not in captured
    )
    rows = aftermath.warehouse.table("mart_capture_coverage", ("kind", "sum(not_listable)"), "true group by kind")
    assert {kind: count for kind, count in rows if count} == expected


def operations_without_a_figure_are_named_once_each(aftermath: Aftermath) -> None:
    lost = Counter((each.call.kind, None) for each in aftermath.answers_lost(captured=True))
    silent = [each for each in aftermath.operations if each.fault == "no_usage" and each.is_captured]
    named = Counter((each.call.kind, each.resource_id) for each in silent if each.call.kind == "guided_document")
    assert lost and named
    assert Counter(aftermath.warehouse.table("mart_unreported_operations", ("kind", "resource_id"))) == lost + named


def captured_filled_and_named_missing_add_up_to_corti_s_ledger(aftermath: Aftermath) -> None:
    known, missing = aftermath.in_fact(), aftermath.named_missing()
    named_missing = as_charged(each for each in aftermath.charges if each.resource_id in missing)
    untold, unknowable = as_charged(aftermath.told_to_nobody()), aftermath.unknowable()
    assert named_missing.total() == len(missing)
    # Not just what is left over: as many of each kind as were sent to such an end.
    assert Counter(charge[0] for charge in untold.elements()) == Counter(
        each.call.kind
        for each in aftermath.operations
        if (each.fault in ANSWER_IS_LOST and each.fault != "status" and each.call.kind not in LISTED_KINDS)
        or (each.fault == "no_usage" and each.call.kind == "guided_document" and each.is_captured)
    )
    assert all((known, named_missing, untold, unknowable))
    ledger = as_charged(aftermath.charges)
    assert known + named_missing + untold + unknowable == ledger
    [(in_marts,)] = aftermath.warehouse.table("fct_credit_usage", ("sum(credits)",))
    assert in_marts == total(known)
    assert in_marts + total(named_missing) + total(untold) + total(unknowable) == total(ledger)
