"""What the published version holds and a new one would lack: files that are gone from landing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ingest.errors import PublishError
from orchestration.balances import Totals

if TYPE_CHECKING:
    import duckdb


def refuse_loss(connection: duckdb.DuckDBPyConnection, previous: Mapping[str, Any] | None, totals: Totals) -> None:
    """Hold the totals against the manifest of the published version.

    Raises:
        PublishError: operations, or the word of a month's closing, are gone.
    """
    if previous is None:
        return
    published = int(previous["totals"]["operations"])
    if totals.operations < published:
        raise PublishError(
            f"not published: {totals.operations} operations are left of the {published} that the published version "
            "holds; put the missing files back below landing/, or delete published/current if they are meant to go."
        )
    told = {
        row[0] for row in connection.execute("select strftime(month_start, '%Y-%m') from raw.period_events").fetchall()
    }
    if lost := sorted({*previous["totals"].get("closed_months", ())} - told):
        raise PublishError(
            f"not published: {', '.join(lost)} is closed in the published version, and nothing says so below "
            "landing/billing/periods/ any more; put the missing files back from a backup."
        )
