"""Books kept over several deliveries: whatever is closed and reopened, all usage is billed, and what was closed stays."""

from __future__ import annotations

import tempfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from .billing_files import read_billing
from .billing_strategies import books
from .charges import Charges, all_charges, exactly_added
from .closing_steps import Step, act
from .homes import write_home
from .model import compute
from .statements import Books

NOW = datetime(2026, 1, 15, 12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(steps=books())
def test_statements_hold_all_usage_and_closed_ones_stay(steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _keep_books(Path(folder), steps)


def _keep_books(home: Path, steps: list[Step]) -> None:
    books = Books()
    for number, step in enumerate(steps):
        write_home(step.delivery, home, number, prefix=f"b{number}-")
        truth = all_charges(compute(home, NOW).fact, read_billing(home / "landing"))
        before = dict(books.closed)
        statements = books.statements(truth)
        assert {month: statements[month] for month in before} == before
        for month in {of.month for of in truth} | set(statements):
            assert _credits_of_statements(books, truth, month) == _credits_of_truth(truth, month)
        act(books, truth, step)


def _credits_of_statements(books: Books, truth: Charges, month: date) -> dict[str, Decimal]:
    found: dict[str, list[Decimal]] = {}
    for statement in books.statements(truth).values():
        for line, figures in statement.lines.items():
            if line.usage_month == month:
                found.setdefault(line.tenant_id, []).append(figures.figures.credits)
    return {tenant: total for tenant, credits in found.items() if (total := exactly_added(credits))}


def _credits_of_truth(truth: Charges, month: date) -> dict[str, Decimal]:
    found: dict[str, list[Decimal]] = {}
    for of, figures in truth.items():
        if of.month == month:
            found.setdefault(of.tenant_id, []).append(figures.credits)
    return {tenant: total for tenant, credits in found.items() if (total := exactly_added(credits))}
