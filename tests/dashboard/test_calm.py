"""The page shows what is asked for first: kinds in words, ids on request, no holes, filters folded on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dashboard.conftest import Open
from tests.dashboard.ordinary_tables import write_ordinary_tables, write_page


def test_kinds_are_in_words_and_the_address_has_their_ids(view: Open, ordinary: Path) -> None:
    viewed = view(ordinary, address="#period=28d&kind=guided_document")
    assert viewed.page.locator("#kinds .name").all_text_contents() == ["Guided documents"]
    assert viewed.text("#chosen").endswith("Guided documents")
    assert "guided_document" not in viewed.page.locator("#interactions").inner_text()


def test_ids_are_shown_on_request(view: Open, ordinary: Path) -> None:
    viewed = view(ordinary)
    ids = viewed.page.locator("#tenants .id")
    assert ids.count() > 0 and not ids.first.is_visible()
    viewed.page.click("#ids")
    assert ids.first.is_visible() and viewed.page.get_attribute("#ids", "aria-pressed") == "true"
    viewed.page.click("#ids")
    assert not ids.first.is_visible()


def test_members_of_one_name_are_told_apart_by_their_ids(view: Open, tmp_path: Path) -> None:
    same = "update marts.dim_tenants set tenant_name = 'Clinic' where right(tenant_id, 4)::integer < 2"
    write_ordinary_tables(tmp_path / "credits.duckdb", same)
    viewed = view(write_page(tmp_path / "credits.duckdb"), address="#period=all")
    shown = viewed.page.locator("#tenants .id:visible").all_text_contents()
    assert sorted(shown) == ["tenant-0000", "tenant-0001"]


def test_an_expanded_list_leaves_no_hole_beside_it(view: Open, ordinary: Path) -> None:
    viewed = view(ordinary)
    viewed.page.click("#users .more")
    boxes = viewed.page.locator("#members > .card").evaluate_all(
        "all => all.map(card => [card.offsetTop, card.offsetHeight, card.offsetWidth])"
    )
    (top, height, width), (next_top, _, next_width) = boxes
    assert next_top >= top + height and width == next_width
    assert width == viewed.page.locator("#members").evaluate("place => place.clientWidth")


def test_the_calendar_begins_with_the_latest_months(view: Open, ordinary: Path) -> None:
    viewed = view(ordinary, address="#period=all")
    rows = viewed.page.evaluate(
        "echarts.getInstanceByDom(document.getElementById('calendar')).getOption().calendar"
        ".map(one => [one.top, ...one.range])"
    )
    assert [row[1:] for row in sorted(rows)] == [["2025-11-01", "2026-10-31"], ["2025-10-01", "2025-10-31"]]


def test_on_a_phone_the_filters_fold_away(view: Open, ordinary: Path) -> None:
    viewed = view(ordinary, width=390)
    fields = viewed.page.locator("#filter-row")
    assert not fields.is_visible()
    viewed.page.click("#fold")
    assert fields.is_visible() and viewed.page.get_attribute("#fold", "aria-expanded") == "true"
    viewed.page.select_option("#kind", "0")
    assert fields.is_visible()
    viewed.page.click("#fold")
    assert not fields.is_visible()


def test_on_a_phone_long_lists_fold_away_and_the_page_is_short(view: Open, ordinary: Path) -> None:
    viewed = view(ordinary, width=390, folded=True)
    assert not viewed.page.locator("#quotas").is_visible()
    folded = viewed.page.evaluate("document.documentElement.scrollHeight")
    for button in viewed.page.locator(".unfold:visible").all():
        button.click()
        assert button.get_attribute("aria-expanded") == "true"
    assert viewed.page.locator("#quotas").is_visible() and viewed.page.locator("#trust").is_visible()
    assert folded < viewed.page.evaluate("document.documentElement.scrollHeight") * 0.8


@pytest.mark.parametrize("width", [601, 1440])
def test_on_wider_screens_they_do_not(view: Open, ordinary: Path, width: int) -> None:
    viewed = view(ordinary, width=width)
    assert viewed.page.locator("#filter-row").is_visible() and not viewed.page.locator("#fold").is_visible()
