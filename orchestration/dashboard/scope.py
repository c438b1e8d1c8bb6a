"""What a page is of, the whole version or one customer, and how much its parts may take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

CELL_BYTES = 26
"""What a row of figures takes in the page, roughly: four indexes, credits, operations, estimated credits."""


@dataclass(frozen=True)
class Budget:
    """How much the parts may take: bytes of cells by day, by month and customer, by month and named user, and by day
    and named customer; how many interactions and quotas. What exceeds it is aggregated, by name and with its sum.
    """

    daily: int = 4_500_000
    tenant_months: int = 3_000_000
    user_months: int = 2_200_000
    tenant_days: int = 1_200_000
    interactions: int = 2_000
    quotas: int = 2_000

    def halved(self) -> Budget:
        """The same with half of everything."""
        return Budget(*(value // 2 for value in vars(self).values()))


@dataclass(frozen=True)
class Scope:
    """One version's tables as an open connection. With `tenant` nothing of any other customer is read."""

    connection: duckdb.DuckDBPyConnection
    tables: frozenset[str]
    tenant: str | None = None
    budget: Budget = Budget()

    @property
    def condition(self) -> str:
        """For a `where` over a table with a tenant_id."""
        return "true" if self.tenant is None else "tenant_id = $tenant"

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """All rows of a query; it may refer to `$tenant`."""
        parameters = {"tenant": self.tenant} if "$tenant" in query else None
        return self.connection.execute(query, parameters).fetchall()

    def row(self, query: str) -> tuple[Any, ...]:
        """The one row of an aggregate without groups."""
        return self.rows(query)[0]
