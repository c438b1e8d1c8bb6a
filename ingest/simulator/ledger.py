"""What the simulated Corti charged; captured records are compared with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from threading import Lock

from ingest.simulator.prices import Tokens


@dataclass(frozen=True)
class Charge:
    """One billable operation and its exact price in credits.

    `reported` says what the API reported to the caller: `final` (the figure), `estimate` (only a running total, of a
    socket that was cut off), `tokens` (which `tokens` has, with the `model`) or `nothing`. `at` is when it was booked
    (aware).
    """

    kind: str
    credits: Decimal
    interaction_id: str | None = None
    resource_id: str | None = None
    reported: str = "final"
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    model: str | None = None
    tokens: Tokens | None = None

    def as_json(self) -> dict[str, object]:
        """The charge in the API's spelling; credits are a text in plain notation."""
        charge: dict[str, object] = {
            "kind": self.kind,
            "interactionId": self.interaction_id,
            "resourceId": self.resource_id,
            "credits": f"{self.credits:f}",
            "reported": self.reported,
        }
        if self.tokens:
            counts = (("inputTokens", self.tokens.input), ("outputTokens", self.tokens.output))
            charge |= {"model": self.model, **dict(counts), "cachedInputTokens": self.tokens.cached}
        return charge


@dataclass(frozen=True)
class Purchase:
    """Credits that were bought or granted; `expires_at` is in the API's spelling, None if they never expire."""

    credits: Decimal
    expires_at: str | None = None
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def as_json(self) -> dict[str, str | None]:
        """The purchase in the API's spelling; credits are a text in plain notation."""
        return {"credits": f"{self.credits:f}", "expiresAt": self.expires_at, "boughtAt": self.at.isoformat()}


_silent: ContextVar[bool] = ContextVar("silent", default=False)


@contextmanager
def unreported_charges() -> Iterator[None]:
    """Charges that are booked inside are not reported to the caller."""
    token = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(token)


@dataclass
class Ledger:
    """All charges and purchases, in order. Safe to read while the server runs."""

    _charges: list[Charge] = field(default_factory=list)
    _purchases: list[Purchase] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def charge(self, charge: Charge) -> None:
        """Book one operation."""
        with self._lock:
            self._charges.append(replace(charge, reported="nothing") if _silent.get() else charge)

    def buy(self, purchase: Purchase) -> None:
        """Add credits to the balance."""
        with self._lock:
            self._purchases.append(purchase)

    @property
    def purchases(self) -> tuple[Purchase, ...]:
        """Everything bought so far."""
        with self._lock:
            return tuple(self._purchases)

    @property
    def charges(self) -> tuple[Charge, ...]:
        """Everything booked so far."""
        with self._lock:
            return tuple(self._charges)

    @property
    def total(self) -> Decimal:
        """Sum of all charges, exact."""
        return sum((charge.credits for charge in self.charges), Decimal(0))

    def as_json(self) -> dict[str, object]:
        """The answer of `GET /_ledger`: the charges and their total, the purchases, and the balance. Figures are texts;
        the balance takes no notice of expiry.
        """
        charges, purchases = self.charges, self.purchases
        total = sum((charge.credits for charge in charges), Decimal(0))
        bought = sum((purchase.credits for purchase in purchases), Decimal(0))
        return {
            "charges": [charge.as_json() for charge in charges],
            "total": f"{total:f}",
            "purchases": [purchase.as_json() for purchase in purchases],
            "balance": f"{bought - total:f}",
        }
