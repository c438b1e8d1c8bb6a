"""Colours can be distinguished, a kind keeps its colour, and nothing is shown by colour alone."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from tests.dashboard.conftest import Open
from tests.dashboard.ordinary_tables import write_ordinary_tables, write_page
from tests.dashboard.viewing import Viewed


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


def test_a_state_is_said_in_words_too(view: Open, ordinary: Path) -> None:
    viewed = view(ordinary)
    assert viewed.text("#trust-quarantined .trust-figure").endswith(", worth a look")
    assert viewed.text("#trust-unmapped .trust-figure").endswith(", in order")
    assert viewed.page.locator("#trust .legend .step").all_text_contents() == ["in order", "worth a look"]
