"""Shares, changes and bars of each row, and the percentages that the figures rest on, are what SQL says."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from playwright.sync_api import Browser

from orchestration.dashboard.making import make_dashboard
from tests.dashboard.comparing import MADE, Compared, Shown, change, compared, share, two_years
from tests.dashboard.conftest import Open
from tests.dashboard.viewing import Published, Viewed

PERIODS = {
    "as many days": compared("2026-07-04 2026-08-12", "2026-05-25 2026-07-03"),
    "a week": compared("2026-08-10 2026-08-16", "2026-08-03 2026-08-09"),
    "a month": compared("2026-07-01 2026-07-31", "2026-06-01 2026-06-30"),
    "a month that has begun": compared("2026-08-01 2026-08-12", "2026-07-01 2026-07-12"),
    "a customer": compared("2026-07-01 2026-07-31", "2026-06-01 2026-06-30", tenant="t-script"),
    "a kind": compared("2026-07-04 2026-08-12", "2026-05-25 2026-07-03", kind="document"),
}
LONGER_PERIODS = {
    "days": compared("2026-05-03 2026-08-20", "2026-01-13 2026-05-02"),
    "after a shorter month": compared("2026-03-01 2026-03-31", "2026-02-01 2026-02-28"),
    "to a day that the month before lacks": compared("2026-03-01 2026-03-30", "2026-02-01 2026-02-28"),
    "before a shorter month": compared("2026-02-01 2026-02-28", "2026-01-01 2026-01-31"),
    "a quarter": compared("2026-04-01 2026-06-30", "2026-01-01 2026-03-31"),
    "two months and a half": compared("2026-04-01 2026-06-15", "2026-01-01 2026-03-15"),
    "over the turn of a year": compared("2025-12-01 2026-02-28", "2025-09-01 2025-11-30"),
    "a year": compared("2025-11-01 2026-10-31", "2024-11-01 2025-10-31"),
    "a kind of a customer": compared(
        "2026-04-01 2026-06-30", "2026-01-01 2026-03-31", tenant="tenant-0001", kind="document"
    ),
}
TABLES = {"#tenants": "tenant_id", "#users": "user_id", "#kinds": "kind"}
ROWS = """tables => tables.map(table => {
    const heads = [...table.querySelectorAll('thead th')].map(head => head.textContent.trim());
    const figures = row => ({
        id: row.querySelector('[data-id]')?.dataset.id ?? row.querySelector('.name')?.textContent,
        share: row.children[heads.indexOf('Share')].textContent.trim(),
        change: row.children[heads.indexOf('Change')].textContent.trim(),
        bar: row.querySelector('.bar')?.getBoundingClientRect().width,
    });
    return [[...table.tBodies[0].rows].map(figures), figures([...table.tFoot.rows].at(-1))];
})[0]"""


@pytest.fixture(scope="module")
def longer(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    shown = two_years(tmp_path_factory.mktemp("longer"), browser)
    yield shown
    shown.viewed.context.close()
    assert shown.viewed.complaints == []


def rows_and_foot(viewed: Viewed, place: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What a table says of each row, and of all rows at its foot."""
    return viewed.page.locator(f"{place} table").evaluate_all(ROWS)


def hold_against_sql(shown: Shown, chosen: Compared, place: str) -> int:
    """Compare each row of a table; return how many have credits in both periods."""
    sums = shown.sums(chosen, TABLES[place])
    now, before = (sum((pair[n] for pair in sums.values()), Decimal(0)) for n in (0, 1))
    rows, foot = rows_and_foot(shown.viewed, place)
    used = [row for row in rows if sums[row["id"]][0]]
    assert [row["id"] for row in used] == [name for name, (credits, _) in sums.items() if credits][: len(used)]
    assert [row["share"] for row in used] == [share(sums[row["id"]][0], now) for row in used]
    in_both = [row for row in used if sums[row["id"]][1]]
    assert [row["change"] for row in in_both] == [change(*sums[row["id"]]) for row in in_both]
    assert (foot["share"], foot["change"]) == ("100 %", change(now, before))
    return len(in_both)


def test_each_row_says_its_share_and_its_change(whole: Viewed, published: Published) -> None:
    shown, compared_rows = Shown(whole, published.database), 0
    for chosen in PERIODS.values():
        whole.choose(chosen.address)
        compared_rows += sum(hold_against_sql(shown, chosen, place) for place in TABLES)
    assert compared_rows > 80


@pytest.mark.parametrize("chosen", LONGER_PERIODS.values(), ids=list(LONGER_PERIODS))
def test_changes_are_on_the_same_dates_of_the_months_before(longer: Shown, chosen: Compared) -> None:
    longer.viewed.choose(chosen.address)
    compared_rows = [hold_against_sql(longer, chosen, place) for place in TABLES]
    assert min(compared_rows) >= 1 and sum(compared_rows) > 5
    sums = longer.sums(chosen, "1").values()
    said = longer.viewed.page.locator("#headline [data-change]").first.text_content() or ""
    assert [said.partition(" vs ")[0]] == [change(now, before) for now, before in sums]


@pytest.mark.parametrize("place", ["#tenants", "#users"])
def test_bars_of_a_ranking_are_as_long_as_its_credits(longer: Shown, place: str) -> None:
    chosen = LONGER_PERIODS["days"]
    longer.viewed.choose(chosen.address)
    sums = longer.sums(chosen, TABLES[place])
    rows, _ = rows_and_foot(longer.viewed, place)
    most, longest = sums[rows[0]["id"]][0], rows[0]["bar"]
    cell = longer.viewed.page.locator(f"{place} .ranked").first.bounding_box()
    assert cell and longest == pytest.approx(cell["width"], abs=0.5)
    assert [row["bar"] for row in rows] == [
        pytest.approx(longest * float(sums[row["id"]][0] / most), abs=1) for row in rows
    ]
    assert len({round(row["bar"]) for row in rows}) == len(rows) > 5


def figure(viewed: Viewed, name: str) -> str:
    """What is said of one of the things that the figures rest on, without its state in words."""
    return viewed.text(f"#trust-{name} .trust-figure").partition(", ")[0]


@pytest.mark.parametrize("chosen", PERIODS.values(), ids=list(PERIODS))
def test_what_the_figures_rest_on_is_said_in_per_cent(whole: Viewed, published: Published, chosen: Compared) -> None:
    whole.choose(chosen.address)
    where, values = chosen.now.where()
    credits, operations, estimated, unmapped = published.sql(
        f"""
        select sum(credits), sum(operations)::integer, sum(estimated_credits),
            coalesce(sum(credits) filter (where tenant_id = '(unmapped)' or user_id = '(unmapped)'), 0)
        from marts.agg_credits_daily where {where}
        """,
        *values,
    )[0]
    where, values = chosen.now.where("occurred_at::date")
    (unreported,) = published.sql(f"select count(*) from marts.mart_unreported_operations where {where}", *values)[0]
    lines, rejected = published.sql("select sum(lines), sum(rejected_lines) from marts.mart_load_audit")[0]
    said = {name: figure(whole, name) for name in ("estimated", "unmapped", "unreported", "quarantined")}
    assert said == {
        "estimated": share(estimated, credits),
        "unmapped": share(unmapped, credits),
        "unreported": share(Decimal(unreported), Decimal(operations)),
        "quarantined": share(Decimal(int(rejected)), Decimal(int(lines))),
    }


def test_coverage_is_said_in_per_cent(view: Open, published: Published, tmp_path: Path) -> None:
    database = tmp_path / "credits.duckdb"
    shutil.copyfile(published.database, database)
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            """
            insert into marts.mart_capture_coverage by name
            select date '2026-08-03' as date_day, 'document' as kind, 'eu' as environment, 'acme' as corti_tenant,
                'complete' as pull_outcome, 800 as created_at_corti, 700 as captured, 99 as missing,
                1 as filled_by_read, 0 as not_listable, null as coverage_share
            """
        )
    page = tmp_path / "page.html"
    page.write_bytes(make_dashboard(published.settings, database, MADE))
    viewed = view(page, address="#from=2026-08-01&to=2026-08-27")
    assert figure(viewed, "coverage") == share(Decimal(701), Decimal(800)) == "87.6 %"
