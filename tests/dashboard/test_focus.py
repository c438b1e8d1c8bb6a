"""The keyboard focus stays where it was, although lists are built again with every change."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dashboard.conftest import Open
from tests.dashboard.viewing import Viewed

FOCUSED = "document.activeElement.dataset.focus ?? document.activeElement.tagName"


def press_enter_on(viewed: Viewed, selector: str) -> str:
    """The name of the button that had the focus, after it was pressed."""
    viewed.page.focus(selector)
    name = viewed.page.evaluate("document.activeElement.dataset.focus ?? 'no name'")
    viewed.page.keyboard.press("Enter")
    return name


@pytest.mark.parametrize(
    "selector",
    [
        "#tenants tbody tr:nth-child(2) button",
        "#users tbody tr:nth-child(3) button",
        "#interactions button.member >> nth=0",
        "[data-list='interactions']",
    ],
)
def test_focus_stays_on_the_button_that_was_pressed(view: Open, ordinary: Path, selector: str) -> None:
    viewed = view(ordinary, address="#period=28d")
    name = press_enter_on(viewed, selector)
    assert viewed.page.evaluate(FOCUSED) == name


def test_focus_goes_to_the_first_new_row_where_no_more_are_left(view: Open, ordinary: Path) -> None:
    viewed = view(ordinary, address="#period=all")
    press_enter_on(viewed, "[data-list='users']")
    assert viewed.page.evaluate(FOCUSED) == "more users"
    viewed.page.keyboard.press("Enter")
    assert viewed.page.locator("[data-list='users']").count() == 0
    row = viewed.page.locator("#users tbody tr").nth(28)
    assert viewed.page.evaluate(FOCUSED) == row.locator("button").get_attribute("data-focus")


def test_focus_goes_to_the_heading_of_a_list_that_has_no_rows_left(view: Open, ordinary: Path) -> None:
    viewed = view(ordinary, address="#period=28d")
    viewed.page.focus("#users tbody tr:nth-child(3) button")
    viewed.choose("#period=28d&tenant=tenant-0000&user=user-000001-e0c0e0d0")
    assert viewed.page.evaluate("document.activeElement.id") == "users-title"


def test_the_chosen_row_is_marked_for_eyes_and_for_screen_readers(view: Open, ordinary: Path) -> None:
    viewed = view(ordinary, address="#period=all")
    rows = viewed.page.locator("#tenants tbody button")
    assert set(rows.evaluate_all("all => all.map(each => each.ariaPressed)")) == {"false"}
    plain = rows.first.evaluate("each => getComputedStyle(each.closest('.ranked')).backgroundColor")
    press_enter_on(viewed, "#tenants tbody tr:nth-child(2) button")
    assert rows.evaluate_all("all => all.map(each => each.ariaPressed)") == ["true"]
    assert rows.first.evaluate("each => getComputedStyle(each.closest('.ranked')).backgroundColor") != plain
    viewed.page.keyboard.press("Enter")
    assert rows.count() > 1
    assert set(rows.evaluate_all("all => all.map(each => each.ariaPressed)")) == {"false"}
