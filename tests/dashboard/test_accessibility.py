"""Screen readers, keyboards, small screens and paper: axe finds no fault, and nothing is cut off."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.dashboard.conftest import Open
from tests.dashboard.viewing import Viewed

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
    return [(fault["id"], [node["html"][:120] for node in fault["nodes"]][:3]) for fault in found]


def test_filters_and_rows_are_reached_by_keyboard(view: Open) -> None:
    viewed = view()
    reached = []
    for _ in range(40):
        viewed.page.keyboard.press("Tab")
        reached.append(viewed.page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert reached[0] == "skip"
    assert [name for name in reached if name in {"ids", "theme", "from", "tenant", "user", "kind", "reset"}][:1] == [
        "ids"
    ]
    assert {"from", "to", "tenant", "user", "kind", "reset", "member"} <= set(reached)
    viewed.page.focus("[data-preset='7d']")
    viewed.page.keyboard.press("Enter")
    assert viewed.page.evaluate("location.hash") == "#period=7d"


def test_a_change_is_told_to_screen_readers(view: Open) -> None:
    viewed = view()
    viewed.page.click("[data-preset='7d']")
    said = re.fullmatch(
        r"21 – 27 Aug 2026 · all customers: ([\d,]+\.\d\d) credits in ([\d,]+) operations\.", viewed.text("#said")
    )
    assert said and said.groups() == (viewed.text("#kpi-credits"), viewed.text("#kpi-operations"))
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
    viewed = view(address="#period=90d", color_scheme="dark")
    # The browser lays the page out for paper, then says that it is printed: all of it is measured there and then.
    viewed.page.evaluate(
        """() => matchMedia('print').addEventListener('change', ({matches}) => {
            if (!matches) return;
            const right = document.body.getBoundingClientRect().right;
            const shown = [...document.querySelectorAll('body *')].filter(each => !each.closest('.visually-hidden')
                && each.getBoundingClientRect().width);
            const spills = each => each.getBoundingClientRect().right > right + 0.01 || (each instanceof HTMLElement
                && each.scrollWidth > each.clientWidth && getComputedStyle(each).textOverflow !== 'ellipsis'
                && getComputedStyle(each).overflowX !== 'visible');
            window.paper = {
                width: right, theme: document.documentElement.dataset.theme,
                filters: document.getElementById('filters').getBoundingClientRect().height,
                count: shown.length,
                spilling: shown.filter(spills).map(each =>
                    [each.tagName, each.className.toString(), each.textContent.slice(0, 40)]),
            };
        })"""
    )
    file = tmp_path / "page.pdf"
    viewed.page.pdf(format="A4", path=file, prefer_css_page_size=True)
    paper = viewed.page.evaluate("paper")
    assert paper["width"] == pytest.approx(A4_TEXT_WIDTH, abs=1.5)
    assert paper["theme"] == "light" and paper["filters"] == 0
    assert paper["count"] > 300 and paper["spilling"] == []
    sheets = re.findall(rb"/Type\s*/Page\b", file.read_bytes())
    assert 1 <= len(sheets) <= 6
    assert viewed.page.evaluate("document.documentElement.dataset.theme") == "dark"


OVERLAPPING = """charts => charts.flatMap(chart => {
    const texts = [...chart.querySelectorAll('text')].filter(each => each.textContent.trim());
    // A box is as high as a line; the signs in it are lower by a quarter at least.
    const boxes = texts.map(each => each.getBoundingClientRect()).map(({left, right, top, bottom}) =>
        ({left, right, top: top + (bottom - top) / 8, bottom: bottom - (bottom - top) / 8}));
    const frame = chart.getBoundingClientRect();
    const cut = box => box.left < frame.left - 1 || box.right > frame.right + 1
        || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
    const meet = (one, other) => one.left < other.right && other.left < one.right
        && one.top < other.bottom && other.top < one.bottom;
    return texts.filter((_, n) => cut(boxes[n]) || boxes.some((other, m) => m > n && meet(boxes[n], other)))
        .map(each => each.textContent);
})"""


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_labels_of_no_chart_overlap_or_are_cut_off(view: Open, width: int) -> None:
    viewed = view(width=width)
    for period in ("7d", "28d", "90d", "12m", "all"):
        viewed.choose(f"#period={period}")
        charts = viewed.page.locator("svg")
        assert charts.count() == 2 and charts.locator("text").count() > 10
        assert charts.evaluate_all(OVERLAPPING) == [], period
