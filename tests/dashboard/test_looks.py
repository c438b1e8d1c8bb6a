"""What a reader sees: nothing cut short, nothing above something else, colours that can be told apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dashboard.conftest import Open

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
