"""Makes the dashboard of a published version, or of one customer, from that version's own tables."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import duckdb

from ingest.errors import PublishError
from ingest.settings import Settings
from orchestration.dashboard.design import html
from orchestration.dashboard.kept_months import Contents, KeptMonths
from orchestration.dashboard.page_data import VersionStamp, as_json, figures
from orchestration.dashboard.scope import Scope
from orchestration.version_tables import attach_tables

DASHBOARD = "dashboard.html"
KEPT = "dashboard"
"""The folder of kept months below `warehouse/`."""
MOST_BYTES = 9_500_000
LEAST_INTERACTIONS = 50


def make_dashboard(settings: Settings, database: Path, made: VersionStamp, tenant: str | None = None) -> bytes:
    """The page of the version with the tables in `database`: for everything, or for one customer's usage only.

    Raises:
        PublishError: its figures do not add up to those of the tables, or it can't be made small enough.
    """
    return _make(settings, database, made, tenant, None)


def make_dashboard_by_month(settings: Settings, database: Path, made: VersionStamp, contents: Contents) -> bytes:
    """The same page for everything, at the cost of the months that differ from those of the page before. `contents` has
    the hashes of the published files of each month. Only the writer of a home may call it.

    Raises:
        PublishError: its figures do not add up to those of the tables, or it can't be made small enough.
    """
    folder = settings.warehouse / KEPT
    try:
        kept = KeptMonths(folder, contents)
        page = _make(settings, database, made, None, kept)
        kept.remove_unused()
    except (OSError, duckdb.Error, PublishError):
        # Files that go away or can't be written are no reason not to publish.
        shutil.rmtree(folder, ignore_errors=True)
        return make_dashboard(settings, database, made)
    return page


def _make(settings: Settings, database: Path, made: VersionStamp, tenant: str | None, kept: KeptMonths | None) -> bytes:
    with duckdb.connect(":memory:", config=_limits(settings)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        attach_tables(connection, database, "version")
        connection.execute("use version")
        tables = connection.execute(
            "select table_name from information_schema.tables "
            "where table_catalog = 'version' and table_schema = 'marts'"
        ).fetchall()
        scope = Scope(connection, frozenset(row[0] for row in tables), tenant, kept=kept)
        page = _page(scope, made)
        while len(page) > MOST_BYTES and scope.budget.interactions > LEAST_INTERACTIONS:
            scope = replace(scope, budget=scope.budget.halved())
            page = _page(scope, made)
    if len(page) > MOST_BYTES:
        raise PublishError(
            f"not published: the dashboard takes {len(page) / 1e6:.1f} MB; names or ids of an unusual length fill it."
        )
    return page


def _page(scope: Scope, made: VersionStamp) -> bytes:
    return html(as_json(figures(scope, made))).encode()


def _limits(settings: Settings) -> dict[str, str | bool | int | float | list[str]]:
    return {"threads": settings.threads, "memory_limit": settings.memory_limit}
