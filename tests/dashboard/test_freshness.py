"""The page says how old the usage is that it shows, not how long ago it was published."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration.dashboard.making import make_dashboard
from orchestration.dashboard.page_data import VersionStamp
from tests.dashboard.conftest import Open
from tests.dashboard.viewing import Published


def _page(published: Published, folder: Path, *statements: str, tenant: str | None = None) -> Path:
    """A page that was published now, of the published tables with the last usage 30 days ago."""
    database = folder / "credits.duckdb"
    shutil.copyfile(published.database, database)
    last = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=30, hours=1)
    with duckdb.connect(str(database)) as connection:
        connection.execute("update marts.fct_credit_usage set occurred_at = least(occurred_at, $last)", {"last": last})
        for condition in ("true", f"tenant_id = '{tenant}'"):
            connection.execute(
                "update marts.fct_credit_usage set occurred_at = $last where operation_key = "
                f"(select min(operation_key) from marts.fct_credit_usage where {condition})",
                {"last": last},
            )
        for statement in statements:
            connection.execute(statement)
    page = folder / "page.html"
    made = VersionStamp("v", datetime.now(UTC).isoformat(timespec="seconds"))
    page.write_bytes(make_dashboard(published.settings, database, made, tenant))
    return page


def test_the_age_is_that_of_the_last_usage_also_where_it_was_published_just_now(
    view: Open, published: Published, tmp_path: Path
) -> None:
    said = view(_page(published, tmp_path)).text("#trust-freshness")
    assert "Freshness" in said and "last usage 30 days ago; published within the hour" in said
    figure = view(_page(published, tmp_path)).text("#trust-freshness .trust-figure")
    assert figure.startswith("30 days ago")


@pytest.mark.parametrize(("silent", "words"), [(1, "1 source silent"), (2, "2 sources silent")])
def test_the_last_heartbeat_and_who_is_silent_stand_beside_it(
    view: Open, published: Published, tmp_path: Path, silent: int, words: str
) -> None:
    heard = f"now() at time zone 'UTC' - interval {3 * 60 + 10} minute"
    rows = ", ".join(f"('s{number}', {heard}, {number < silent})" for number in range(3))
    statements = (
        "create or replace table marts.mart_capture_sources "
        "(source varchar, last_heartbeat_at timestamp, is_silent boolean)",
        f"insert into marts.mart_capture_sources values {rows}",
    )
    viewed = view(_page(published, tmp_path, *statements))
    assert f"last heartbeat 3 h ago; {words} in hours that usually bring usage" in viewed.text("#trust-freshness")
    assert "worth a look" in viewed.text("#trust-freshness .trust-figure")


def test_a_customers_page_knows_its_own_usage_and_no_source(view: Open, published: Published, tmp_path: Path) -> None:
    [(tenant,)] = published.sql("select min(tenant_id) from marts.fct_credit_usage where tenant_id <> '(unmapped)'")
    statement = "update marts.mart_capture_sources set last_heartbeat_at = now() at time zone 'UTC', is_silent = true"
    said = view(_page(published, tmp_path, statement, tenant=tenant)).text("#trust-freshness")
    assert "last usage 30 days ago; published within the hour" in said and "heartbeat" not in said
