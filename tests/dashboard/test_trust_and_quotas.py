"""Quotas, coverage and missing captures, on a copy of the published tables that has them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser

from orchestration.dashboard.making import make_dashboard
from orchestration.dashboard.page_data import VersionStamp
from tests.dashboard.conftest import Open
from tests.dashboard.quota_and_coverage_tables import COVERAGE, MISSING, QUOTAS, TYPES, WINDOWS
from tests.dashboard.viewing import Published, Viewed, rows_of


@pytest.fixture(scope="module")
def database(published: Published, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published tables, with quotas and Corti's own view added."""
    target = tmp_path_factory.mktemp("more") / "credits.duckdb"
    shutil.copyfile(published.database, target)
    with duckdb.connect(str(target)) as connection:
        for statement in (QUOTAS, TYPES, COVERAGE, MISSING, WINDOWS):
            connection.execute(statement)
    return target


@pytest.fixture(scope="module")
def page(published: Published, database: Path) -> Path:
    target = database.with_name("page.html")
    target.write_bytes(make_dashboard(published.settings, database, VersionStamp("v", "2026-08-28T01:00:00+00:00")))
    return target


@pytest.fixture(scope="module")
def viewed(page: Path, browser: Browser) -> Iterator[Viewed]:
    viewed = Viewed(browser.new_context(viewport={"width": 1440, "height": 900}), page)
    viewed.go("")
    yield viewed
    viewed.context.close()
    assert viewed.complaints == []


def test_current_quotas_show_use_projection_and_status(viewed: Viewed) -> None:
    viewed.choose("#period=28d")
    rows = viewed.page.locator("#quotas tbody tr").all_text_contents()
    assert len(rows) == 6
    assert "exceeded" in rows[0] and "1,200.00 of 1,000.00" in rows[0] and "−200.00" in rows[0]
    assert "warned" in rows[1] and "450.50 of 500.00 · 90.1 %" in rows[1] and "30 Aug 2026" in rows[1]
    assert "29 – 31 Aug 2026" in rows[1] and "512.25" in rows[1]
    assert "within" in rows[5] and "27 Aug 2026" in rows[5]
    assert "as of 27 Aug 2026" in viewed.text("#quotas-note")


def test_a_quota_says_how_sure_it_is_to_last(viewed: Viewed) -> None:
    viewed.choose("#period=28d")
    said = {
        row.locator("[data-exact]").first.get_attribute("data-exact"): row.locator("td").all_text_contents()[-2:]
        for row in viewed.page.locator("#quotas tbody tr").all()
    }
    assert said["1200.000000000"] == ["used up", "exceeded"]
    assert said["450.500000000"] == ["30 Aug 202629 – 31 Aug 2026", "warned projected over"]
    assert said["270.670000000"] == ["30 Aug 2026earliest 29 Aug 2026, may last", "within projected over"]
    assert said["100.000000000"] == ["may lastearliest 31 Aug 2026", "within"]
    assert said["90.000000000"] == ["lasts the period", "within"]
    assert "at the pace of the last 7 days" in viewed.text("#quotas-note")


@pytest.mark.parametrize(
    ("address", "used"),
    [
        ("#tenant=t-script", ["450.500000000"]),
        ("#tenant=t-out&kind=stream", ["1200.000000000"]),
        ("#kind=document", ["450.500000000", "1.250000000"]),
        ("#user=u-00", ["450.500000000"]),
        ("#user=u-01", ["1200.000000000"]),
        ("#user=u-02", ["1.250000000"]),
        ("#tenant=t-formula", ["1.250000000"]),
        ("#tenant=t-script&user=u-00", ["450.500000000"]),
    ],
)
def test_filters_choose_the_quotas_that_concern_them(viewed: Viewed, address: str, used: list[str]) -> None:
    viewed.choose(address)
    figures = viewed.page.locator("#quotas tbody .used span > .figure:first-child")
    assert figures.evaluate_all("all => all.map(each => each.dataset.exact)") == used


def test_a_version_without_quotas_says_so(view: Open, published: Published) -> None:
    if published.sql("select 1 from duckdb_tables() where table_name = 'mart_quota_consumption'"):
        assert published.sql("select count(*) from marts.mart_quota_consumption") == [(0,)]
    assert "No quotas are configured." in view().text("#quotas")


@pytest.mark.parametrize(
    ("address", "condition", "missing"),
    [
        ("#from=2026-08-01&to=2026-08-27", "true", "true"),
        (
            "#from=2026-08-05&to=2026-08-06",
            "date_day in ('2026-08-05', '2026-08-06')",
            "created_at::date in ('2026-08-05', '2026-08-06')",
        ),
        ("#from=2026-08-01&to=2026-08-27&kind=document", "kind = 'document'", "true"),
        ("#from=2026-08-01&to=2026-08-27&tenant=t-script", "true", "tenant_id = 't-script'"),
        ("#from=2026-08-01&to=2026-08-27&user=u-00", "true", "user_id = 'u-00'"),
    ],
)
def test_coverage_and_what_is_missing_are_what_sql_says(
    viewed: Viewed, database: Path, address: str, condition: str, missing: str
) -> None:
    viewed.choose(address)
    covered, created = rows_of(
        database,
        f"""
        select sum(captured + filled_by_read), sum(created_at_corti) from marts.mart_capture_coverage
        where pull_outcome = 'complete' and {condition}
        """,
    )[0]
    assert viewed.exact("#trust-coverage .trust-figure") == f"{covered}/{created}"
    (count,) = rows_of(database, f"select count(*) from marts.mart_missing_captures where {missing}")[0]
    assert viewed.text("#trust-coverage").endswith(f"missing in the selection: {count}")
    assert "all customers" in viewed.text("#trust-coverage")


@pytest.mark.parametrize(
    ("address", "figure"),
    [
        ("#from=2026-06-01&to=2026-06-30", "0/1"),
        ("#from=2026-06-02&to=2026-06-30", "0/0"),
        ("#from=2026-06-01&to=2026-06-30&tenant=t-script", "0/0"),
        ("#from=2026-07-10&to=2026-07-10", "1/1"),
        ("#from=2026-07-09&to=2026-07-09", "0/0"),
        ("#from=2026-07-11&to=2026-07-12", "0/0"),
        ("#from=2026-08-20&to=2026-08-26", "0/0"),
        ("#from=2026-08-20", "1/1"),
        ("#period=all", "2/3"),
    ],
)
def test_reconciliation_counts_the_totals_within_the_selection(viewed: Viewed, address: str, figure: str) -> None:
    viewed.choose(address)
    assert viewed.exact("#trust-reconciliation .trust-figure") == figure


@pytest.mark.parametrize(
    ("address", "named"),
    [("#tenant=(none)", "customer"), ("#user=(none)", "user"), ("#kind=(none)", "kind"), ("#tenant=t-new", "customer")],
)
def test_who_has_no_usage_cannot_be_chosen(
    view: Open, published: Published, database: Path, tmp_path: Path, address: str, named: str
) -> None:
    other = tmp_path / "credits.duckdb"
    shutil.copyfile(database, other)
    with duckdb.connect(str(other)) as connection:
        connection.execute("update marts.mart_quota_consumption set tenant_id = 't-new' where quota_key = 'q6'")
    target = tmp_path / "page.html"
    target.write_bytes(make_dashboard(published.settings, other, VersionStamp("v", "2026-08-28T01:00:00+00:00")))
    viewed = view(target, address=address)
    assert viewed.text("#note") == f"The address names a {named} that this version does not have."
    assert viewed.credits("#kpi-credits") > 0
    assert viewed.page.locator("#quotas tbody tr").count() == 6
    assert "t-new" in viewed.text("#quotas")


def test_a_customer_may_be_called_as_nobody_is(
    view: Open, published: Published, database: Path, tmp_path: Path
) -> None:
    other = tmp_path / "credits.duckdb"
    shutil.copyfile(database, other)
    with duckdb.connect(str(other)) as connection:
        for table in ("agg_credits_daily", "fct_credit_usage", "agg_credits_by_interaction", "mart_quota_consumption"):
            connection.execute(f"update marts.{table} set tenant_id = '(none)' where tenant_id = 't-out'")
        (credits,) = connection.execute(
            "select sum(credits) from marts.agg_credits_daily where tenant_id = '(none)'"
        ).fetchall()[0]
    target = tmp_path / "page.html"
    target.write_bytes(make_dashboard(published.settings, other, VersionStamp("v", "2026-08-28T01:00:00+00:00")))
    viewed = view(target, address="#period=all&tenant=(none)")
    assert viewed.credits("#kpi-credits") == credits
    assert "1,200.00 of 1,000.00" in viewed.text("#quotas") and "450.50 of" not in viewed.text("#quotas")
    viewed.page.click("#reset")
    viewed.page.click("[data-preset='all']")
    special = viewed.page.locator("#tenants .name.special")
    assert special.all_text_contents() == ["(unmapped)"]
    assert "(none)" in viewed.page.locator("#tenants .name").all_text_contents()
