"""Deliveries with what is closed or reopened between them, and the doing of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .charges import Charges
from .homes import Home
from .statements import Books


@dataclass(frozen=True)
class Step:
    """One delivery, and what is done after its run: nothing, or one of the months that can be closed or reopened."""

    delivery: Home
    action: str
    choice: int


def act(books: Books, truth: Charges, step: Step) -> tuple[str, date] | None:
    """Do what a step asks for, if some month can be closed or reopened; say which it was."""
    possible = {
        "close": sorted(books.statements(truth).keys() - books.closed.keys()),
        "reopen": sorted(filter(books.can_reopen, books.closed)),
    }.get(step.action, [])
    if not possible:
        return None
    month = possible[step.choice % len(possible)]
    if step.action == "close":
        books.close(month, truth)
    else:
        books.reopen(month)
    return step.action, month
