"""`credits tenants` and `credits users`: the published customers and users by id and name."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from ingest.settings import Settings
from orchestration.published_names import published_tenants, published_users
from orchestration.terminal_text import printable

Show = Callable[[str], object]


def show_tenants(settings: Settings, text: str, *, as_json: bool, show: Show) -> None:
    """List the customers with `text` in their id or name.

    Raises:
        CreditsError: nothing is published, or the version can't be read.
    """
    tenants = published_tenants(settings, text)
    if as_json:
        show(_json([{"tenant_id": tenant.tenant_id, "tenant_name": tenant.name} for tenant in tenants]))
    else:
        _show_table(
            show, "tenant", text, ("tenant_id", "name"), [(tenant.tenant_id, tenant.name) for tenant in tenants]
        )


def show_users(settings: Settings, text: str, *, as_json: bool, show: Show) -> None:
    """List the users with `text` in their id or name, with their customers.

    Raises:
        CreditsError: nothing is published, or the version can't be read.
    """
    users = published_users(settings, text)
    if as_json:
        show(
            _json(
                [{"user_id": user.user_id, "display_name": user.name, "tenant_ids": [*user.tenants]} for user in users]
            )
        )
    else:
        rows = [(user.user_id, user.name, ", ".join(user.tenants)) for user in users]
        _show_table(show, "user", text, ("user_id", "name", "tenant_id"), rows)


def _json(rows: object) -> str:
    return json.dumps(rows, ensure_ascii=False, indent=2)


def _show_table(show: Show, noun: str, text: str, head: Sequence[str], rows: Sequence[Sequence[str | None]]) -> None:
    if not rows:
        what = f" has {printable(text[:60])!r} in its id or name" if text else " is published"
        show(f"no {noun}{what}")
        return
    cells = [head, *([printable(cell or "") for cell in row] for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(head))]
    for row in cells:
        show("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
