"""A statement in words: every text and figure of the printed page, before it becomes HTML or PDF."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from orchestration.statements.letterhead import PLAIN, Letterhead
from orchestration.statements.statement import UNRATED, CurrencyTotal, Statement, StatementLine
from orchestration.statements.wording import (
    amount,
    day_name,
    days_of,
    figure,
    moment_name,
    month_name,
    places_needed,
    plain_figure,
    price,
    share,
    strip_control_characters,
)

_GROUPS = (("usage", "Usage"), ("adjustment", "Adjustments"), ("correction", "Corrections of earlier months"))
_SHORT = 60
_BASES = (
    ("estimated_credits", "Estimated", "the last running total of a connection that never reported its usage"),
    ("read_credits", "Read later", "a figure that was read from Corti after the call, not in its own response"),
    ("fallback_credits", "Attributed by fallback", "the user was known only from Corti's own assignment"),
    ("derived_credits", "Derived", "the call reported only its tokens; its credits are those at their price"),
)


@dataclass(frozen=True)
class Row:
    """One printed line. Values that it lacks are empty texts."""

    number: str
    text: str
    note: str
    operations: str
    credits: str
    price: str
    amount: str


@dataclass(frozen=True)
class Group:
    """The lines of one type, with their sum if the statement has other types too."""

    title: str
    rows: tuple[Row, ...]
    credits: str
    amount: str


@dataclass(frozen=True)
class Part:
    """All lines of one currency, or all without a rate; `total` is empty for these."""

    title: str
    is_rated: bool
    currency: str
    groups: tuple[Group, ...]
    credits: str
    total: str


@dataclass(frozen=True)
class Basis:
    """How many of the credits are less certain than those from the response to the call."""

    name: str
    meaning: str
    credits: str
    share: str


@dataclass(frozen=True)
class Page:
    """The whole statement in words. `short_name` fits in a line; `used` are all credits except those of adjustments.
    `logo_uri` holds the image itself. What the letterhead lacks is empty.
    """

    issuer: str
    address: tuple[str, ...]
    logo_uri: str
    number: str
    due: str
    text: tuple[str, ...]

    tenant_name: str
    short_name: str
    tenant_id: str
    month: str
    days: str
    is_closed: bool
    closed_at: str
    statement_hash: str
    parts: tuple[Part, ...]
    used: str
    bases: tuple[Basis, ...]


def page_of(statement: Statement, letterhead: Letterhead = PLAIN) -> Page:
    """Put a statement into words, below a letterhead."""
    used = sum((line.credits for line in statement.lines if line.adjustment_id is None), Decimal(0))
    sums = {name: sum((getattr(line, name) for line in statement.lines), Decimal(0)) for name, _, _ in _BASES}
    name = strip_control_characters(statement.tenant_name or "") or strip_control_characters(statement.tenant_id)
    due = letterhead.due(statement.closed_at.date()) if statement.is_closed and statement.closed_at else None
    return Page(
        issuer=strip_control_characters(letterhead.issuer),
        address=tuple(map(strip_control_characters, letterhead.address)),
        logo_uri=letterhead.logo_uri,
        number=strip_control_characters(letterhead.number_of(statement.month, statement.tenant_id)),
        due=day_name(due) if due else "",
        text=tuple(map(strip_control_characters, letterhead.text.splitlines())),
        tenant_name=name,
        short_name=name if len(name) <= _SHORT else f"{name[:_SHORT]}\u2026",
        tenant_id=strip_control_characters(statement.tenant_id),
        month=month_name(statement.month),
        days=days_of(statement.month),
        is_closed=statement.is_closed,
        closed_at=moment_name(statement.closed_at) if statement.is_closed and statement.closed_at else "",
        statement_hash=statement.statement_hash or "" if statement.is_closed else "",
        parts=tuple(_part(statement, total, letterhead) for total in statement.totals),
        used=plain_figure(used),
        bases=tuple(
            _basis(title, meaning, sums[name], used)
            for name, title, meaning in _BASES
            if any(getattr(line, name) for line in statement.lines)
        ),
    )


def _basis(title: str, meaning: str, credits: Decimal, used: Decimal) -> Basis:
    # Corrections may take back more credits of this sort than the month adds; then a share has no meaning.
    if credits * used < 0:
        return Basis(title, f"{meaning}; more of it on earlier statements was replaced", plain_figure(credits), "")
    return Basis(title, meaning, plain_figure(credits), share(credits, used))


def _part(statement: Statement, total: CurrencyTotal, letterhead: Letterhead) -> Part:
    lines = statement.lines_in(total.currency)
    is_rated = total.rate_status != UNRATED
    places = places_needed(line.credits for line in lines)
    decimals = total.currency_decimals or 0
    amounts = {
        "usage": total.usage_amount,
        "adjustment": total.adjustment_amount,
        "correction": total.correction_amount,
    }
    groups = []
    for line_type, title in _GROUPS:
        mine = [line for line in lines if line.line_type == line_type]
        if mine:
            of_type = amounts[line_type]
            groups.append(
                Group(
                    title,
                    tuple(_row(line, places, letterhead) for line in mine),
                    figure(sum((line.credits for line in mine), Decimal(0)), places),
                    amount(of_type, decimals) if of_type is not None else "",
                )
            )
    return Part(
        title=f"In {total.currency}" if is_rated else "Without a price",
        is_rated=is_rated,
        currency=total.currency,
        groups=tuple(groups),
        credits=figure(sum((line.credits for line in lines), Decimal(0)), places),
        total=amount(total.amount, decimals) if total.amount is not None else "",
    )


def _row(line: StatementLine, places: int, letterhead: Letterhead) -> Row:
    decimals = line.currency_decimals or 0
    return Row(
        number=str(line.line_number),
        text=_text(line, letterhead),
        note="; ".join(_notes(line)),
        operations=f"{line.operations:,d}" if line.operations is not None and line.adjustment_id is None else "",
        credits=figure(line.credits, places),
        price=price(line.price_per_credit, decimals) if line.price_per_credit is not None else "",
        amount=amount(line.amount, decimals) if line.amount is not None else "",
    )


def _text(line: StatementLine, letterhead: Letterhead) -> str:
    said = (
        strip_control_characters(line.reason or "adjustment")
        if line.adjustment_id is not None
        else strip_control_characters(letterhead.kind_name(line.kind) if line.kind else "All kinds")
    )
    return f"{month_name(line.usage_month)}: {said}" if line.line_type == "correction" else said


def _notes(line: StatementLine) -> list[str]:
    notes = []
    if line.line_type == "correction":
        notes.append(_corrected(line))
    if line.adjustment_id is not None:
        notes.append(f"adjustment {strip_control_characters(line.adjustment_id)}")
    bases = ((getattr(line, name), title.lower()) for name, title, _ in _BASES)
    if weaker := [f"{plain_figure(credits)} {title}" for credits, title in bases if credits]:
        notes.append(f"including {', '.join(weaker)}")
    return notes


def _corrected(line: StatementLine) -> str:
    if line.corrects_statement_month is None:
        return f"not on the statement of {month_name(line.usage_month)}"
    said = f"corrects line {line.corrects_line_number} of {month_name(line.corrects_statement_month)}"
    if (line.currency, line.price_per_credit) == (line.corrects_currency, line.corrects_price_per_credit):
        return said
    if line.corrects_price_per_credit is None:
        return f"{said}, which had no price"
    return f"{said}, at another price" if line.price_per_credit is not None else f"{said}, now without a price"
