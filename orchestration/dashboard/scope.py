"""What a page covers, the whole version or one customer, and how large its parts may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from orchestration.dashboard.kept_months import KeptMonths

CELL_BYTES = 26
"""The approximate size of a row in the page: four indexes, credits, operations, estimated credits."""


@dataclass(frozen=True)
class Budget:
    """How large the parts may be: bytes of cells by day, by month and customer, by month and named user, by day and
    named customer, of amounts, and of dimensions; and the number of interactions and quotas. Whatever exceeds it is
    summed.
    """

    daily: int = 4_500_000
    tenant_months: int = 3_000_000
    user_months: int = 2_200_000
    tenant_days: int = 1_200_000
    costs: int = 1_500_000
    dimensions: int = 600_000
    interactions: int = 2_000
    quotas: int = 2_000

    def halved(self) -> Budget:
        """A budget with half of everything."""
        return Budget(*(value // 2 for value in vars(self).values()))


@dataclass(frozen=True)
class Scope:
    """The tables of one version as an open connection. With `tenant` no row of any other customer is read. `kept` is
    what earlier pages for everything have kept of its months, if it may be used.
    """

    connection: duckdb.DuckDBPyConnection
    tables: frozenset[str]
    tenant: str | None = None
    budget: Budget = Budget()
    kept: KeptMonths | None = None

    @property
    def condition(self) -> str:
        """The condition for a `where` over a table with a tenant_id."""
        return "true" if self.tenant is None else "tenant_id = $tenant"

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """All rows of a query; it may refer to `$tenant`."""
        return self.connection.execute(query, self._parameters(query)).fetchall()

    def row(self, query: str) -> tuple[Any, ...]:
        """The single row of an aggregate without groups."""
        return self.rows(query)[0]

    def table(self, query: str) -> pa.Table:
        """All rows of a query, in its order; it may refer to `$tenant`."""
        return self.connection.sql(query, params=self._parameters(query)).to_arrow_table()

    def _parameters(self, query: str) -> dict[str, str | None] | None:
        return {"tenant": self.tenant} if "$tenant" in query else None
