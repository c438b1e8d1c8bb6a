"""What tokens cost, in credits: Corti's list prices of models, and the price of agents and generated text."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

_MILLION = 6
"""Prices are for a million tokens: so many places."""


@dataclass(frozen=True)
class Tokens:
    """The tokens of one answer; `input` includes the `cached` ones."""

    input: int
    output: int
    cached: int = 0


@dataclass(frozen=True)
class Price:
    """Credits for a million tokens. Cached tokens cost as much as other input tokens if `cached` is None."""

    input: Decimal
    output: Decimal
    cached: Decimal | None = None

    def of(self, tokens: Tokens) -> Decimal:
        """The exact price of these tokens."""
        cached = self.input if self.cached is None else self.cached
        sum_of = (tokens.input - tokens.cached) * self.input + tokens.cached * cached + tokens.output * self.output
        return sum_of.scaleb(-_MILLION)


AGENTS = Price(Decimal(4), Decimal(16))
_LARGE = Price(Decimal("2.00"), Decimal("8.00"), Decimal("0.20"))
_SMALL = Price(Decimal("1.00"), Decimal("4.00"), Decimal("0.10"))

LISTED = {
    "corti-s1": _LARGE,
    "corti-s1-instant": _LARGE,
    "corti-s1-mini": _SMALL,
    "corti-s1-mini-instant": _SMALL,
    "corti-embedding-1": Price(Decimal("0.03"), Decimal(0)),
}
"""The models that can be called, by their names."""
