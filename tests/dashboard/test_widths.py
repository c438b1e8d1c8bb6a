"""At every width, and on paper, nothing is cut short, nothing lies above something else and no hole is left."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.dashboard.conftest import Open
from tests.dashboard.ordinary_tables import write_page

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
