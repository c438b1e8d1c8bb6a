"""Weeks, spikes and the first day of the data, as the charts show them; no label is cut off."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.dashboard.conftest import Open
from tests.dashboard.ordinary_tables import write_ordinary_tables, write_page
from tests.dashboard.viewing import rows_of

BEYOND_THE_DRAWING = """
    all => all.filter(each => {
        const [own, drawing] = [each.getBoundingClientRect(), each.ownerSVGElement.getBoundingClientRect()];
        return own.width && (own.left < drawing.left || own.right > drawing.right
            || own.top < drawing.top || own.bottom > drawing.bottom);
    }).map(each => each.textContent)
"""
TOWER = """
    update marts.agg_credits_daily set credits = 999999999
    where rowid = (select min(rowid) from marts.agg_credits_daily where reporting_date = '2026-09-26')
"""
ENDS_WITH_IT = "#from=2026-08-30&to=2026-09-26"


@pytest.fixture(scope="module")
def towering(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ordinary page with a day that towers over all others, five weeks before the end."""
    database = tmp_path_factory.mktemp("towering") / "credits.duckdb"
    write_ordinary_tables(database, TOWER)
    return write_page(database)


@pytest.mark.parametrize("width", [390, 768, 1440])
@pytest.mark.parametrize("address", ["#period=28d", "#period=90d", "#period=12m", "#period=all", ENDS_WITH_IT])
def test_no_label_of_a_chart_is_cut_off(view: Open, towering: Path, width: int, address: str) -> None:
    viewed = view(towering, address=address, width=width)
    for chart in ("#over-time", "#calendar"):
        assert viewed.page.locator(f"{chart} svg text").evaluate_all(BEYOND_THE_DRAWING) == []


def test_weeks_end_with_the_period_and_part_of_one_is_marked(view: Open, ordinary: Path) -> None:
    viewed = view(ordinary, address="#from=2026-07-01&to=2026-10-10")
    weeks = viewed.page.locator("#over-time-figures tbody th").all_text_contents()
    assert weeks[0] == "1 – 4 Jul 2026" and weeks[1] == "5 – 11 Jul 2026" and weeks[-1] == "4 – 10 Oct 2026"
    assert "hatched: part of a week" in viewed.text("#over-time-note")
    assert viewed.page.locator("#over-time svg pattern").count() > 0
    viewed.choose("#from=2026-07-05&to=2026-10-10")
    assert "hatched" not in viewed.text("#over-time-note")


def test_the_weeks_before_stand_beside_those_that_end_as_they_do(view: Open, ordinary: Path) -> None:
    """92 days compared with 91: the last weeks are compared with each other, and the first one takes the rest."""
    viewed = view(ordinary, address="#from=2026-07-01&to=2026-09-30")
    ((last, first),) = rows_of(
        ordinary.with_name("credits.duckdb"),
        """
        select
            sum(credits) filter (where reporting_date between '2026-06-24' and '2026-06-30'),
            sum(credits) filter (where reporting_date between '2026-04-01' and '2026-04-07')
        from marts.agg_credits_daily
        """,
    )
    figures = viewed.page.locator("#over-time-figures tbody tr td:last-child")
    said = figures.evaluate_all("cells => cells.map(cell => cell.firstElementChild?.dataset.exact ?? null)")
    assert len(said) == 14
    assert (Decimal(said[-1]), Decimal(said[1]), said[0]) == (last, first, None)


def test_the_rest_of_a_longer_period_before_stands_in_a_row_of_its_own(view: Open, ordinary: Path) -> None:
    """89 days compared with 92: each week, and the part of one, is compared with as many days."""
    viewed = view(ordinary, address="#from=2026-02-01&to=2026-04-30")
    expected = rows_of(
        ordinary.with_name("credits.duckdb"),
        """
        select
            least((date '2026-01-31' - reporting_date) // 7, 12) as weeks_back,
            reporting_date < '2025-11-04' as is_rest,
            sum(credits)
        from marts.agg_credits_daily where reporting_date between '2025-11-01' and '2026-01-31'
        group by all order by is_rest, weeks_back desc
        """,
    )
    said = viewed.page.locator(
        "#over-time-figures tbody tr td:last-child, #over-time-figures tfoot td:last-child"
    ).evaluate_all("cells => cells.map(cell => cell.querySelector('[data-exact]').dataset.exact)")
    weeks = [credits for _, _, credits in expected]
    assert len(weeks) == 14
    assert [Decimal(credits) for credits in said] == [*weeks, sum(weeks)]
    assert viewed.text("#over-time-figures tbody tr:last-child th") == "Rest of the longer period before"


def test_a_spike_of_the_period_before_does_not_flatten_the_bars(view: Open, towering: Path) -> None:
    viewed = view(towering, address="#period=28d")
    assert "the line cut off" in viewed.text("#over-time-note")
    assert "before: ↑ 1,000,000,0" in " ".join(viewed.page.locator("#over-time svg text").all_text_contents())
    viewed.choose(ENDS_WITH_IT)
    assert "1 bar cut off" in viewed.text("#over-time-note")


def test_the_calendar_begins_with_the_data(view: Open, ordinary: Path) -> None:
    """Of 395 days up to 31 October 2026 the first is 2 October 2025: 13 months, in rows of 12."""
    viewed = view(ordinary, address="#period=all")
    label = viewed.page.locator("#calendar").get_attribute("aria-label") or ""
    assert label.startswith("Heat map of credits by day, Oct 2025 – Oct 2026.")
    viewed.choose("#from=2025-10-05&to=2025-11-20")
    label = viewed.page.locator("#calendar").get_attribute("aria-label") or ""
    assert label.startswith("Heat map of credits by day, Oct – Nov 2025.")
