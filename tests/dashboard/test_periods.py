"""Periods that are typed, or written into the address by hand: taken as far as there is usage, or refused in words."""

from __future__ import annotations

import pytest

from tests.dashboard.conftest import Open
from tests.dashboard.viewing import Published, Viewed

FROM_TO = "[document.getElementById('from').value, document.getElementById('to').value]"


def period(viewed: Viewed) -> tuple[str, str]:
    first, last = viewed.page.evaluate(FROM_TO)
    return first, last


def ends(published: Published) -> tuple[str, str]:
    first, last = published.sql("select min(reporting_date), max(reporting_date) from marts.agg_credits_daily")[0]
    return str(first), str(last)


@pytest.mark.parametrize(
    ("address", "expected", "note"),
    [
        ("#from=1000-01-01&to=2026-06-30", ("first", "2026-06-30"), "The period is cut to the days with usage"),
        ("#from=0202-07-01&to=9999-12-31", ("first", "last"), "The period is cut to the days with usage"),
        ("#from=2026-07-01", ("2026-07-01", "last"), ""),
        ("#to=2026-07-01", ("first", "2026-07-01"), ""),
        ("#from=2026-07-20&to=2026-07-01", ("2026-07-01", "2026-07-20"), "has its dates in the wrong order"),
        ("#from=1000-01-01&to=1000-12-31", ("default", "last"), "There is no usage in Jan – Dec 1000"),
        ("#from=2026-07-32", ("default", "last"), "The address names a period that this version does not have."),
        ("#period=12m", ("first", "last"), ""),
    ],
)
def test_a_period_of_the_address_stays_within_the_usage(
    whole: Viewed, published: Published, address: str, expected: tuple[str, str], note: str
) -> None:
    whole.choose(address)
    first, last = ends(published)
    named = {"first": first, "last": last, "default": "2026-07-31"}
    assert period(whole) == tuple(named.get(day, day) for day in expected)
    assert whole.text("#note") == note or (note and note in whole.text("#note"))
    assert whole.page.locator("#note").is_visible() == bool(note)
    assert (whole.page.locator("#calendar").bounding_box() or {})["height"] < 300


def drawings(viewed: Viewed) -> str:
    return viewed.page.evaluate("document.documentElement.dataset.ready")


def type_year(viewed: Viewed, field: str, year: str) -> None:
    """Into the part of the year, which is the last one, key by key."""
    viewed.page.focus(field)
    viewed.page.keyboard.press("Tab")
    viewed.page.keyboard.press("Tab")
    viewed.page.keyboard.type(year)


@pytest.mark.parametrize("leave", ["Enter", "Tab"])
def test_a_year_is_taken_when_it_is_typed_to_the_end(view: Open, published: Published, leave: str) -> None:
    viewed = view(address="#from=2026-07-01&to=2026-07-20")
    drawn = drawings(viewed)
    type_year(viewed, "#from", "0202")
    assert viewed.page.input_value("#from") == "0202-07-01"
    assert drawings(viewed) == drawn
    viewed.page.keyboard.press(leave)
    viewed.page.keyboard.press(leave)
    first, _ = ends(published)
    assert period(viewed) == (first, "2026-07-20")
    assert "The period is cut to the days with usage" in viewed.text("#note")
    assert viewed.page.evaluate("location.hash") == f"#from={first}&to=2026-07-20"


def test_dates_the_wrong_way_round_change_nothing_and_say_so(view: Open) -> None:
    viewed = view(address="#from=2026-07-01&to=2026-07-20")
    viewed.page.fill("#from", "2026-08-05")
    assert viewed.text("#note") == "From is later than To: nothing has changed yet."
    assert viewed.text("#chosen") == "1 – 20 Jul 2026 · all customers"
    viewed.page.fill("#to", "2026-08-10")
    assert viewed.text("#chosen") == "5 – 10 Aug 2026 · all customers"
    assert viewed.page.locator("#note").is_hidden()


def test_an_emptied_date_comes_back(view: Open) -> None:
    viewed = view(address="#from=2026-07-01&to=2026-07-20")
    viewed.page.fill("#from", "")
    assert period(viewed) == ("2026-07-01", "2026-07-20")
    viewed.page.fill("#to", "3000-01-01")
    assert viewed.text("#chosen").startswith("1 Jul – 27 Aug 2026")


def test_going_back_leads_through_the_choices(view: Open) -> None:
    viewed = view(address="#period=90d")
    viewed.page.click("[data-preset='7d']")
    viewed.page.locator("#tenants tbody button").first.click()
    tenant = viewed.text("#chosen")
    viewed.page.fill("#from", "2026-08-01")
    viewed.page.fill("#to", "2026-08-03")
    seen = []
    for _ in range(3):
        viewed.page.go_back()
        seen.append((viewed.page.evaluate("location.hash").partition("&")[0], viewed.text("#chosen")))
    assert [address for address, _ in seen] == ["#period=7d", "#period=7d", "#period=90d"]
    assert seen[0][1] == tenant and seen[1][1].endswith("all customers")
    assert viewed.page.locator("[data-preset='90d']").get_attribute("aria-pressed") == "true"
    viewed.page.go_forward()
    assert viewed.text("#chosen") == seen[1][1]
