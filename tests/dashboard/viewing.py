"""What tests see of a page in a browser, and what SQL says of the tables that it was made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from playwright.sync_api import BrowserContext, Page

from ingest.settings import Settings


@dataclass(frozen=True)
class Published:
    """The published version of a home."""

    settings: Settings

    @property
    def current(self) -> Path:
        return (self.settings.published / "current").resolve()

    @property
    def database(self) -> Path:
        return self.current / "credits.duckdb"

    @property
    def page(self) -> Path:
        return self.current / "dashboard.html"

    def sql(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """The rows of a query over the published tables."""
        return rows_of(self.database, query, *parameters)


def rows_of(database: Path, query: str, *parameters: object) -> list[tuple[Any, ...]]:
    """The rows of a query over a version's tables."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query, list(parameters)).fetchall()


@dataclass
class Viewed:
    """A page in a browser that is offline; notes every request and every complaint. What a phone folds is shown, unless
    `folded`.
    """

    context: BrowserContext
    file: Path
    folded: bool = False
    complaints: list[str] = field(default_factory=list)
    requests: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.context.set_offline(True)
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda said: self.complaints.append(f"{said.type}: {said.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda asked: self.requests.add(asked.url.partition("#")[0]))

    def go(self, address: str) -> None:
        """Load the page with this selection in its address."""
        self.page.goto("about:blank")
        self.page.goto(self.file.as_uri() + address)
        if not self.folded:
            self.page.locator(".unfold:visible").evaluate_all("all => all.forEach(button => button.click())")

    def choose(self, address: str) -> None:
        """Change the selection in the address of the loaded page, and wait until it is drawn."""
        self.page.evaluate(
            """address => new Promise(drawn => {
                if (location.hash === address) return drawn();
                addEventListener('hashchange', () => setTimeout(drawn), {once: true});
                location.hash = address;
            })""",
            address,
        )

    def exact(self, selector: str) -> str:
        """The figure of an element, with all its places."""
        return self.page.locator(selector).get_attribute("data-exact") or ""

    def credits(self, selector: str) -> Decimal:
        """The same as a decimal."""
        return Decimal(self.exact(selector))

    def table(self, selector: str) -> dict[str, Decimal]:
        """Ids (or names, if there are none) and credits of a table's rows, in their order."""
        rows = self.page.locator(f"{selector} tbody tr").evaluate_all(
            """rows => rows.map(row => {
                const id = row.querySelector('[data-id]')?.dataset.id
                    ?? row.querySelector('[data-interaction]')?.dataset.interaction
                    ?? row.querySelector('.name, th').textContent;
                return [id, row.querySelector('[data-exact]').dataset.exact];
            })"""
        )
        return {name: Decimal(value) for name, value in rows}

    def text(self, selector: str) -> str:
        """All text of an element."""
        return self.page.locator(selector).text_content() or ""


@dataclass(frozen=True)
class Selection:
    """A selection as an address and as a condition on `agg_credits_daily`."""

    first: date
    last: date
    tenant: str | None = None
    user: str | None = None
    kind: str | None = None

    @property
    def before(self) -> Selection:
        """As many days before."""
        days = self.last - self.first
        return Selection(
            date.fromordinal(self.first.toordinal() - days.days - 1),
            date.fromordinal(self.first.toordinal() - 1),
            self.tenant,
            self.user,
            self.kind,
        )

    def where(self, day: str = "reporting_date") -> tuple[str, list[object]]:
        """A condition and its parameters."""
        conditions = [f"{day} between ? and ?"]
        values: list[object] = [self.first, self.last]
        for column, value in (("tenant_id", self.tenant), ("user_id", self.user), ("kind", self.kind)):
            if value is not None:
                conditions.append(f"{column} = ?")
                values.append(value)
        return " and ".join(conditions), values
