"""Everything at once: what capture missed is found again or named, and what Corti charged is accounted for exactly.

What Corti charged falls into four parts:

- *captured* and *filled by a read*: in the fact, figure by figure.
- *named missing*: listed by Corti and covered by no record. The mart names the resource; its price can't be asked for,
  so only the simulator's ledger has it.
- *reported to nobody*: charged, but the answer was lost or had no figure, and there is nothing to read. If it went
  through the gateway, `mart_unreported_operations` names it; only the ledger has its price.
- *unknowable*: not captured, and of a sort that Corti does not list. The coverage mart says of its kind that there is
  nothing to compare with; the operation is in no mart, only in the ledger, and its caller got the figure.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.end_to_end.aftermath import LISTED_KINDS, Aftermath, aftermath_of, as_charged, total
from tests.end_to_end.driving import Warehouse
from tests.end_to_end.simulated_day import ANSWER_IS_LOST


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
    suppressed = [operation for operation in aftermath.operations if not operation.is_captured]
    assert (len(aftermath.operations), len(suppressed)) == (5000, 250)
    assert {operation.call.kind for operation in suppressed} == {charge.kind for charge in aftermath.charges}
    # Only sent calls were charged, and all of them except those that were refused at once.
    refused = Counter(operation.call.kind for operation in aftermath.operations if operation.fault == "status")
    sent = Counter(operation.call.kind for operation in aftermath.operations)
    assert Counter(charge.kind for charge in aftermath.charges) == sent - refused


def named_missing_is_what_nothing_captured_and_no_read_can_price(aftermath: Aftermath) -> None:
    suppressed = {
        operation.resource_id
        for operation in aftermath.operations
        if not operation.is_captured
        and operation.call.kind == "guided_document"
        and operation.resource_id in aftermath.listed
    }
    answered = {operation.resource_id for operation in aftermath.operations}
    unanswered = {
        charge.resource_id
        for charge in aftermath.charges
        if charge.kind == "guided_document"
        and charge.resource_id in aftermath.listed
        and charge.resource_id not in answered
    }
    assert suppressed and unanswered
    assert aftermath.named_missing() == suppressed | unanswered


def transcripts_and_documents_that_capture_missed_are_filled_by_reads_at_their_price(
    aftermath: Aftermath,
) -> None:
    missed = {
        resource_id
        for resource_id in {*aftermath.listed} - aftermath.captured()
        if aftermath.listed[resource_id][0] != LISTED_KINDS[2]
    }
    suppressed = {operation.resource_id for operation in aftermath.operations if not operation.is_captured} & {
        *aftermath.listed
    }
    assert {aftermath.listed[str(operation)][0] for operation in suppressed} == {*LISTED_KINDS}
    charged = as_charged(charge for charge in aftermath.charges if charge.resource_id in missed)
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
    assert {row[0] for row in rows} - compared == {operation.call.kind for operation in aftermath.operations} - compared
    for count_name in ("captured", "filled_by_read", "missing"):
        assert {day for _, day, name in counts if name == count_name}


def what_stands_in_no_list_is_counted_as_not_listable_by_its_kind(aftermath: Aftermath) -> None:
    captured = aftermath.captured()
    expected = Counter(
        operation.call.kind
        for operation in aftermath.operations
        if operation.is_captured and operation.resource_id not in captured
    )
    rows = aftermath.warehouse.table("mart_capture_coverage", ("kind", "sum(not_listable)"), "true group by kind")
    assert {kind: count for kind, count in rows if count} == expected


def operations_without_a_figure_are_named_once_each(aftermath: Aftermath) -> None:
    lost = Counter((operation.call.kind, None) for operation in aftermath.answers_lost(captured=True))
    silent = [
        operation for operation in aftermath.operations if operation.fault == "no_usage" and operation.is_captured
    ]
    named = Counter(
        (operation.call.kind, operation.resource_id) for operation in silent if operation.call.kind == "guided_document"
    )
    assert lost and named
    assert Counter(aftermath.warehouse.table("mart_unreported_operations", ("kind", "resource_id"))) == lost + named


def captured_filled_and_named_missing_add_up_to_corti_s_ledger(aftermath: Aftermath) -> None:
    known, missing = aftermath.in_fact(), aftermath.named_missing()
    named_missing = as_charged(charge for charge in aftermath.charges if charge.resource_id in missing)
    unreported, unknowable = as_charged(aftermath.reported_to_nobody()), aftermath.unknowable()
    assert named_missing.total() == len(missing)
    # Not just what is left over: as many of each kind as were sent to such an end.
    assert Counter(charge[0] for charge in unreported.elements()) == Counter(
        operation.call.kind
        for operation in aftermath.operations
        if (
            operation.fault in ANSWER_IS_LOST
            and operation.fault != "status"
            and operation.call.kind not in LISTED_KINDS
        )
        or (operation.fault == "no_usage" and operation.call.kind == "guided_document" and operation.is_captured)
    )
    assert all((known, named_missing, unreported, unknowable))
    ledger = as_charged(aftermath.charges)
    assert known + named_missing + unreported + unknowable == ledger
    [(in_marts,)] = aftermath.warehouse.table("fct_credit_usage", ("sum(credits)",))
    assert in_marts == total(known)
    assert in_marts + total(named_missing) + total(unreported) + total(unknowable) == total(ledger)
