"""The amount of each day's credits in money, before anything is rounded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal, localcontext

from .billing_files import MINOR_PLACES, Billing, Rate
from .facts import Fact
from .records import PLACES

UNRATED = "(unrated)"
_EXACT = Context(prec=80)


@dataclass(frozen=True)
class Figures:
    """What adds up: credits, of them the estimated, read and fallback parts, and operations."""

    credits: Decimal = Decimal(0)
    operations: int = 0
    estimated: Decimal = Decimal(0)
    read: Decimal = Decimal(0)
    fallback: Decimal = Decimal(0)

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            *(self.credits + other.credits, self.operations + other.operations, self.estimated + other.estimated),
            *(self.read + other.read, self.fallback + other.fallback),
        )

    @property
    def matters(self) -> bool:
        """Whether anything is charged or counted."""
        return self.credits != 0 or self.operations != 0

    def __neg__(self) -> Figures:
        return Figures(-self.credits, -self.operations, -self.estimated, -self.read, -self.fallback)


@dataclass(frozen=True)
class Of:
    """What a charge is of: a day of an account's, tenant's and kind's usage at one price, or an adjustment."""

    tenant_id: str
    day: date
    usage_date: date
    environment: str | None
    corti_tenant: str | None
    kind: str | None
    adjustment_id: str | None
    currency: str
    price: Decimal | None

    @property
    def month(self) -> date:
        """The month of usage, or of the adjustment's effective date."""
        return self.day.replace(day=1)

    @property
    def places(self) -> int | None:
        """Decimals of the currency; None if there is no rate."""
        return None if self.price is None else MINOR_PLACES[self.currency]


Charges = Mapping[Of, Figures]


def exact_amount(of: Of, credits: Decimal) -> Decimal | None:
    """Credits times price, exactly; None if there is no rate."""
    return None if of.price is None else _EXACT.multiply(credits, of.price)


def exactly_added(values: Iterable[Decimal]) -> Decimal:
    """A sum without rounding."""
    with localcontext(_EXACT):
        return sum(values, Decimal(0))


def summed(pairs: Iterable[tuple[Of, Figures]]) -> dict[Of, Figures]:
    """Figures added by what they are of."""
    total: dict[Of, Figures] = {}
    for of, figures in pairs:
        total[of] = total.get(of, Figures()) + figures
    return total


def differences(now: Charges, before: Charges) -> dict[Of, Figures]:
    """What has come since, less what is there no more; without what is the same."""
    changed = summed([*now.items(), *((of, -figures) for of, figures in before.items())])
    return {of: figures for of, figures in changed.items() if figures.matters}


def all_charges(facts: Iterable[Fact], billing: Billing) -> dict[Of, Figures]:
    """Every charge of the usage and of the adjustments, at the prices that hold by what has landed."""
    return summed([*_of_usage(facts, billing), *_of_adjustments(billing)])


def each_at_its_price(facts: Iterable[Fact], billing: Billing) -> Counter[tuple[Of, Decimal, Decimal | None]]:
    """Every operation and adjustment with its credits and exact amount, and how many are alike."""
    priced = [*_of_usage(facts, billing), *_of_adjustments(billing)]
    return Counter((of, figures.credits, exact_amount(of, figures.credits)) for of, figures in priced)


def figures(fact: Fact) -> Figures:
    """What one operation adds."""
    zero = Decimal(0).quantize(PLACES)
    return Figures(
        credits=fact.credits,
        operations=1,
        estimated=fact.credits if fact.is_estimate else zero,
        read=fact.credits if fact.source == "read" else zero,
        fallback=fact.credits if fact.user_source == "corti" else zero,
    )


def _of_usage(facts: Iterable[Fact], billing: Billing) -> Iterator[tuple[Of, Figures]]:
    for fact in facts:
        rate = billing.rate(fact.tenant_id, fact.kind, fact.occurred_at)
        account = (fact.environment, fact.corti_tenant)
        of = Of(fact.tenant_id, fact.reporting_date, fact.usage_date, *account, fact.kind, None, *_priced(rate))
        yield of, figures(fact)


def _of_adjustments(billing: Billing) -> Iterator[tuple[Of, Figures]]:
    for adjustment in billing.adjustments:
        rate = billing.rate(adjustment.tenant_id, None, billing.begins_at(adjustment))
        on = adjustment.effective_date
        yield (
            Of(adjustment.tenant_id, on, on, None, None, None, adjustment.id, *_priced(rate)),
            Figures(adjustment.credits),
        )


def _priced(rate: Rate | None) -> tuple[str, Decimal | None]:
    return (UNRATED, None) if rate is None else (rate.currency, rate.price)
