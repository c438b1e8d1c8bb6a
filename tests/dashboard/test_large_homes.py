"""A version of 500 customers, 50,000 users and two years fits, loses nothing, and says what it has summed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from bench.dashboard_tables import make_tables
from ingest.settings import load_settings
from orchestration.dashboard.making import make_dashboard
from orchestration.dashboard.page_data import VersionStamp
from tests.dashboard.conftest import Open
from tests.dashboard.viewing import Viewed, rows_of

MADE = VersionStamp("large", "2026-11-01T00:00:00+00:00")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("large") / "credits.duckdb"
    make_tables(target, tenants=500, users=50_000, days=730, operations=500_000)
    return target


@pytest.fixture(scope="module")
def page(database: Path) -> Path:
    target = database.with_name("page.html")
    target.write_bytes(make_dashboard(load_settings({}), database, MADE))
    return target


@pytest.fixture(scope="module")
def viewed(page: Path, browser: Browser) -> Iterator[Viewed]:
    viewed = Viewed(browser.new_context(viewport={"width": 1440, "height": 900}), page)
    viewed.go("#period=all")
    yield viewed
    viewed.context.close()
    assert viewed.complaints == []


def test_it_stays_under_ten_megabytes(page: Path) -> None:
    assert 2_000_000 < page.stat().st_size < 10_000_000


def test_its_totals_tie(viewed: Viewed, database: Path) -> None:
    viewed.choose("#period=all")
    credits, operations = rows_of(database, "select sum(credits), count(*) from marts.fct_credit_usage")[0]
    assert viewed.credits("#kpi-credits") == credits
    assert viewed.exact("#kpi-operations") == str(operations)
    for place in ("#kinds-total", "#tenants-total", "#users-total"):
        assert viewed.credits(place) == credits
    shown = viewed.page.locator("#users tbody [data-exact], #users tfoot tr:not(:last-child) [data-exact]")
    nanos = shown.evaluate_all(
        "all => String(all.reduce((sum, each) => sum + BigInt(each.dataset.exact.replace('.', '')), 0n))"
    )
    assert int(nanos) == int(credits * 10**9)


@pytest.mark.parametrize("tenant", ["tenant-0000", "tenant-0250", "tenant-0499"])
def test_every_customer_can_be_chosen_and_ties(viewed: Viewed, database: Path, tenant: str) -> None:
    viewed.choose(f"#from=2026-03-01&to=2026-05-31&tenant={tenant}&kind=facts")
    (credits,) = rows_of(
        database,
        """
        select sum(credits) from marts.agg_credits_daily
        where tenant_id = ? and kind = 'facts' and reporting_date between '2026-03-01' and '2026-05-31'
        """,
        tenant,
    )[0]
    assert viewed.credits("#kpi-credits") == credits
    assert viewed.credits("#users-total") == credits


def test_a_period_is_widened_to_whole_months(viewed: Viewed) -> None:
    viewed.choose("#from=2026-03-10&to=2026-05-05")
    assert viewed.text("#chosen") == "Mar – May 2026 · all customers"


def test_it_says_what_is_put_together(viewed: Viewed, page: Path) -> None:
    data = re.search(r'(?s)<script type="application/json" id="data">(.*?)</script>', page.read_text(encoding="utf-8"))
    assert data
    held = json.loads(data[1])
    said = viewed.text("#foot")
    assert held["grain"] == "month" and "kept by month" in said
    assert f"{held['otherUsers']:,} users with the fewest credits are summed" in said
    viewed.choose("#period=all")
    assert f"Other users ({held['otherUsers']:,} in all)" in viewed.text("#users")


def test_a_page_of_one_customer_of_it_is_told_by_day(database: Path, view: Open, tmp_path: Path) -> None:
    target = tmp_path / "tenant.html"
    target.write_bytes(make_dashboard(load_settings({}), database, MADE, "tenant-0007"))
    viewed = view(target, address="#from=2026-10-05&to=2026-10-09")
    (credits,) = rows_of(
        database,
        """
        select sum(credits) from marts.agg_credits_daily
        where tenant_id = 'tenant-0007' and reporting_date between '2026-10-05' and '2026-10-09'
        """,
    )[0]
    assert viewed.credits("#kpi-credits") == credits
