"""What pulls listed and what Corti's own sums say, from landing to what is published; in steps as in a rebuild."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from orchestration.commands.status import status_lines
from orchestration.status import read_status
from tests.end_to_end.comparing import whole_version
from tests.end_to_end.driving import Row, Warehouse

ACCOUNT = {"environment": "eu", "cortiTenant": "acme"}
OWNERS = ("resource_id", "user_id", "user_source", "tenant_id")
COVERAGE = ("kind", "pull_outcome", "created_at_corti", "captured", "missing", "filled_by_read", "not_listable")
MARTS = ("mart_capture_coverage", "mart_missing_captures", "mart_provider_reconciliation")
MORNING = "2025-03-01T08:00:00Z"
PULLED = "2025-03-02T02:00:00Z"


def list_at_corti(warehouse: Warehouse, table: str, name: str, *rows: Row) -> None:
    lines = [{**ACCOUNT, "createdAt": MORNING, "pulledAt": PULLED, **row} for row in rows]
    warehouse.deliver(f"corti/{table}/{name}.jsonl", lines)


def assigned(warehouse: Warehouse, name: str, pulled_at: str, **users: str) -> None:
    rows = [
        {"interactionId": interaction_id, "assignedUserId": user, "pulledAt": pulled_at}
        for interaction_id, user in users.items()
    ]
    list_at_corti(warehouse, "interactions", name, *rows)


def asked(warehouse: Warehouse, name: str, **outcomes: str) -> None:
    rows = [
        {"day": f"2025-03-{day[1:]}", "outcome": outcome, "endedAt": PULLED, **ACCOUNT}
        for day, outcome in outcomes.items()
    ]
    warehouse.deliver(f"corti/pulls/{name}.jsonl", rows)


def totals(warehouse: Warehouse, name: str, *rows: tuple[str, str, str, str]) -> None:
    lines = [f"{start},{end},{credits},{user}" for start, end, credits, user in rows]
    warehouse.deliver(f"provider/consumption/{name}.csv", "from,to,credits,userId\n" + "\n".join(lines) + "\n")


def is_what_a_rebuild_makes(warehouse: Warehouse) -> bool:
    in_steps = whole_version(warehouse)
    warehouse.run(rebuild=True)
    return whole_version(warehouse) == in_steps


def test_without_corti_or_its_totals_the_marts_are_empty_and_status_is_silent(warehouse: Warehouse) -> None:
    warehouse.usage("a.jsonl", {**ACCOUNT, "kind": "document", "id": "d1", "userId": "u1", "credits": 1})
    warehouse.run()
    assert [warehouse.table(name) for name in MARTS] == [[], [], []]
    assert warehouse.table("agg_credits_user_monthly", ("user_id", "reconciliation_status")) == [("u1", "not compared")]
    lines = [line.split()[0] for line in status_lines(read_status(warehouse.settings), datetime.now(UTC))]
    assert {"coverage", "missing", "provisional", "reconciled"} & {*lines} == set()


def test_a_pull_or_an_export_that_comes_later_re_attributes_what_it_concerns(warehouse: Warehouse) -> None:
    rows: list[Row] = [{"id": f"x{n}", "interactionId": f"i{n}", "credits": n} for n in range(1, 5)]
    warehouse.usage("a.jsonl", *rows, {"id": "x5", "interactionId": "i1", "userId": "own", "credits": 5})
    warehouse.deliver("mappings/users/users-2025-01-01.csv", "userId,tenantId\nu1,t1\n")
    warehouse.deliver("mappings/interactions/interactions-2025-01-01.csv", "interactionId,userId\ni3,u3\n")
    warehouse.run()
    unmapped = ("(unmapped)", "unmapped", "(unmapped)")
    assert warehouse.table("fct_credit_usage", OWNERS)[:2] == [("x1", *unmapped), ("x2", *unmapped)]

    assigned(warehouse, "first", PULLED, i1="u1", i2="u2", i3="u1", i4="random")
    warehouse.run()
    pulled = [
        ("x1", "u1", "corti", "t1"),
        ("x2", *unmapped),
        ("x3", "u3", "interaction", "(unmapped)"),
        ("x4", *unmapped),
        ("x5", "own", "record", "(unmapped)"),
    ]
    assert warehouse.table("fct_credit_usage", OWNERS) == pulled
    why = dict(warehouse.table("mart_unmapped_usage", ("interaction_id", "why")))
    assert why["i4"] == "Corti has the interaction assigned to a user whom no export knows"

    warehouse.deliver("mappings/users/users-2025-02-01.csv", "userId,tenantId\nu1,t1\nu2,t2\n")
    warehouse.run()
    known = ("x2", "u2", "corti", "t2")
    assert warehouse.table("fct_credit_usage", OWNERS) == [pulled[0], known, *pulled[2:]]

    assigned(warehouse, "second", "2025-03-03T02:00:00Z", i1="u3")
    warehouse.run()
    moved = ("x1", "u3", "corti", "(unmapped)")
    assert warehouse.table("fct_credit_usage", OWNERS) == [moved, known, *pulled[2:]]
    assert is_what_a_rebuild_makes(warehouse)


def test_what_corti_lists_is_captured_filled_or_named_missing(warehouse: Warehouse) -> None:
    warehouse.deliver("mappings/interactions/interactions-2025-01-01.csv", "interactionId,userId,tenantId\ni1,u1,t1\n")
    record: Row = {**ACCOUNT, "interactionId": "i1", "createdAt": MORNING}
    warehouse.usage(
        "a.jsonl",
        {**record, "kind": "document", "id": "d1", "credits": 1},
        {**record, "kind": "transcript", "id": "t1", "credits": 0, "status": "provisional"},
        {**record, "kind": "facts", "operationId": "f1", "credits": 1},
    )
    listed = [("document", "d1"), ("document", "d2"), ("transcript", "t1"), ("transcript", "t2"), ("recording", "r1")]
    resources: list[Row] = [
        {"interactionId": "i1", "kind": kind, "resourceId": resource_id} for kind, resource_id in listed
    ]
    list_at_corti(warehouse, "resources", "first", *resources)
    assigned(warehouse, "first", PULLED, i1="u1")
    asked(warehouse, "first", d01="complete", d02="failed", d04="complete")
    warehouse.run()
    first = "date_day = '2025-03-01'"
    assert warehouse.table("mart_capture_coverage", COVERAGE, first) == [
        ("document", "complete", 2, 1, 1, 0, 0),
        ("facts", "complete", None, None, None, None, 1),
        ("guided_document", "complete", 0, 0, 0, 0, 0),
        ("transcript", "complete", 2, 1, 1, 0, 0),
    ]
    other = warehouse.table("mart_capture_coverage", ("date_day", *COVERAGE[1:3]), f"not {first} and kind = 'document'")
    assert other == [
        (date(2025, 3, 2), "failed", 0),
        (date(2025, 3, 3), "not asked", None),
        (date(2025, 3, 4), "complete", 0),
    ]
    missing = warehouse.table("mart_missing_captures", ("kind", "resource_id", "user_id", "tenant_id"))
    assert missing == [("document", "d2", "u1", "t1"), ("transcript", "t2", "u1", "t1")]
    said = {line.split()[0]: line for line in status_lines(read_status(warehouse.settings), datetime.now(UTC))}
    assert (
        "50.0 % of 4 resources that Corti lists have a record; 1 day whose pull failed; 1 day not asked"
        in said["coverage"]
    )
    assert "2 resources that Corti lists" in said["missing"]
    assert "1 operation still" in said["provisional"]

    read: Row = {**record, "kind": "transcript", "source": "read", "capturedAt": PULLED, "credits": 3}
    warehouse.usage("b.jsonl", {**read, "id": "t1"}, {**read, "id": "t2"})
    warehouse.run()
    assert warehouse.table("mart_capture_coverage", COVERAGE, f"{first} and kind = 'transcript'") == [
        ("transcript", "complete", 2, 1, 0, 1, 0)
    ]
    assert [row[1] for row in warehouse.table("mart_missing_captures", ("kind", "resource_id"))] == ["d2"]
    assert is_what_a_rebuild_makes(warehouse)


def test_totals_that_come_later_or_are_taken_back_show_beside_the_months_they_are_of(warehouse: Warehouse) -> None:
    midnight = "2025-03-11T00:00:00Z"
    warehouse.usage(
        "a.jsonl",
        {"id": "x1", "userId": "u1", "credits": 1, "createdAt": "2025-03-10T12:00:00Z"},
        {"id": "x2", "userId": "u1", "credits": 2, "createdAt": midnight},
        {"id": "x3", "userId": "u2", "credits": 4, "createdAt": "2025-03-10T12:00:00Z"},
    )
    warehouse.run()
    march = ("2025-03-01T00:00:00Z", "2025-04-01T00:00:00Z")
    days = [("2025-03-10T00:00:00Z", midnight, "3", "u1"), (midnight, "2025-03-12T00:00:00Z", "2.5", "u1")]
    totals(warehouse, "a-2025-04-01", *days, (*march, "4", "u2"), (*march, "4", "u9"))
    warehouse.run()
    columns = ("user_id", "provider_credits", "our_credits", "difference", "operations", "status")
    assert warehouse.table("mart_provider_reconciliation", columns) == [
        ("u1", Decimal("2.5"), Decimal(2), Decimal("-0.5"), 1, "under"),
        ("u1", Decimal(3), Decimal(3), Decimal(0), 2, "matched"),
        ("u2", Decimal(4), Decimal(4), Decimal(0), 1, "matched"),
        ("u9", Decimal(4), Decimal(0), Decimal(-4), 0, "no records"),
    ]
    monthly = ("user_id", "reconciliation_status")
    assert warehouse.table("agg_credits_user_monthly", monthly) == [("u1", "under"), ("u2", "matched")]
    assert any(
        "2 of 4 totals from Corti match" in line
        for line in status_lines(read_status(warehouse.settings), datetime.now(UTC))
    )

    totals(warehouse, "a-2025-04-01", days[0], (*march, "3", "u1"))
    warehouse.run()
    assert warehouse.table("agg_credits_user_monthly", monthly) == [("u1", "matched"), ("u2", "not compared")]
    assert is_what_a_rebuild_makes(warehouse)


def test_a_total_that_is_said_again_after_another_holds_again(warehouse: Warehouse) -> None:
    day = ("2025-03-10T00:00:00Z", "2025-03-10T23:59:59.999Z")
    for name, credits in {"a-2025-04-01": "3", "b-2025-04-02": "4", "c-2025-04-03": "3"}.items():
        totals(warehouse, name, (*day, credits, "u1"))
        warehouse.run()
    assert warehouse.table("mart_provider_reconciliation", ("provider_credits",)) == [(Decimal(3),)]
    assert is_what_a_rebuild_makes(warehouse)
