"""`credits close` and `credits reopen`: what they say, and when they refuse."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from ingest.errors import ArgumentError
from orchestration.commands.periods import show_closing, show_reopening
from orchestration.periods.rules import PeriodError, refuse_closing
from tests.end_to_end.billing_homes import (
    APRIL,
    MARCH,
    close,
    freeze,
    lines,
    three_months,
    used,
)
from tests.end_to_end.commands import ended, started
from tests.end_to_end.driving import Warehouse

CLOSED = "period_status = 'closed'"


def files_of(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


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
        "  t2: 2 credits, 1 EUR, 1 line",
    ]
    with pytest.raises(PeriodError, match="2025-03 is closed since"):
        show_closing(warehouse.settings, MARCH, show=said.append)
    with pytest.raises(ArgumentError, match=r"2025-06 has no statement.*; the open months are 2025-04, 2025-05[.]"):
        show_closing(warehouse.settings, date(2025, 6, 1), show=said.append)
    said = []
    show_reopening(warehouse.settings, MARCH, show=said.append)
    assert said[0] == "2025-03 would be opened again; it is closed with, as published:"
    assert said[1].startswith("  t1: ") and len(said) == 2
    with pytest.raises(PeriodError, match="2025-04 is not closed: there is nothing to reopen"):
        show_reopening(warehouse.settings, APRIL, show=said.append)
    with pytest.raises(ArgumentError, match=r"2025-06 has no statement.*; the closed months are 2025-03"):
        show_reopening(warehouse.settings, date(2025, 6, 1), show=said.append)
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
    refused = [(code, err) for code, _, err in outcomes if code]
    assert len(refused) == 1, outcomes
    code, said = refused[0]
    assert said.startswith("credits: ") and len(said.splitlines()) == 1
    # The second command either meets the first one at work, or finds the month closed: a wrong month to ask for.
    assert (code == 1 and "meanwhile: try again when" in said) or (code == 2 and "2025-03 is closed since" in said)
    assert len([*(warehouse.settings.landing / "billing" / "periods").iterdir()]) == 1
    assert {row[0] for row in lines(warehouse, CLOSED, ("month_start",))} == {MARCH}
    code, _, err = ended(started(warehouse, "reopen", "2025-03", "--by", "c", "--reason", "a rate was wrong"))
    assert code == 0, err
    assert lines(warehouse, CLOSED) == []


@pytest.mark.parametrize(
    ("option", "command"),
    [
        ("--reason", ["reopen", "2025-03", "--reason", " "]),
        ("--reason", ["reopen", "2025-03", "--reason", b"not UTF-8: \xff"]),
        ("--by", ["close", "2025-03", "--by", "  "]),
        ("--by", ["close", "2025-03", "--by", "a\x1b[31mred"]),
    ],
)
def test_who_and_why_are_a_line_of_text(warehouse: Warehouse, option: str, command: list[str | bytes]) -> None:
    said = f"credits: {option} is kept with the event, for people to read: give it a line of plain text.\n"
    assert ended(started(warehouse, *command)) == (2, "", said)


def test_what_is_not_settled_is_named_when_a_month_is_closed(warehouse: Warehouse) -> None:
    warehouse.usage(
        "a.jsonl",
        used("x1", "2025-03-10", "3"),
        used("x2", "2025-03-11", "2.5", status="estimate"),
        used("x3", "2025-03-12", "1", status="provisional"),
        {**used("x4", "2025-03-13", "0"), "status": "unreported"},
        used("x5", "2025-04-01", "7", status="estimate"),
    )
    warehouse.run()
    said: list[str] = []
    show_closing(warehouse.settings, MARCH, show=said.append)
    assert said[-1] == (
        "  not settled: 2.5 estimated credits, 1 provisional and 1 unreported operation; "
        "what comes of them later is a correction"
    )
