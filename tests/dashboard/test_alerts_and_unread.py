"""Open alerts and files that are not read stand on the page; an alert names people, not ids."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dashboard.conftest import Open
from tests.dashboard.ordinary_tables import write_ordinary_tables, write_page

ALERTS = """
    create table marts.mart_usage_alerts as
    select
        'a' || n as alert_key, 'quota_exceeded' as alert_type, (['critical', 'warning'])[1 + n % 2] as severity,
        'tenant' as scope, case when n < 3 then format('tenant-{:04d}', n) end as tenant_id, null::varchar as user_id,
        null::varchar as kind, date '2026-10-01' as period_start, date '2026-10-20' + n::integer as first_seen_on,
        date '2026-10-31' as last_seen_on, n != 5 as is_open, 1::decimal(38, 9) as measured,
        1::decimal(38, 9) as threshold,
        case when n < 3 then format('Tenant tenant-{:04d} has used too much.', n) else 'Source x is silent.' end as summary
    from range(6) as numbers(n)
"""
UNREAD = """
    create table marts.mart_unread_files as
    select format('usage_records/{}.json', n) as path, 'file' as kind, '<b>its ending is not known' as reason, 3 as size,
        timestamp '2026-10-31' + to_minutes(n::integer) as first_seen_at
    from range({count}) as numbers(n)
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("alerts") / "credits.duckdb"
    write_ordinary_tables(database, ALERTS, UNREAD.replace("{count}", "5"))
    write_page(database, "tenant-0001")
    return write_page(database)


def test_open_alerts_are_listed_with_the_most_severe_first(view: Open, page: Path) -> None:
    viewed = view(page)
    viewed.page.click("#alerts .more")
    assert viewed.page.locator("#alerts .status").all_text_contents() == ["critical"] * 3 + ["warning"] * 2
    assert "Northwind" in viewed.text("#alerts") or "Harbour" in viewed.text("#alerts")
    assert "tenant-000" not in viewed.text("#alerts")


def test_alerts_follow_the_chosen_customer(view: Open, page: Path) -> None:
    viewed = view(page, address="#period=28d&tenant=tenant-0002")
    assert viewed.page.locator("#alerts tbody tr").count() == 1
    viewed.choose("#period=28d&tenant=tenant-0004")
    assert "No open alert concerns this selection." in viewed.text("#alerts")


def test_a_customers_page_has_its_own_alerts_only(view: Open, page: Path) -> None:
    viewed = view(page.with_name("tenant-0001.html"))
    assert viewed.page.locator("#alerts tbody tr").count() == 1
    assert viewed.page.locator("#trust-unread").count() == 0


def test_files_that_are_not_read_are_named_with_the_reason(view: Open, page: Path) -> None:
    viewed = view(page)
    assert viewed.exact("#trust-unread .trust-figure") == "5"
    text = viewed.text("#trust-unread")
    assert "usage_records/4.json <b>its ending is not known" in text and "and 2 more" in text


def test_no_alert_and_no_unread_file_is_said_too(view: Open, tmp_path: Path) -> None:
    closed = "update marts.mart_usage_alerts set is_open = false"
    write_ordinary_tables(tmp_path / "credits.duckdb", ALERTS, closed, UNREAD.replace("{count}", "0"))
    viewed = view(write_page(tmp_path / "credits.duckdb"))
    assert "No alert is open." in viewed.text("#alerts")
    assert "every file below landing is read" in viewed.text("#trust-unread")
