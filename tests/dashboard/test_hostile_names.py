"""Names are text, whatever they say: nothing of them is run, asked for, or let out of its place."""

from __future__ import annotations

import json
import re

from tests.dashboard.conftest import Open
from tests.dashboard.hostile_home import LONG, TENANTS, TURNED, USERS
from tests.dashboard.viewing import Published, Viewed

ALL_ROWS = "#period=all"
TURNED_SHOWN = "⟨U+202E⟩gpj.exe⟨U+200F⟩ ⟨U+2066⟩abc"


def test_every_name_is_shown_letter_by_letter(view: Open) -> None:
    viewed = view(address=ALL_ROWS)
    viewed.page.click("[data-list='users']")
    for place, names in (("#tenants", TENANTS.values()), ("#users", USERS.values())):
        shown = viewed.page.locator(f"{place} .name").all_text_contents()
        assert {TURNED_SHOWN if name == TURNED else name for name in names} <= set(shown)
    assert "<b>t-bold</b>" in viewed.page.locator("#tenants .id").all_text_contents()
    assert viewed.page.title() == "Corti credits"


def test_no_name_becomes_an_element(whole: Viewed) -> None:
    whole.choose(ALL_ROWS)
    assert whole.page.locator("img, #page script, #page b, iframe").count() == 0


def test_a_name_turns_nothing_around_but_itself(whole: Viewed) -> None:
    whole.choose(ALL_ROWS)
    names = whole.page.locator("#page .name, #page .id")
    assert set(names.evaluate_all("all => all.map(each => getComputedStyle(each).unicodeBidi)")) == {"isolate"}


def test_nothing_that_turns_a_text_around_or_hides_in_it_is_left(view: Open) -> None:
    viewed = view(address=ALL_ROWS)
    viewed.page.select_option("#tenant", label=TURNED_SHOWN)
    assert viewed.text("#chosen").endswith(TURNED_SHOWN)
    left = viewed.page.evaluate(
        r"""() => {
            const unseen = /[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;
            const places = [...document.querySelectorAll('body *:not(script)')];
            return places.filter(each => unseen.test(each.title ?? '') || unseen.test(each.ariaLabel ?? '')
                || [...each.childNodes].some(child => child.nodeType === 3 && unseen.test(child.data))).length;
        }"""
    )
    assert left == 0


def test_a_long_name_stays_in_its_column(view: Open) -> None:
    for width in (390, 1440):
        viewed = view(address=ALL_ROWS, width=width)
        assert LONG in viewed.page.locator("#tenants .name").all_text_contents()
        assert viewed.page.evaluate("document.documentElement.scrollWidth") == width
        outside = viewed.page.locator(".card").evaluate_all(
            """cards => cards.flatMap(card => {
                const edge = card.getBoundingClientRect().right;
                return [...card.querySelectorAll('td, th, p, button')]
                    .filter(each => !each.closest('.scroll') && !each.closest('.visually-hidden')
                        && each.getBoundingClientRect().right > edge)
                    .map(each => each.textContent);
            })"""
        )
        assert outside == []


def test_options_are_short_and_tell_members_apart(whole: Viewed) -> None:
    options = whole.page.locator("#tenant option").all_text_contents()
    assert len(options) == len(set(options)) and max(len(option) for option in options) <= 60


def test_a_hostile_address_is_text_too(view: Open) -> None:
    viewed = view(
        address="#tenant=%3Cimg%20src%3Dx%20onerror%3Ddocument.title%3D1%3E&period=%3Cb%3E&user=__proto__&from=9"
    )
    assert viewed.page.title() == "Corti credits"
    assert (
        viewed.text("#note") == "The address names a period and a customer and a user that this version does not have."
    )


def test_the_page_holds_its_data_in_one_closed_element(published: Published) -> None:
    page = published.page.read_text(encoding="utf-8")
    assert page.count("<script") == page.count("</script>") == 3
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert data and "<" not in data[1]
    assert {load[-1] for load in json.loads(data[1])["tenants"]} >= set(TENANTS.values())


def test_the_page_forbids_every_request_and_every_script_but_its_own(published: Published, view: Open) -> None:
    page = published.page.read_text(encoding="utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy and policy[1].startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-eval" not in policy[1] and "http" not in policy[1]
    viewed = view()
    blocked = viewed.page.evaluate(
        """async () => {
            const script = document.createElement('script');
            script.textContent = 'document.title = "run"';
            document.head.append(script);
            return fetch('http://127.0.0.1:9/').then(() => 'asked', () => 'refused');
        }"""
    )
    assert (blocked, viewed.page.title()) == ("refused", "Corti credits")
    assert all("Content Security Policy" in complaint for complaint in viewed.complaints)
    viewed.complaints.clear()
    viewed.requests.discard("http://127.0.0.1:9/")
