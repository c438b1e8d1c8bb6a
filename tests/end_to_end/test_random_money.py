"""Whatever is delivered, closed and reopened in between: statements, limits and rankings are the reference's."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from ingest.landing.warehouse import open_build_database
from orchestration.periods.closing import close_month, reopen_month
from orchestration.periods.rules import refuse_closing, refuse_reopening
from tests.end_to_end.comparing import whole_version, without_sources
from tests.end_to_end.comparing_money import (
    closed_statements,
    expected_money,
    published_money,
    sum_of_focus,
    sum_of_rated_lines,
    truth,
    unbalanced,
)
from tests.end_to_end.driving import Warehouse
from tests.reference.billing_strategies import books
from tests.reference.charges import Charges
from tests.reference.closing_steps import Step, act
from tests.reference.model import compute
from tests.reference.statements import Books
from tests.reference.strategies import write_home

MONTHS_ARE_OVER = datetime(2025, 12, 1, tzinfo=UTC)
_BUILT = "marts.marts"


@settings(
    max_examples=3 if settings.get_current_profile_name() != "thorough" else 150,
    deadline=None,
    print_blob=True,
    derandomize=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(steps=books())
def test_statements_and_limits_are_those_of_the_reference(shared_home: Warehouse, steps: list[Step]) -> None:
    shared_home.empty()
    kept = Books()
    for number, step in enumerate(steps, start=1):
        write_home(step.delivery, shared_home.home, number, prefix=f"b{number}-")
        charges = _run_and_compare(shared_home, kept)
        done = act(kept, charges, step)
        if done is not None:
            _close_or_reopen(shared_home, *done, MONTHS_ARE_OVER + timedelta(hours=number))
    _run_and_compare(shared_home, kept)
    version = whole_version(shared_home)
    shared_home.run(rebuild=True)
    assert without_sources(whole_version(shared_home)) == without_sources(version)


def _run_and_compare(warehouse: Warehouse, kept: Books) -> Charges:
    """Publish what has landed, and hold it against the reference; return all charges by now."""
    is_published = (warehouse.settings.published / "current").exists()
    frozen = closed_statements(warehouse, kept.closed) if is_published else {}
    warehouse.run()
    assert frozen == {name: rows for name, rows in closed_statements(warehouse, kept.closed).items() if name in frozen}
    found = compute(warehouse.home, datetime.now(UTC))
    charges, billing = truth(warehouse.home, found)
    expected = expected_money(found, charges, billing, kept)
    published = published_money(warehouse)
    for name in expected:
        assert published[name] == expected[name], name
    assert unbalanced(warehouse) == []
    assert sum_of_focus(warehouse) == sum_of_rated_lines(warehouse)
    return charges


def _close_or_reopen(warehouse: Warehouse, action: str, month: date, now: datetime) -> None:
    with open_build_database(warehouse.settings) as connection:
        connection.execute(f"attach '{warehouse.settings.marts_database}' as marts (read_only)")
        landing = warehouse.settings.landing
        if action == "close":
            refuse_closing(connection, _BUILT, month, now)
            close_month(connection, landing, month, "a test", now)
        else:
            refuse_reopening(connection, _BUILT, month)
            reopen_month(connection, landing, month, "a test", "a reason", now)


@pytest.fixture(autouse=True)
def _left_empty(shared_home: Warehouse) -> None:
    """Each example empties the home itself: a fixture would do so once for all of them."""
