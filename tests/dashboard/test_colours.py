"""Colours can be distinguished, a kind keeps its colour, and nothing is shown by colour alone."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

import pytest

from tests.dashboard.colour_vision import VISIONS, distance, linear
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
        red, green, blue = linear(colour(viewed, name))
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
    assert row.locator(".name").text_content() == "Documents"
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


TINTS = ["--tint-1", "--tint-2", "--tint-3", "--tint-4", "--tint-5", "--tint-rest"]
LEAST_DISTANCE = 0.1
"""In Oklab; two colours that can only just be told apart have 0.02."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_tints_can_be_told_from_their_ground(view: Open, ordinary: Path, scheme: str) -> None:
    viewed = view(ordinary, color_scheme=scheme)
    for tint in [*TINTS, "--before"]:
        assert contrast(viewed, tint, "--surface") >= 3, tint
    heats = ["--empty", "--heat-1", "--heat-2", "--heat-3", "--heat-4", "--heat-5"]
    for one, other in pairwise(heats):
        assert contrast(viewed, one, other) >= 1.3, (one, other)


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colour_blind_people_can_tell_any_two_kinds_apart(view: Open, ordinary: Path, scheme: str, vision: str) -> None:
    """Any two: which kinds are next to each other in a bar depends on the selection."""
    viewed = view(ordinary, color_scheme=scheme)
    colours = {name: colour(viewed, name) for name in TINTS}
    near = {
        pair: distance(colours[pair[0]], colours[pair[1]], vision)
        for pair in combinations(TINTS, 2)
        if distance(colours[pair[0]], colours[pair[1]], vision) < LEAST_DISTANCE
    }
    assert near == {}


def test_stacked_bars_have_no_slits(view: Open, ordinary: Path) -> None:
    viewed = view(ordinary, address="#period=28d")
    strokes = viewed.page.locator("#over-time svg path[fill]:not([fill='none'])").evaluate_all(
        "(all, tints) => all.filter(path => tints.includes(path.getAttribute('fill')) && path.getAttribute('stroke'))"
        ".map(path => path.getAttribute('stroke'))",
        [colour(viewed, tint) for tint in TINTS],
    )
    assert strokes == []


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
