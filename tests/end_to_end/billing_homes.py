"""Homes with rates, adjustments and months to close, and what their statements say."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from orchestration.change_detection import has_news
from orchestration.commands.periods import _built_databases
from orchestration.models.building import models_fingerprint
from orchestration.periods.closing import close_month, reopen_month
from orchestration.periods.rules import refuse_closing, refuse_reopening
from orchestration.publish.publishing import holds_all
from tests.end_to_end.driving import Row, Warehouse

LINE = ("month_start", "tenant_id", "line_type", "usage_month", "kind", "currency", "credits", "amount")
MARCH, APRIL, MAY = date(2025, 3, 1), date(2025, 4, 1), date(2025, 5, 1)


def rates(warehouse: Warehouse, name: str, *rows: str) -> None:
    """Deliver a dated rates export: lines of tenant, kind, price, currency, start and end."""
    header = "tenantId,kind,pricePerCredit,currency,validFrom,validTo\n"
    warehouse.deliver(f"billing/rates/{name}.csv", header + "".join(f"{row}\n" for row in rows))


def adjustments(warehouse: Warehouse, name: str, *rows: str) -> None:
    """Deliver an adjustments file: lines of id, tenant, credits and date."""
    header = "adjustmentId,tenantId,credits,effectiveDate,reason\n"
    warehouse.deliver(f"billing/adjustments/{name}.csv", header + "".join(f"{row},goodwill\n" for row in rows))


def used(resource: str, day: str, credits: str, tenant: str | None = "t1", **more: object) -> Row:
    """One usage record of a customer at noon UTC of a day."""
    owner = {"tenantId": tenant} if tenant else {}
    return {"id": resource, "kind": "facts", "credits": credits, "createdAt": f"{day}T12:00:00Z", **owner, **more}


def lines(warehouse: Warehouse, where: str = "true", columns: tuple[str, ...] = LINE) -> list[tuple[Any, ...]]:
    """Published statement lines."""
    return warehouse.table("mart_tenant_statement_lines", columns, where)


def run_if_needed(warehouse: Warehouse) -> None:
    """As `credits run` does: nothing if the published version has everything."""
    if has_news(warehouse.settings):
        warehouse.land()
        if not holds_all(warehouse.settings, models_fingerprint()):
            warehouse.build()
            warehouse.publish()


def freeze(warehouse: Warehouse, month: date, by: str = "anna") -> Path:
    """What `credits close` does between its two runs."""
    with _built_databases(warehouse.settings, "a test") as connection:
        now = datetime.now(UTC)
        refuse_closing(connection, "marts.marts", month, now)
        return close_month(connection, warehouse.settings.landing, month, by, now)


def close(warehouse: Warehouse, month: date, by: str = "anna") -> Path:
    """Close a month, with the runs before and after."""
    run_if_needed(warehouse)
    event = freeze(warehouse, month, by)
    warehouse.run()
    return event


def reopen(warehouse: Warehouse, month: date) -> Path:
    """Reopen a month, with the runs before and after."""
    run_if_needed(warehouse)
    with _built_databases(warehouse.settings, "a test") as connection:
        refuse_reopening(connection, "marts.marts", month)
        event = reopen_month(
            connection, warehouse.settings.landing, month, "ben", "a rate was wrong", datetime.now(UTC)
        )
    warehouse.run()
    return event


def three_months(warehouse: Warehouse) -> None:
    """Usage of t1 in March, April and May, half a euro each; an adjustment of March."""
    rates(warehouse, "rates", ",,0.5,EUR,2024-01-01,")
    adjustments(warehouse, "notes", "adj-1,t1,-1,2025-03-15")
    warehouse.usage(
        "a.jsonl",
        used("x1", "2025-03-10", "3", tenant=None, userId="u1"),
        used("x2", "2025-03-11", "2", status="estimate"),
        used("x3", "2025-04-10", "1"),
        used("x4", "2025-05-10", "7"),
    )
    warehouse.deliver("mappings/users/users-2025-01-01.csv", "userId,tenantId\nu1,t1\n")
    warehouse.deliver("mappings/tenants/tenants-2025-01-01.csv", "tenantId,name\nt1,North\nt2,South\n")
