"""Compares a home's published money and limits with the reference, as mappings, so that a difference shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.end_to_end.comparing import Tables
from tests.end_to_end.driving import Warehouse
from tests.reference.billing_files import Billing, read_billing
from tests.reference.charges import UNRATED, Charges, Figures, Of, all_charges, each_at_its_price, exactly_added
from tests.reference.model import Expected
from tests.reference.quotas import QuotaKey, consumption
from tests.reference.ranking import ranking
from tests.reference.statements import Books, Line, LineId, Statement

Row = tuple[Any, ...]
_FIGURES = ("credits", "operations", "estimated_credits", "read_credits", "fallback_credits")
_LINE = (
    "month_start",
    "tenant_id",
    "line_type",
    "usage_month",
    "kind",
    "currency",
    "price_per_credit",
    "adjustment_id",
)
_PARTS = ("usage", "adjustment", "correction")


def truth(home: Path, found: Expected) -> tuple[Charges, Billing]:
    """All charges of a home, closed or not, and what they are made of."""
    billing = read_billing(home / "landing")
    return all_charges(found.fact, billing), billing


def expected_money(found: Expected, charges: Charges, billing: Billing, books: Books) -> Tables:
    """What the reference makes of a home and of what was closed in it."""
    statements = books.statements(charges)
    lines = {
        line: (figures, statements[month]) for month in statements for line, figures in statements[month].lines.items()
    }
    return {
        "lines": {line: _line(line, figures, books, statement) for line, (figures, statement) in lines.items()},
        "statements": _summed(lines, books),
        "charges": each_at_its_price(found.fact, billing),
        "quotas": {
            key: tuple(vars(used).values())
            for key, used in consumption(found.fact, billing.quotas, found.dim_tenants).items()
        },
        "ranking": {key: tuple(vars(place).values()) for key, place in ranking(found.fact).items()},
    }


def _charges(warehouse: Warehouse) -> Counter[tuple[Of, Decimal, Decimal | None]]:
    rows = warehouse.table(
        "fct_credit_charges",
        (
            *("tenant_id", "reporting_date", "usage_date", "environment", "corti_tenant"),
            *("case when charge_type = 'usage' then kind end", "adjustment_id", "currency", "price_per_credit"),
            *("credits", "amount"),
        ),
    )
    return Counter((Of(*row[:9]), row[9], row[10]) for row in rows)


def published_money(warehouse: Warehouse) -> Tables:
    """The same, as the published version has it."""
    columns = ("line_key", *_LINE, *_FIGURES, "exact_amount", "amount", "currency_decimals")
    rows = warehouse.table(
        "mart_tenant_statement_lines", (*columns, "corrects_line_key", "period_status", "line_number")
    )
    by_key = {row[0]: LineId(*row[1 : 1 + len(_LINE)]) for row in rows}
    assert len(by_key) == len(rows)
    return {
        "charges": _charges(warehouse),
        "lines": {
            by_key[row[0]]: (*row[1 + len(_LINE) : -3], by_key.get(row[-3]) if row[-3] else None, *row[-2:])
            for row in rows
        },
        "statements": _by(
            3,
            warehouse.table(
                "mart_tenant_statements",
                (
                    *("month_start", "tenant_id", "currency", "rate_status", "period_status"),
                    *("credits", "adjustment_credits", "correction_credits", *_FIGURES[2:]),
                    *("usage_amount", "adjustment_amount", "correction_amount", "amount"),
                    *("currency_decimals", "lines"),
                ),
            ),
        ),
        "quotas": {
            QuotaKey(*row[:5]): row[5:]
            for row in warehouse.table(
                "mart_quota_consumption",
                (
                    *("tenant_id", "user_id", "kind", "period", "period_start", "period_end", "last_day"),
                    *(
                        "is_current",
                        "as_of_date",
                        "allowance_credits",
                        "warn_at",
                        "used_credits",
                        "estimated_credits",
                        "read_credits",
                    ),
                    *("fallback_credits", "remaining_credits", "used_share", "status", "credits_per_day"),
                    "projected_credits",
                ),
            )
        },
        "ranking": _by(
            4,
            warehouse.table(
                "mart_user_ranking",
                (
                    *("period", "period_start", "entity_type", "entity_id", "credits", "estimated_credits"),
                    *("read_credits", "fallback_credits", "share", "credits_period_before", "credits_change"),
                    *("rank_in_period", "cumulative_share", "is_in_top_80_percent", "entities_in_top_80_percent"),
                    "entities_in_period",
                ),
            ),
        ),
    }


def closed_statements(warehouse: Warehouse, months: Iterable[date]) -> dict[tuple[str, date], list[Row]]:
    """All that is published of those months' closed statements, by table and month: nothing of it may ever change."""
    tables = ("mart_tenant_statements", "mart_tenant_statement_lines")
    found = {
        (table, month): warehouse.table(table, where=f"period_status = 'closed' and month_start = date '{month}'")
        for table in tables
        for month in months
    }
    return {key: rows for key, rows in found.items() if rows}


def sum_of_focus(warehouse: Warehouse) -> dict[Row, Row]:
    """Credits, cost and operations of usage and adjustments that are exported, by month of the statement, customer and currency."""
    columns = ("BillingPeriodStart::date", "coalesce(SubAccountId, '(unmapped)')", "BillingCurrency")
    figures = ("PricingQuantity", "ListCost", "x_Operations")
    return _summed_by(3, warehouse.table("focus_cost_and_usage", (*columns, *figures), "x_PurchaseId is null"))


def sum_of_rated_lines(warehouse: Warehouse) -> dict[Row, Row]:
    """The same, as the statements have it."""
    columns = ("month_start", "tenant_id", "currency", "credits", "exact_amount", "operations")
    return _summed_by(3, warehouse.table("mart_tenant_statement_lines", columns, "rate_status = 'rated'"))


def unbalanced(warehouse: Warehouse) -> list[Row]:
    """Months and tenants whose statements, of all months, don't hold exactly their usage and adjustments."""
    stated = warehouse.table("mart_tenant_statement_lines", ("usage_month", "tenant_id", "adjustment_id", "credits"))
    used = warehouse.table(
        "fct_credit_usage", ("cast(date_trunc('month', reporting_date) as date)", "tenant_id", "null", "credits")
    )
    adjusted = warehouse.inside(
        "select cast(date_trunc('month', effective_date) as date), tenant_id, adjustment_id, credits"
        " from staging.stg_adjustments"
    )
    sums: dict[Row, Decimal] = {}
    for rows, sign in ((stated, 1), (used, -1), (adjusted, -1)):
        for month, tenant, adjustment, credits in rows:
            key = (month, tenant, adjustment)
            sums[key] = sums.get(key, Decimal(0)) + sign * credits
    return [(*key, difference) for key, difference in sums.items() if difference]


def _line(line: LineId, said: Line, books: Books, statement: Statement) -> Row:
    status = "closed" if line.month in books.closed else "open"
    figures = (*vars(said.figures).values(), said.exact, said.amount, said.places)
    return (*figures, statement.corrects[line], status, statement.number(line))


def _summed(lines: Mapping[LineId, tuple[Line, Statement]], books: Books) -> dict[tuple[date, str, str], Row]:
    groups: dict[tuple[date, str, str], list[tuple[LineId, Line]]] = {}
    for line, (said, _) in lines.items():
        groups.setdefault((line.month, line.tenant_id, line.currency), []).append((line, said))
    return {key: _statement(key, of_it, books) for key, of_it in groups.items()}


def _statement(key: tuple[date, str, str], lines: list[tuple[LineId, Line]], books: Books) -> Row:
    month, _, currency = key
    parts = [[said for line, said in lines if line.line_type == part] for part in _PARTS]
    everything = [said for _, said in lines]
    total = sum((said.figures for said in everything), Figures())
    amounts = [exactly_added(said.amount or Decimal(0) for said in part) for part in (*parts, everything)]
    rated = currency != UNRATED
    return (
        *("rated" if rated else "unrated", "closed" if month in books.closed else "open"),
        *(exactly_added(said.figures.credits for said in part) for part in parts),
        *(total.estimated, total.read, total.fallback),
        *(amounts if rated else [None] * len(amounts)),
        *(everything[0].places, len(everything)),
    )


def _summed_by(width: int, rows: Iterable[Row]) -> dict[Row, Row]:
    sums: dict[Row, list[Decimal]] = {}
    for row in rows:
        before = sums.setdefault(row[:width], [Decimal(0)] * (len(row) - width))
        sums[row[:width]] = [exactly_added(pair) for pair in zip(before, map(Decimal, row[width:]), strict=True)]
    return {key: tuple(values) for key, values in sums.items() if any(values)}


def _by(width: int, rows: Iterable[Row]) -> dict[Row, Row]:
    return {row[:width]: row[width:] for row in rows}
