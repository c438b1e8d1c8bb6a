"""How long a version's statements about the present are valid: which users and tenants are current, and who
is silent.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def next_change(connection: duckdb.DuckDBPyConnection) -> str | None:
    """When the next window of a user or tenant begins or ends, or the next sign of life of a source is due, as naive
    UTC in ISO 8601; None if neither comes.

    `connection` has the marts attached as `marts`. A change since they were built counts as well; then the time is
    past.
    """
    row = connection.execute(
        """
        with windows as (
            select valid_from, valid_to, is_current from marts.marts.dim_users
            union all
            select valid_from, valid_to, is_current from marts.marts.dim_tenants
        )

        select least(
            (
                select min(case when is_current then valid_to else valid_from end)
                from windows
                where is_current or valid_to is null or valid_to > $now
            ),
            (select min(state_until) from marts.marts.mart_capture_sources)
        )
        """,
        {"now": datetime.now(UTC).replace(tzinfo=None)},
    ).fetchone()
    return row[0].isoformat() if row and row[0] else None


def has_changed(current_until: object) -> bool:
    """Whether that time, as given in a manifest, has passed."""
    return isinstance(current_until, str) and datetime.fromisoformat(current_until) <= datetime.now(UTC).replace(
        tzinfo=None
    )
