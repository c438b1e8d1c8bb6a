"""What a reader sees: nothing cut short, nothing above something else, colours that can be told apart."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from tests.dashboard.conftest import Open
from tests.dashboard.ordinary_tables import write_ordinary_tables, write_page
from tests.dashboard.viewing import Viewed, rows_of

WIDTHS = (390, 601, 768, 1000, 1001, 1024, 1440)
CUT_SHORT = """
    all => all.filter(each => each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 2)
        .map(each => each.textContent)
"""
OVERLAPPING = """
    all => {
        const boxes = all.map(each => {
            const range = document.createRange();
            range.selectNodeContents(each);
            return [each.textContent, range.getBoundingClientRect()];
        }).filter(([text, box]) => text.trim() && box.width);
        return boxes.flatMap(([text, one], n) => boxes.slice(n + 1)
            .filter(([, other]) => one.left < other.right - 1 && other.left < one.right - 1
                && one.top < other.bottom - 1 && other.top < one.bottom - 1)
            .map(([other]) => [text, other]));
    }
"""
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


def colour(viewed: Viewed, name: str) -> str:
    """A colour of the style sheet as #rrggbb."""
    return viewed.page.evaluate(
        "name => getComputedStyle(document.documentElement).getPropertyValue(name).trim()", name
    )


def contrast(viewed: Viewed, one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2 has it."""

    def luminance(name: str) -> float:
        parts = [int(colour(viewed, name)[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.fixture(scope="module")
def towering(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ordinary page with a day that towers over all others, five weeks before the end."""
    database = tmp_path_factory.mktemp("towering") / "credits.duckdb"
    write_ordinary_tables(database, TOWER)
    return write_page(database)


@pytest.mark.parametrize("width", WIDTHS)
def test_lists_of_interactions_and_quotas_cut_nothing_short(view: Open, ordinary: Path, width: int) -> None:
    viewed = view(ordinary, address="#period=90d", width=width)
    for place in ("#interactions", "#quotas"):
        assert viewed.page.locator(f"{place} .name, {place} .id").evaluate_all(CUT_SHORT) == []
        assert viewed.page.locator(f"{place} thead th").evaluate_all(OVERLAPPING) == []
        for row in viewed.page.locator(f"{place} tr").all():
            assert row.locator("> *").evaluate_all(OVERLAPPING) == []


def test_paper_cuts_no_id_and_no_name_short(view: Open, ordinary: Path) -> None:
    viewed = view(ordinary, address="#period=90d", width=703)
    viewed.page.emulate_media(media="print")
    viewed.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    for place in ("#interactions", "#quotas"):
        assert viewed.page.locator(f"{place} .name, {place} .id").evaluate_all(CUT_SHORT) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_figures_and_pills_stay_in_their_columns_and_on_one_line(view: Open, ordinary: Path, width: int) -> None:
    viewed = view(ordinary, address="#period=90d", width=width)
    outside = viewed.page.locator("td.figure, td.end, #quotas td").evaluate_all(
        """cells => cells.filter(cell => !cell.closest('.scroll')).flatMap(cell => {
            const box = cell.getBoundingClientRect();
            return [...cell.querySelectorAll('*')].filter(each => {
                const own = each.getBoundingClientRect();
                return own.right > box.right + 1 || own.left < box.left - 1;
            }).map(each => each.textContent);
        })"""
    )
    assert outside == []
    lines = viewed.page.locator("#quotas .whole, #quotas .status, .interactions td.figure").evaluate_all(
        """all => all.map(each => {
            const range = document.createRange();
            range.selectNodeContents(each);
            return [each.textContent, new Set([...range.getClientRects()].map(box => Math.round(box.bottom / 6))).size];
        }).filter(([, lines]) => lines > 1)"""
    )
    assert lines == []
    dates = viewed.page.locator(".interactions td.figure").evaluate_all(
        "cells => cells.filter(cell => cell.scrollWidth > cell.clientWidth).map(cell => cell.textContent)"
    )
    assert dates == []


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
    """92 days beside 91: the last weeks are compared with each other, and the first takes what is left."""
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
    """89 days beside 92: each week, and the part of one, is compared with as many days."""
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
    assert [Decimal(each) for each in said] == [*weeks, sum(weeks)]
    assert viewed.text("#over-time-figures tbody tr:last-child th") == "Rest of the longer period before"


def test_a_kind_that_is_no_longer_used_keeps_its_colour(view: Open, tmp_path: Path) -> None:
    database = tmp_path / "credits.duckdb"
    write_ordinary_tables(
        database, "delete from marts.agg_credits_daily where kind = 'document' and reporting_date > '2026-10-03'"
    )
    viewed = view(write_page(database), address="#period=28d")
    row = viewed.page.locator("#kinds tbody tr", has_text="−100 %")
    assert row.locator(".name").text_content() == "document"
    swatch = """(row, tints) => {
        const style = getComputedStyle(document.documentElement);
        const probe = document.body.appendChild(document.createElement('i'));
        const plain = name => {
            probe.style.color = style.getPropertyValue(name);
            return getComputedStyle(probe).color;
        };
        return tints.map(plain).indexOf(getComputedStyle(row.querySelector('.swatch')).backgroundColor);
    }"""
    assert row.evaluate(swatch, [f"--tint-{n}" for n in range(1, 6)]) >= 0


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_tints_can_be_told_from_their_ground_and_from_each_other(view: Open, ordinary: Path, scheme: str) -> None:
    viewed = view(ordinary, color_scheme=scheme)
    tints = ["--tint-1", "--tint-2", "--tint-3", "--tint-4", "--tint-5"]
    heats = ["--empty", "--heat-1", "--heat-2", "--heat-3", "--heat-4", "--heat-5"]
    for tint in [*tints, "--tint-rest"]:
        assert contrast(viewed, tint, "--surface") >= 3, tint
    for ramp in (tints, heats):
        for one, other in pairwise(ramp):
            assert contrast(viewed, one, other) >= 1.3, (one, other)


def test_days_outside_the_period_are_grey(view: Open, ordinary: Path) -> None:
    viewed = view(ordinary, address="#period=28d")
    assert "days outside the period" in viewed.text("#calendar-legend")
    fills = set(
        viewed.page.locator("#calendar svg path").evaluate_all("all => all.map(each => each.getAttribute('fill'))")
    )
    for ramp in ("heat", "out"):
        assert len({colour(viewed, f"--{ramp}-{n}") for n in range(1, 6)} & fills) >= 4
    opacities = viewed.page.locator("#calendar svg path").evaluate_all(
        "all => all.map(each => each.getAttribute('fill-opacity')).filter(each => each !== null)"
    )
    assert opacities == []
    viewed.choose("#period=all")
    assert "outside" not in viewed.text("#calendar-legend")


def test_a_kind_keeps_its_colour_whatever_is_chosen(view: Open, ordinary: Path) -> None:
    viewed = view(ordinary, address="#period=all")
    swatches = """rows => Object.fromEntries(rows.map(row =>
        [row.querySelector('.name').textContent, row.querySelector('.swatch').style.background]))"""
    of_all = viewed.page.locator("#kinds tbody tr").evaluate_all(swatches)
    assert len(of_all) == 8 and len(set(of_all.values())) == 6
    for address in (
        "#period=7d",
        "#period=28d&tenant=tenant-0003",
        "#period=all&kind=codes",
        "#period=90d&kind=stream",
    ):
        viewed.choose(address)
        found = viewed.page.locator("#kinds tbody tr").evaluate_all(swatches)
        assert found and found == {kind: of_all[kind] for kind in found}


def test_cards_side_by_side_are_of_one_height(view: Open, ordinary: Path) -> None:
    viewed = view(ordinary)
    heights = viewed.page.locator(".pair > .card").evaluate_all("all => all.map(each => each.offsetHeight)")
    assert len(heights) == 2 and len(set(heights)) == 1


@pytest.mark.parametrize("tenant", [None, "tenant-0003"])
@pytest.mark.parametrize("width", [390, 768, 1440])
def test_what_the_figures_rest_on_leaves_no_hole(view: Open, ordinary: Path, width: int, tenant: str | None) -> None:
    page = write_page(ordinary.with_name("credits.duckdb"), tenant) if tenant else ordinary
    viewed = view(page, width=width)
    free = viewed.page.locator("#trust").evaluate(
        """place => {
            const [list, ...items] = [place.firstElementChild, ...place.querySelectorAll('.trust-item')];
            const area = items.map(each => each.getBoundingClientRect()).reduce((sum, box) => sum + box.width * box.height, 0);
            return 1 - area / (list.clientWidth * list.clientHeight);
        }"""
    )
    assert abs(free) < 0.01


def test_a_state_is_said_in_words_too(view: Open, ordinary: Path) -> None:
    viewed = view(ordinary)
    assert viewed.text("#trust-quarantined .trust-figure").endswith(", worth a look")
    assert viewed.text("#trust-unmapped .trust-figure").endswith(", in order")
    assert viewed.page.locator("#trust .legend .step").all_text_contents() == ["in order", "worth a look"]


def test_paper_is_filled_and_keeps_its_rims(view: Open, ordinary: Path, tmp_path: Path) -> None:
    viewed = view(ordinary, address="#period=28d", width=703)
    paper = viewed.page.pdf(format="A4", path=tmp_path / "page.pdf", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) <= 3
    viewed.page.emulate_media(media="print")
    viewed.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    edges = viewed.page.locator(".card, .headline").evaluate_all(
        "all => all.map(each => each.getBoundingClientRect().right)"
    )
    assert edges and max(edges) < 703


@pytest.mark.parametrize("width", WIDTHS)
def test_kinds_and_rankings_cut_nothing_short(view: Open, ordinary: Path, width: int) -> None:
    viewed = view(ordinary, address="#period=90d", width=width)
    for place in ("#kinds", "#tenants", "#users"):
        assert viewed.page.locator(f"{place} .name, {place} .id").evaluate_all(CUT_SHORT) == []
