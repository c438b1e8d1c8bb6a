"""Closed months: their statements stay as they were, and later changes are on the next open one."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ingest.errors import MappingError, PublishError
from orchestration.periods.rules import PeriodError
from tests.end_to_end.billing_homes import (
    APRIL,
    MARCH,
    MAY,
    adjustments,
    close,
    freeze,
    lines,
    rates,
    reopen,
    three_months,
    used,
)
from tests.end_to_end.driving import Warehouse
from tests.end_to_end.test_killed_runs import cut_off
from tests.end_to_end.test_statements import is_what_a_rebuild_makes

MARTS = ("mart_tenant_statement_lines", "mart_tenant_statements")
CLOSED = "period_status = 'closed'"
OPEN = "period_status = 'open'"


def statements(warehouse: Warehouse, where: str) -> list[list[tuple[object, ...]]]:
    """All columns of both marts."""
    return [warehouse.table(mart, ("*",), where) for mart in MARTS]


def test_whatever_comes_later_a_closed_statement_stays_and_the_next_open_one_corrects_it(warehouse: Warehouse) -> None:
    three_months(warehouse)
    close(warehouse, MARCH)
    march = statements(warehouse, CLOSED)
    assert [len(rows) for rows in march] == [2, 1]
    key = dict(lines(warehouse, CLOSED, ("line_type", "line_key")))

    # Late usage, a final figure, another owner, another price, and an adjustment that is withdrawn.
    warehouse.usage("b.jsonl", used("x5", "2025-03-12", "5"), used("x2", "2025-03-11", "2.5"))
    warehouse.deliver("mappings/users/users-2025-01-01.csv", "userId,tenantId\nu1,t2\n")
    warehouse.deliver("mappings/tenants/tenants-2025-01-02.csv", "tenantId,name\nt1,North by Northwest\nt2,South\n")
    rates(warehouse, "more", "t1,facts,0.7,EUR,2025-03-12,2025-03-13")
    adjustments(warehouse, "notes", "adj-2,t1,-3,2025-04-15")
    warehouse.run()
    assert statements(warehouse, CLOSED) == march
    columns = ("tenant_id", "line_type", "price_per_credit", "credits", "operations", "amount", "corrects_line_key")
    half, seven = Decimal("0.5"), Decimal("0.7")
    corrections = lines(warehouse, f"{OPEN} and line_type = 'correction'", columns)
    assert corrections == [
        ("t1", "correction", half, Decimal("-2.5"), -1, Decimal("-1.25"), key["usage"]),
        ("t1", "correction", half, Decimal(1), 0, Decimal("0.5"), key["adjustment"]),
        ("t1", "correction", seven, Decimal(5), 1, Decimal("3.5"), key["usage"]),
        ("t2", "correction", half, Decimal(3), 1, Decimal("1.5"), None),
    ]
    assert {row[0] for row in lines(warehouse, "line_type = 'correction'", ("month_start",))} == {APRIL}
    assert is_what_a_rebuild_makes(warehouse)

    # April is closed with those corrections; what comes of March now goes to May.
    close(warehouse, APRIL)
    march_and_april = statements(warehouse, CLOSED)
    assert [len(rows) for rows in march_and_april] == [8, 3]
    warehouse.usage("c.jsonl", used("x6", "2025-03-13", "10"))
    warehouse.run()
    assert statements(warehouse, CLOSED) == march_and_april
    assert lines(warehouse, f"{OPEN} and line_type = 'correction'", ("month_start", "usage_month", *columns[2:])) == [
        (MAY, MARCH, half, Decimal(10), 1, Decimal(5), key["usage"])
    ]
    assert is_what_a_rebuild_makes(warehouse)
    assert statements(warehouse, CLOSED) == march_and_april


def test_a_month_is_reopened_from_the_last_one_that_carries_its_corrections_backwards(warehouse: Warehouse) -> None:
    three_months(warehouse)
    close(warehouse, MARCH)
    warehouse.usage("b.jsonl", used("x5", "2025-03-12", "5"))
    close(warehouse, APRIL)
    with pytest.raises(PeriodError, match="2025-04 is closed and has corrections of 2025-03: reopen 2025-04 first"):
        reopen(warehouse, MARCH)
    reopen(warehouse, APRIL)
    status = ("month_start", "period_status", "correction_credits", "closed_by")
    assert warehouse.table("mart_tenant_statements", status)[:2] == [
        (MARCH, "closed", Decimal(0), "anna"),
        (APRIL, "open", Decimal(5), None),
    ]
    reopen(warehouse, MARCH)
    assert lines(warehouse, "line_type = 'correction' or period_status = 'closed'") == []
    with pytest.raises(PeriodError, match="2025-03 is not closed"):
        reopen(warehouse, MARCH)
    close(warehouse, MARCH, by="ben")
    assert warehouse.table("mart_tenant_statements", ("credits", "closed_by"), CLOSED) == [(Decimal(10), "ben")]
    with pytest.raises(PeriodError, match=r"2025-03 is closed since .* by ben: to close it again, `credits reopen"):
        freeze(warehouse, MARCH)
    assert len([*(warehouse.settings.landing / "billing" / "periods").iterdir()]) == 5
    assert is_what_a_rebuild_makes(warehouse)


@pytest.mark.parametrize("folder", ["closed_lines", "closed_charges"])
def test_what_was_frozen_can_neither_be_altered_nor_taken_away(warehouse: Warehouse, folder: str) -> None:
    three_months(warehouse)
    close(warehouse, MARCH)
    before = statements(warehouse, "true")
    frozen = next((warehouse.settings.landing / "billing" / folder).iterdir())
    name, content = frozen.relative_to(warehouse.settings.landing).as_posix(), frozen.read_bytes()

    frozen.write_bytes(b"not what it was")
    with pytest.raises(MappingError, match=f"{name} is not what `credits close` wrote: put it back"):
        warehouse.land()
    frozen.unlink()
    duckdb.connect().execute(
        f"copy (select * replace (credits + 1 as credits) from '{put_aside(frozen, content)}') to '{frozen}'"
    )
    with pytest.raises(MappingError, match=f"{name} differs from the file that closed 2025-03: put it back"):
        warehouse.land()
    frozen.unlink()
    with pytest.raises(MappingError, match=f"{name} is missing; 2025-03 was closed with it: put it back"):
        warehouse.land()
    with pytest.raises(MappingError, match=f"{name} is missing; 2025-03 was closed with it: put it back"):
        warehouse.land(rebuild=True)
    assert statements(warehouse, "true") == before

    frozen.write_bytes(content)
    warehouse.run()
    assert statements(warehouse, "true") == before


def put_aside(frozen: Path, content: bytes) -> Path:
    """The content in a file of its own, outside of the home."""
    aside = frozen.parents[4] / "aside.parquet"
    aside.write_bytes(content)
    return aside


def test_an_event_that_is_gone_from_landing_is_not_forgotten_in_silence(warehouse: Warehouse) -> None:
    three_months(warehouse)
    close(warehouse, MARCH)
    reopen(warehouse, MARCH)
    last = close(warehouse, MARCH, by="ben")
    aside = last.rename(warehouse.home / "event")
    with pytest.raises(PublishError, match=rf"landing/billing/periods/{last.name} is missing, or not what it was"):
        warehouse.run(rebuild=True)
    aside.rename(last)
    warehouse.run()
    assert warehouse.table("mart_tenant_statements", ("month_start", "closed_by"), CLOSED) == [(MARCH, "ben")]


def test_an_event_that_was_altered_is_refused_until_it_is_put_back(warehouse: Warehouse) -> None:
    three_months(warehouse)
    event = close(warehouse, MARCH)
    before, written = statements(warehouse, "true"), event.read_text()
    event.write_text(written.replace("anna", "hanna"))
    for rebuild in (False, True):
        with pytest.raises(PublishError, match=rf"landing/billing/periods/{event.name} is missing, or not what it was"):
            warehouse.run(rebuild=rebuild)
    assert statements(warehouse, "true") == before
    event.write_text(written)
    warehouse.run()
    assert statements(warehouse, "true") == before


def test_files_that_no_event_names_close_nothing_and_a_run_cut_off_behind_the_event_does(warehouse: Warehouse) -> None:
    three_months(warehouse)
    warehouse.run()
    before = statements(warehouse, "true")
    freeze(warehouse, MARCH).unlink()
    warehouse.run()
    assert statements(warehouse, "true") == before
    for path in (warehouse.settings.landing / "billing").glob("closed_*/*"):
        path.rename(path.with_name(f"left-{path.name}"))
    freeze(warehouse, MARCH)
    warehouse.usage("b.jsonl", used("x5", "2025-03-12", "5"))
    warehouse.land()
    cut_off(warehouse, "int_statement_charges")
    warehouse.run()
    assert {row[0] for row in lines(warehouse, CLOSED, ("month_start",))} == {MARCH}
    assert lines(warehouse, "line_type = 'correction'", ("month_start", "credits")) == [(APRIL, Decimal(5))]
    assert is_what_a_rebuild_makes(warehouse)
