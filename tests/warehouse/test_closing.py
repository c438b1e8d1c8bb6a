"""Closed months: their statements stay as they were, and what comes later stands on the next open one."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ingest.errors import MappingError, PublishError
from orchestration.closing_rules import PeriodError, refuse_closing
from orchestration.period_commands import show_closing
from tests.warehouse.billing_homes import (
    APRIL,
    MARCH,
    MAY,
    adjustments,
    close,
    freeze,
    lines,
    rates,
    reopen,
    used,
)
from tests.warehouse.commands import ended, started
from tests.warehouse.driving import Warehouse
from tests.warehouse.test_killed_runs import cut_off
from tests.warehouse.test_statements import is_what_a_rebuild_makes

MARTS = ("mart_tenant_statement_lines", "mart_tenant_statements")
CLOSED = "period_status = 'closed'"
OPEN = "period_status = 'open'"


def statements(warehouse: Warehouse, where: str) -> list[list[tuple[object, ...]]]:
    """All columns of both marts."""
    return [warehouse.table(mart, ("*",), where) for mart in MARTS]


def files_of(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def three_months(warehouse: Warehouse) -> None:
    """Usage of t1 in March, April and May, half a euro each; an adjustment of March."""
    rates(warehouse, "rates", ",,0.5,EUR,2024-01-01,")
    adjustments(warehouse, "notes", "adj-1,t1,-1,2025-03-15")
    warehouse.usage(
        "a.jsonl",
        used("x1", "2025-03-10", "3", tenant=None, userId="u1"),
        used("x2", "2025-03-11", "2", status="estimate"),
        used("x3", "2025-04-10", "1"),
        used("x4", "2025-05-10", "7"),
    )
    warehouse.deliver("mappings/users/users-2025-01-01.csv", "userId,tenantId\nu1,t1\n")
    warehouse.deliver("mappings/tenants/tenants-2025-01-01.csv", "tenantId,name\nt1,North\nt2,South\n")


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
    with pytest.raises(PeriodError, match="2025-04 is closed and carries corrections of 2025-03: reopen 2025-04 first"):
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
    with pytest.raises(PeriodError, match=r"2025-03 is closed since .* by ben: to close it anew, `credits reopen"):
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
    duckdb.sql(f"copy (select * replace (credits + 1 as credits) from '{put_aside(frozen, content)}') to '{frozen}'")
    with pytest.raises(MappingError, match=f"{name} is not what 2025-03 was closed with: put it back"):
        warehouse.land()
    frozen.unlink()
    with pytest.raises(MappingError, match=f"{name} is missing, with which 2025-03 was closed: put it back"):
        warehouse.land()
    with pytest.raises(MappingError, match=f"{name} is missing, with which 2025-03 was closed: put it back"):
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


def test_a_dry_run_says_what_would_be_frozen_and_writes_nothing(warehouse: Warehouse) -> None:
    three_months(warehouse)
    close(warehouse, MARCH)
    warehouse.usage("b.jsonl", used("x5", "2025-03-12", "5"), used("x6", "2025-04-12", "2", tenant="t2", kind="codes"))
    warehouse.deliver("billing/rates/more.csv", "kind,pricePerCredit,currency,validFrom\nstream,1,EUR,2024-01-01\n")
    warehouse.run()
    before = files_of(warehouse.home)
    said: list[str] = []
    show_closing(warehouse.settings, APRIL, show=said.append)
    assert said[1:] == [
        "  t1: 6 credits, 3 EUR, 2 lines; corrections of 5 credits, 2.5 EUR among them",
        "  t2: 2 credits, 1 EUR, 1 lines",
    ]
    with pytest.raises(PeriodError, match="2025-03 is closed since"):
        show_closing(warehouse.settings, MARCH, show=said.append)
    with pytest.raises(PeriodError, match="2025-06 has no statement"):
        show_closing(warehouse.settings, date(2025, 6, 1), show=said.append)
    warehouse.usage("c.jsonl", used("x7", "2025-04-12", "2"))
    show_closing(warehouse.settings, APRIL, show=said.append)
    assert said[-1].startswith("something has landed since")
    after = files_of(warehouse.home)
    assert after.pop("landing/usage_records/c.jsonl")
    assert after == before


def test_a_month_that_is_not_over_everywhere_is_not_closed(warehouse: Warehouse) -> None:
    warehouse.usage("a.jsonl", used("x1", "2025-03-10", "3"))
    warehouse.run()
    with duckdb.connect(str(warehouse.settings.published / "current" / "credits.duckdb"), read_only=True) as version:
        with pytest.raises(PeriodError, match="2025-03 is not over in every time zone before 2025-04-01 12:00 UTC"):
            refuse_closing(version, "marts", MARCH, datetime(2025, 4, 1, 11, 59, 59, tzinfo=UTC))
        refuse_closing(version, "marts", MARCH, datetime(2025, 4, 1, 12, tzinfo=UTC))


def test_a_closing_that_is_gone_from_landing_is_not_forgotten_in_silence(warehouse: Warehouse) -> None:
    three_months(warehouse)
    event = close(warehouse, MARCH)
    aside = event.rename(warehouse.home / "event")
    with pytest.raises(PublishError, match="2025-03 is closed in the published version, and nothing says so"):
        warehouse.run(rebuild=True)
    aside.rename(event)
    warehouse.run()
    assert {row[0] for row in lines(warehouse, CLOSED, ("month_start",))} == {MARCH}


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


def test_a_month_is_not_closed_again_before_its_closing_has_landed(warehouse: Warehouse) -> None:
    three_months(warehouse)
    warehouse.run()
    freeze(warehouse, MARCH)
    with pytest.raises(PeriodError, match="a month was closed or reopened meanwhile: try again when that is published"):
        freeze(warehouse, MARCH)
    warehouse.land()
    with pytest.raises(
        PeriodError, match="another run has landed something meanwhile: try again when it has published"
    ):
        freeze(warehouse, MARCH)


def test_of_two_commands_that_close_a_month_at_once_one_does(warehouse: Warehouse) -> None:
    three_months(warehouse)
    warehouse.run()
    commands = [started(warehouse, "close", "2025-03", "--by", who, CREDITS_LOCK_WAIT_SECONDS="300") for who in "ab"]
    outcomes = [ended(command) for command in commands]
    assert sorted(code for code, _, _ in outcomes) == [0, 1], outcomes
    refused = next(err for code, _, err in outcomes if code)
    assert refused.startswith("credits: ") and len(refused.splitlines()) == 1
    assert "2025-03 is closed since" in refused or "meanwhile: try again when" in refused
    assert len([*(warehouse.settings.landing / "billing" / "periods").iterdir()]) == 1
    assert {row[0] for row in lines(warehouse, CLOSED, ("month_start",))} == {MARCH}
    code, _, err = ended(started(warehouse, "reopen", "2025-03", "--by", "c", "--reason", "a rate was wrong"))
    assert code == 0, err
    assert lines(warehouse, CLOSED) == []
    code, _, err = ended(started(warehouse, "reopen", "2025-03", "--reason", " "))
    assert (code, err) == (1, "credits: a month is reopened for a reason: give it with --reason.\n")
