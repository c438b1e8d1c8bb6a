"""Screen readers, keyboards, small screens and paper: axe finds no fault, and nothing is cut off."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.dashboard.conftest import Open
from tests.dashboard.viewing import Published, Viewed

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
A4_TEXT_WIDTH = 703  # of 186 mm


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_no_fault(view: Open, scheme: str, width: int) -> None:
    viewed = view(address="#period=all", width=width, color_scheme=scheme)
    assert viewed.page.evaluate("document.documentElement.dataset.theme") == scheme
    assert faults(viewed) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 1440])
def test_axe_finds_no_fault_in_quotas(view: Open, ordinary: Path, scheme: str, width: int) -> None:
    viewed = view(ordinary, address="#period=28d", width=width, color_scheme=scheme)
    for status in ("over", "warn", "ok"):
        assert viewed.page.locator(f"#quotas .status.{status}, #quotas .meter.{status}").count() >= 2
    assert faults(viewed) == []
    viewed.choose("#period=28d&tenant=tenant-0001")
    assert faults(viewed) == []


def faults(viewed: Viewed) -> list[tuple[str, list[str]]]:
    """What axe finds, by its rules' names."""
    # As the browser's own tool, so that the page's policy does not keep it out.
    viewed.page.evaluate(AXE.read_text(encoding="utf-8") + "; 0")
    found = viewed.page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(run => run.violations)")
    return [(each["id"], [node["html"][:120] for node in each["nodes"]][:3]) for each in found]


def test_filters_and_rows_are_reached_by_keyboard(view: Open) -> None:
    viewed = view()
    reached = []
    for _ in range(24):
        viewed.page.keyboard.press("Tab")
        reached.append(viewed.page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert reached[0] == "skip"
    assert [name for name in reached if name in {"theme", "from", "tenant", "user", "kind", "reset"}][:1] == ["theme"]
    assert {"from", "to", "tenant", "user", "kind", "reset", "member"} <= set(reached)
    viewed.page.focus("[data-preset='7d']")
    viewed.page.keyboard.press("Enter")
    assert viewed.page.evaluate("location.hash") == "#period=7d"


def test_a_change_is_told_to_screen_readers(view: Open) -> None:
    viewed = view()
    viewed.page.click("[data-preset='7d']")
    assert re.fullmatch(
        r"22 – 28 Aug 2026 · all customers: [\d,.]+ credits in \d+ operations\.", viewed.text("#said")
    ) or ("credits in" in viewed.text("#said"))
    assert viewed.page.locator("#said").get_attribute("aria-live") == "polite"
    for chart in ("#over-time", "#calendar"):
        assert "redits" in (viewed.page.locator(chart).get_attribute("aria-label") or "")


def test_the_theme_can_be_changed(view: Open) -> None:
    viewed = view(color_scheme="light")
    before = viewed.page.evaluate("getComputedStyle(document.body).backgroundColor")
    viewed.page.click("#theme")
    assert viewed.page.evaluate("getComputedStyle(document.body).backgroundColor") != before
    assert viewed.text("#theme") == "Light"


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1440, 2200])
def test_nothing_is_wider_than_the_screen(view: Open, width: int) -> None:
    viewed = view(address="#period=90d", width=width)
    assert viewed.page.evaluate("document.documentElement.scrollWidth") == width


def test_a4_cuts_nothing_off(view: Open, tmp_path: Path) -> None:
    viewed = view(address="#period=90d", width=A4_TEXT_WIDTH, color_scheme="dark")
    viewed.page.emulate_media(media="print", color_scheme="dark")
    viewed.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert viewed.page.evaluate("document.documentElement.dataset.theme") == "light"
    outside = viewed.page.evaluate(
        """width => [...document.querySelectorAll('#page *, header *')]
            .filter(each => !each.closest('.visually-hidden') && each.getBoundingClientRect().width
                && each.getBoundingClientRect().right > width + 1)
            .map(each => each.tagName + ' ' + each.className + ' ' + each.textContent.slice(0, 40))""",
        A4_TEXT_WIDTH,
    )
    assert outside == []
    assert viewed.page.locator("#filters").is_hidden()
    paper = viewed.page.pdf(format="A4", path=tmp_path / "page.pdf", prefer_css_page_size=True)
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= 6


def test_labels_of_the_axis_do_not_overlap(view: Open, published: Published) -> None:
    for width in (390, 1440):
        viewed = view(width=width)
        for period in ("28d", "90d", "all"):
            viewed.choose(f"#period={period}")
            overlapping = viewed.page.locator("#over-time svg text").evaluate_all(
                """texts => {
                    const boxes = texts.filter(each => each.textContent.trim()).map(each => each.getBoundingClientRect());
                    return boxes.filter((one, n) => boxes.some((other, m) => m > n
                        && one.left < other.right && other.left < one.right
                        && one.top < other.bottom && other.top < one.bottom)).length;
                }"""
            )
            assert overlapping == 0, (width, period)
