"""A period and the one before it: the figures of both from SQL, and how the page must show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from urllib.parse import urlencode

import duckdb
from playwright.sync_api import Browser

from bench.dashboard_tables import make_tables
from orchestration.dashboard.design import html
from orchestration.dashboard.page_data import VersionStamp, as_json, figures
from orchestration.dashboard.scope import Budget, Scope
from tests.dashboard.viewing import Selection, Viewed, rows_of

MADE = VersionStamp("two-years", "2026-11-01T00:00:00+00:00")
FIRST_DAY = date(2024, 5, 15)
"""Of the tables of two years and a half: no period here, nor one before it, begins earlier."""


@dataclass(frozen=True)
class Compared:
    """A selection, and the period before it, written out: what the page makes of the dates is not asked of the page."""

    now: Selection
    before: Selection

    @property
    def address(self) -> str:
        """The selection as the page's address has it."""
        asked = {"from": self.now.first, "to": self.now.last}
        members = {"tenant": self.now.tenant, "user": self.now.user, "kind": self.now.kind}
        return "#" + urlencode(asked | {name: value for name, value in members.items() if value is not None})


def compared(now: str, before: str, **members: str) -> Compared:
    """Of two periods such as `2026-07-01 2026-07-31`, with the customer, user or kind that is chosen."""
    first, last, first_before, last_before = map(date.fromisoformat, f"{now} {before}".split())
    assert first_before >= FIRST_DAY
    return Compared(Selection(first, last, **members), Selection(first_before, last_before, **members))


@dataclass(frozen=True)
class Shown:
    """A page in a browser, and the tables that it was made from."""

    viewed: Viewed
    database: Path

    def sums(self, chosen: Compared, by: str) -> dict[object, tuple[Decimal, Decimal]]:
        """Credits of the period and of the one before, by a column or expression."""
        now, values = chosen.now.where()
        before, others = chosen.before.where()
        rows = rows_of(
            self.database,
            f"""
            with periods as (
                select {by} as member, credits, 0 as credits_before from marts.agg_credits_daily where {now}
                union all
                select {by}, 0, credits from marts.agg_credits_daily where {before}
            )
            select member, sum(credits), sum(credits_before) from periods group by member order by 2 desc, 1
            """,
            *values,
            *others,
        )
        return {member: (credits, earlier) for member, credits, earlier in rows}

    def pieces(self, selection: Selection, step: str, kind: str | None = None) -> list[Decimal]:
        """Credits of each day, week from the first day, or calendar month of a period."""
        place = {
            "day": "reporting_date - $first",
            "week": "(reporting_date - $first) // 7",
            "month": "datediff('month', $first, reporting_date)",
        }[step].replace("$first", f"date '{selection.first}'")
        where, values = Selection(**{**vars(selection), "kind": kind or selection.kind}).where()
        found = dict(
            rows_of(
                self.database,
                f"select {place}, sum(credits) from marts.agg_credits_daily where {where} group by 1",
                *values,
            )
        )
        days = (selection.last - selection.first).days + 1
        months = (selection.last.year - selection.first.year) * 12 + selection.last.month - selection.first.month + 1
        count = {"day": days, "week": -(-days // 7), "month": months}[step]
        return [found.get(n, Decimal(0)) for n in range(count)]


def two_years(folder: Path, browser: Browser, *, by_month: bool = False) -> Shown:
    """A page of two and a half years, by day, or by month as for a large version."""
    database, page = folder / "credits.duckdb", folder / "page.html"
    make_tables(database, tenants=6, users=24, days=900, operations=12_000)
    budget = Budget(daily=0) if by_month else Budget()
    with duckdb.connect(str(database), read_only=True) as connection:
        names = connection.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
        scope = Scope(connection, frozenset(name for (name,) in names), budget=budget)
        page.write_bytes(html(as_json(figures(scope, MADE))).encode())
    viewed = Viewed(browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB"), page)
    viewed.go("")
    return Shown(viewed, database)


def share(part: Decimal, whole: Decimal) -> str:
    """A share as the page says it."""
    thousandths = (part * 1000 / whole).quantize(Decimal(1), ROUND_HALF_UP)
    if part and thousandths == 0:
        return "<0.1 %"
    if thousandths == 1000:
        return "100 %" if part == whole else ">99.9 %"
    return f"{thousandths / 10:.1f} %"


def change(now: Decimal, before: Decimal) -> str:
    """A change on a period with credits, as the page says it."""
    thousandths = ((now - before) * 1000 / before).quantize(Decimal(1), ROUND_HALF_UP)
    if abs(thousandths) >= 10_000:
        return "× 999+" if thousandths >= 1_000_000 else f"× {(now / before).quantize(Decimal(1), ROUND_HALF_UP)}"
    sign = "" if thousandths == 0 else "+" if thousandths > 0 else "−"
    if abs(thousandths) >= 1000:
        return f"{sign}{(abs(thousandths) / 10).quantize(Decimal(1), ROUND_HALF_UP)} %"
    return f"{sign}{abs(thousandths) / 10:.1f} %"
