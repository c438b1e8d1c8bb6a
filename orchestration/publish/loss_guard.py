"""The data-loss guard: refuses a version that lacks what the published one has, because files in landing are gone or
changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingest.errors import PublishError
from ingest.wording import counted
from orchestration.publish.balances import Totals


def refuse_loss(previous: Mapping[str, Any] | None, totals: Totals) -> None:
    """Compare the totals with the manifest of the published version.

    Raises:
        PublishError: operations are missing, or the file that closed or reopened a month has changed.
    """
    if previous is None:
        return
    published = int(previous["totals"]["operations"])
    if totals.operations < published:
        are = "is" if totals.operations == 1 else "are"
        raise PublishError(
            f"not published: {counted(totals.operations, 'operation')} {are} left of the {published} that the "
            "published version holds; put the missing files back below landing/, or delete published/current if they "
            "are meant to go."
        )
    events: Mapping[str, str] = previous["totals"].get("period_events", {})
    if changed := sorted(path for path, sha256 in events.items() if totals.period_events.get(path) != sha256):
        raise PublishError(
            f"not published: landing/{changed[0]} is missing, or not what it was when a month was closed or reopened "
            "with it; put it back from a backup."
        )


def refuse_loss_elsewhere(published: Mapping[str, Any] | None, totals: Totals, url: str) -> None:
    """Compare the totals with the manifest of the version that is published below a URL, which may be another home's.

    Raises:
        PublishError: operations are missing.
    """
    if published is None:
        return
    operations = int(published["totals"]["operations"])
    if totals.operations < operations:
        raise PublishError(
            f"not published: version {published['version']} below {url} holds {counted(operations, 'operation')}, this "
            f"home only {totals.operations}; let it land what that version holds, or delete {url}/current.json if "
            "they are meant to go."
        )
