"""The totals that Corti reports for a user: whole days from the console's admin API.

`GET …/projects/{project}/customers/{customer}/users/{user}/consumption?from&to&windowTimeZone` gives the credits of one
user in a window; both ends belong to the window. So a day is asked for from its first to its last millisecond: if two
days shared an instant, both would count it. Only projects with the Embedded Assistant have customers and users there.
This comes from Corti's public API reference.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from ingest.contract.landing_writer import LandingWriter
from ingest.contract.plain_values import credit_digits, id_in_path
from ingest.corti.client import CortiClient
from ingest.corti.concurrently import concurrently
from ingest.corti.json_picking import Shape
from ingest.corti.summaries import ConsumptionSummary, Progress
from ingest.errors import CortiError, GoneError

_PAGE_SIZE = 100
_MOST_PAGES = 10_000
_TOTAL = Shape("", {"consumption": "credits"})


@dataclass(frozen=True)
class Window:
    """Two instants in the form of the API; both belong to the window."""

    first: str
    last: str


def windows(days: int, now: datetime, *, with_today: bool = False) -> list[Window]:
    """The `days` whole UTC days before `now` (aware), each from its first to its last millisecond, and today if that is
    wanted. Today's window is a whole day too, so that a later pull's total replaces an earlier one's.
    """
    today = now.astimezone(UTC).date()
    asked = [(today - timedelta(days=number)).isoformat() for number in range(days, -1 if with_today else 0, -1)]
    return [Window(f"{day}T00:00:00.000Z", f"{day}T23:59:59.999Z") for day in asked]


async def pull_consumption(
    client: CortiClient, project: str, asked: Sequence[Window], writer: LandingWriter, progress: Progress
) -> ConsumptionSummary:
    """Write one total per user and window.

    The ids are the console's own; they can be compared with ours if they are the same. Refusals and failures of the
    console are in the summary, not raised; totals from before are written.

    Raises:
        HomeError: landing can't be written.
    """
    summary = ConsumptionSummary(client.account.name)
    root = f"/projects/{quote(project, safe='')}/customers"
    try:
        async for customer in _ids(client, root, "customers"):
            users = f"{root}/{quote(customer, safe='')}/users"
            async for user in _ids(client, users, "users"):
                path = f"{users}/{quote(user, safe='')}/consumption"
                async with concurrently(_total(client, path, window) for window in asked) as totals:
                    for window, total in zip(asked, totals, strict=True):
                        if (credits := await total) is not None:
                            writer.add(_line(client, window, credits, user, customer))
                            summary.totals += 1
                summary.users += 1
                progress(f"consumption {client.account.name}", summary.users, summary.users + 1)
    except CortiError as error:
        summary.reason, summary.message = error.reason, str(error)
    finally:
        writer.deliver()
    return summary


async def _ids(client: CortiClient, path: str, word: str) -> AsyncIterator[str]:
    """The ids of a paged list, until a page is empty. The list's name in the body is not certain."""
    shape = Shape(f"{word}.item", {"id": "id"}, or_items=("data.item", "items.item"))
    for number in range(1, _MOST_PAGES):
        page = await client.get(path, shape, {"page": number, "pageSize": _PAGE_SIZE})
        for item in page:
            if identity := id_in_path(item.get("id", "")):
                yield identity
        if not page:
            return


async def _total(client: CortiClient, path: str, window: Window) -> str | None:
    params = {"from": window.first, "to": window.last, "windowTimeZone": "UTC"}
    try:
        items = await client.get(path, _TOTAL, params)
    except GoneError:
        return None
    return credit_digits(items[0].get("credits")) if items else None


def _line(client: CortiClient, window: Window, total: str, user: str, customer: str) -> dict[str, str]:
    account = {"environment": client.account.environment, "cortiTenant": client.account.tenant}
    return {"from": window.first, "to": window.last, "credits": total, "userId": user, "tenantId": customer, **account}
