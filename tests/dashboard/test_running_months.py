"""A large version whose data end within a month compares like with like, or says that it can't."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from playwright.sync_api import Browser

from bench.dashboard_tables import make_tables
from ingest.settings import load_settings
from orchestration.dashboard.making import make_dashboard
from orchestration.dashboard.page_data import VersionStamp
from tests.dashboard.viewing import Viewed, rows_of

LAST_DAY = "2026-10-10"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("running") / "credits.duckdb"
    make_tables(target, tenants=500, users=50_000, days=730, operations=500_000)
    with duckdb.connect(str(target)) as connection:
        for table in ("agg_credits_daily", "fct_credit_usage"):
            connection.execute(f"delete from marts.{table} where reporting_date > '{LAST_DAY}'")
    return target


@pytest.fixture(scope="module")
def viewed(database: Path, browser: Browser) -> Iterator[Viewed]:
    page = database.with_name("page.html")
    page.write_bytes(make_dashboard(load_settings({}), database, VersionStamp("large", "2026-10-11T01:00:00+00:00")))
    viewed = Viewed(browser.new_context(viewport={"width": 1440, "height": 900}), page)
    viewed.go("#period=1m")
    yield viewed
    viewed.context.close()
    assert viewed.complaints == []


def sums(database: Path, first: str, last: str, condition: str = "true") -> tuple[Any, ...]:
    return rows_of(
        database,
        f"""
        select sum(credits), sum(operations)::bigint from marts.agg_credits_daily
        where reporting_date between '{first}' and '{last}' and {condition}
        """,
    )[0]


def changes(viewed: Viewed) -> list[str]:
    return viewed.page.locator("#headline [data-change]").evaluate_all("all => all.map(each => each.dataset.change)")


def percent(now: Any, before: Any) -> str:
    thousandths = ((Decimal(now) - before) / before * 1000).quantize(Decimal(1), "ROUND_HALF_UP")
    return f"{'+' if thousandths > 0 else '−' if thousandths < 0 else ''}{abs(thousandths) / 10:.1f} %"


@pytest.mark.parametrize(
    ("period", "first", "before", "days"),
    [("1m", "2026-10-01", ("2026-09-01", "2026-09-10"), 10), ("3m", "2026-08-01", ("2026-05-01", "2026-07-10"), 71)],
)
def test_a_running_month_is_compared_with_as_many_days(
    viewed: Viewed, database: Path, period: str, first: str, before: tuple[str, str], days: int
) -> None:
    viewed.choose(f"#period={period}")
    credits, operations = sums(database, first, LAST_DAY)
    then = sums(database, *before)
    assert viewed.credits("#kpi-credits") == credits
    assert viewed.credits("#kpi-average") == (credits / days).quantize(Decimal("1e-9"), "ROUND_HALF_UP")
    assert changes(viewed)[:2] == [percent(credits, then[0]), percent(operations, then[1])]
    assert "Oct 2026, month not over" in viewed.text("#chosen")
    assert Decimal(viewed.page.locator("#kinds tfoot [data-before]").get_attribute("data-before") or "") == then[0]
    kinds = viewed.page.locator("#kinds tbody [data-before]").evaluate_all(
        "all => all.map(each => each.dataset.before)"
    )
    assert sum(Decimal(kind) for kind in kinds) == then[0]


def test_customers_and_users_of_a_part_of_a_month_are_not_compared(viewed: Viewed, database: Path) -> None:
    viewed.choose("#period=1m")
    assert changes(viewed)[3] == "–"
    for place in ("#tenants", "#users"):
        assert viewed.credits(f"{place}-total") == sums(database, "2026-10-01", LAST_DAY)[0]
        assert (
            viewed.page.locator(f"{place} tbody [data-before], {place} tfoot tr:not(:last-child) [data-before]").count()
            == 0
        )
        whole = viewed.page.locator(f"{place} tfoot tr:last-child [data-before]").get_attribute("data-before")
        assert Decimal(whole or "") == sums(database, "2026-09-01", "2026-09-10")[0]
        assert "1 – 10 Sep 2026 is not kept by day" in viewed.text(f"{place}-note")


def test_a_customer_whose_days_are_not_kept_is_not_compared(viewed: Viewed, database: Path) -> None:
    (named,) = viewed.page.evaluate("[JSON.parse(document.getElementById('data').textContent).daysNamed]")
    (least,) = rows_of(
        database, "select tenant_id from marts.agg_credits_daily group by 1 order by sum(credits) limit 1"
    )[0]
    assert named < 500
    viewed.choose(f"#period=1m&tenant={least}")
    assert viewed.credits("#kpi-credits") == sums(database, "2026-10-01", LAST_DAY, f"tenant_id = '{least}'")[0]
    assert changes(viewed) == ["–"] * 4
    assert "no line: 1 – 10 Sep 2026 is not kept by day" in viewed.text("#over-time-note")


def test_whole_months_are_compared_with_whole_months(viewed: Viewed, database: Path) -> None:
    viewed.choose("#period=lm")
    credits, then = (
        sums(database, f"2026-{month}-01", f"2026-{month}-{day}")[0] for month, day in (("09", 30), ("08", 31))
    )
    assert changes(viewed)[0] == percent(credits, then)
    assert viewed.text("#chosen") == "Sep 2026 · all customers"
    assert viewed.page.locator("#users [data-before]").count() > 0


def test_the_last_usage_is_a_day(viewed: Viewed) -> None:
    viewed.choose("#period=1m")
    assert "last usage in this selection: 10 Oct 2026" in viewed.text("#trust-freshness")
    assert viewed.text("#subtitle").endswith("to 10 Oct 2026")
    assert viewed.page.input_value("#to") == LAST_DAY
