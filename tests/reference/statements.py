"""Statements of months, their closing, and what is corrected after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal

from .charges import Charges, Figures, Of, differences, exact_amount, exactly_added, summed

_CONTEXT = Context(prec=80)
_LINE_TYPES = ("usage", "adjustment", "correction")


@dataclass(frozen=True)
class LineId:
    """What makes a line: no two lines of all statements have the same."""

    month: date
    tenant_id: str
    line_type: str
    usage_month: date
    kind: str | None
    currency: str
    price: Decimal | None
    adjustment_id: str | None

    def is_priced_as(self, other: LineId) -> bool:
        """Whether two lines, on whichever statements, are of the same usage or adjustment at the same price."""
        return replace(self, month=other.month, line_type=other.line_type) == other

    def is_of_the_same(self, other: LineId) -> bool:
        """Whether they are of the same, at whatever price."""
        return replace(self, currency=other.currency, price=other.price).is_priced_as(other)


@dataclass(frozen=True)
class Line:
    """The figures of a line; both amounts are None if there is no rate."""

    figures: Figures
    exact: Decimal | None
    amount: Decimal | None
    places: int | None


@dataclass(frozen=True)
class Statement:
    """A month's charges and lines, of all tenants; `carried` are corrections of closed months.

    Lines are in their order on the statements, all tenants' together.
    """

    charges: Mapping[Of, Figures]
    carried: Mapping[Of, Figures]
    lines: Mapping[LineId, Line]
    corrects: Mapping[LineId, LineId | None]

    def number(self, line: LineId) -> int:
        """The place of a line among its tenant's, from 1."""
        return 1 + [other for other in self.lines if other.tenant_id == line.tenant_id].index(line)


@dataclass
class Books:
    """What has been closed, as it was then."""

    closed: dict[date, Statement] = field(default_factory=dict[date, Statement])

    def statements(self, truth: Charges) -> dict[date, Statement]:
        """The statement of every month that has one, closed or open."""
        carried: dict[date, dict[Of, Figures]] = {}
        for month in self.closed:
            due = carried.setdefault(self._first_open_after(month), {})
            due.update(differences(_of_month(truth, month), self.billed(month)))
        months = {of.month for of in truth} | carried.keys()
        opened = {
            month: _statement(month, _of_month(truth, month), carried.get(month, {}), self.closed)
            for month in months - self.closed.keys()
        }
        return {month: statement for month, statement in {**opened, **self.closed}.items() if statement.lines}

    def billed(self, month: date) -> dict[Of, Figures]:
        """All that closed statements have of a month's usage."""
        every = [charges for statement in self.closed.values() for charges in (statement.charges, statement.carried)]
        return summed((of, figures) for charges in every for of, figures in charges.items() if of.month == month)

    def close(self, month: date, truth: Charges) -> None:
        """Freeze a month as it is now; it must be open."""
        assert month not in self.closed
        self.closed[month] = self.statements(truth)[month]

    def can_reopen(self, month: date) -> bool:
        """Whether no closed statement has corrections of a closed month."""
        carried = {of.month for statement in self.closed.values() for of in statement.carried}
        return month in self.closed and month not in carried

    def reopen(self, month: date) -> None:
        """Let a closed month follow the truth again."""
        assert self.can_reopen(month)
        del self.closed[month]

    def _first_open_after(self, month: date) -> date:
        after = next_month(month)
        while after in self.closed:
            after = next_month(after)
        return after


def next_month(month: date) -> date:
    """The first day of the month after one."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def rounded(exact: list[Decimal], places: int) -> list[Decimal]:
    """Amounts in whole minor units that add up to the half-up total, the largest remainders rounded up first."""
    unit = Decimal(1).scaleb(-places)
    floors = [amount.quantize(unit, ROUND_FLOOR, _CONTEXT) for amount in exact]
    total = exactly_added(exact).quantize(unit, ROUND_HALF_UP, _CONTEXT)
    missing = int(_CONTEXT.divide(_CONTEXT.subtract(total, exactly_added(floors)), unit))
    by_remainder = sorted(range(len(exact)), key=lambda n: (-_CONTEXT.subtract(exact[n], floors[n]), n))
    return [floor + unit if n in by_remainder[:missing] else floor for n, floor in enumerate(floors)]


def _of_month(charges: Charges, month: date) -> dict[Of, Figures]:
    return {of: figures for of, figures in charges.items() if of.month == month}


def _statement(month: date, charges: Charges, carried: Charges, closed: Mapping[date, Statement]) -> Statement:
    groups: dict[LineId, list[tuple[Of, Figures]]] = {}
    own = ((of, figures, "usage" if of.adjustment_id is None else "adjustment") for of, figures in charges.items())
    late = ((of, figures, "correction") for of, figures in carried.items())
    for of, figures, line_type in (*own, *late):
        line = LineId(month, of.tenant_id, line_type, of.month, of.kind, of.currency, of.price, of.adjustment_id)
        groups.setdefault(line, []).append((of, figures))
    lines = {line: _unrounded(parts) for line, parts in groups.items()}
    lines = {line: said for line, said in lines.items() if said.figures.matters}
    taking_back = {line for line, said in lines.items() if _takes_back(line, said, closed)}
    lines = {line: lines[line] for line in sorted(lines, key=lambda line: _order(line, line in taking_back))}
    corrects = {line: _corrected(line, taking_back, closed) for line in lines}
    return Statement(charges, carried, _with_amounts(lines), corrects)


def _order(line: LineId, takes_back: bool) -> tuple[object, ...]:
    """The order of lines: unrated ones last, absent kinds last, a line that takes back before the one that
    replaces it.
    """
    return (
        *(line.price is None, line.currency, _LINE_TYPES.index(line.line_type), line.usage_month),
        *(line.kind is None, line.kind or "", line.adjustment_id or "", not takes_back, line.price or Decimal(0)),
    )


def _takes_back(line: LineId, said: Line, closed: Mapping[date, Statement]) -> bool:
    """Whether a correction lessens what closed statements have billed of the same at the same price."""
    billed = exactly_added(
        statement.lines[other].figures.credits
        for statement in closed.values()
        for other in statement.lines
        if line.is_priced_as(other)
    )
    return line.line_type == "correction" and said.figures.credits * billed < 0


def _corrected(line: LineId, taking_back: set[LineId], closed: Mapping[date, Statement]) -> LineId | None:
    """The closed line that a correction corrects; None if there is none, or the line is not a correction.

    One at the same price, else the one that the same statement takes back, else one in the same currency.
    """

    def rank(other: LineId) -> tuple[object, ...]:
        replaced = any(other.is_priced_as(taken) for taken in taking_back)
        choice = [line.is_priced_as(other), replaced, other.currency == line.currency, True].index(True)
        return choice, other.month, closed[other.month].number(other)

    lines = [other for statement in closed.values() for other in statement.lines if line.is_of_the_same(other)]
    return min(lines, key=rank, default=None) if line.line_type == "correction" else None


def _unrounded(parts: Iterable[tuple[Of, Figures]]) -> Line:
    parts = [*parts]
    total = sum((figures for _, figures in parts), Figures())
    of = parts[0][0]
    return Line(total, exact_amount(of, total.credits), None, of.places)


def _with_amounts(lines: dict[LineId, Line]) -> dict[LineId, Line]:
    """Round per tenant and currency; the lines come in order."""
    done = dict(lines)
    for tenant, currency in {(line.tenant_id, line.currency) for line in lines if line.price is not None}:
        ids = [line for line in lines if (line.tenant_id, line.currency) == (tenant, currency)]
        exact = [_present(lines[line].exact) for line in ids]
        for line, amount in zip(ids, rounded(exact, int(_present(lines[ids[0]].places))), strict=True):
            done[line] = replace(lines[line], amount=amount)
    return done


def _present(value: Decimal | int | None) -> Decimal:
    assert value is not None
    return Decimal(value)
