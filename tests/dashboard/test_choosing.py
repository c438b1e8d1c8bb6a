"""What a reader chooses by hand, by a name or by an address is what is shown."""

from __future__ import annotations

from datetime import date

from tests.dashboard.conftest import Open
from tests.dashboard.selections import SELECTIONS, SUMMER, address, ranking, sums
from tests.dashboard.viewing import Published, Selection, Viewed


def test_presets_are_counted_back_from_the_last_usage(view: Open, published: Published) -> None:
    (last,) = published.sql("select max(reporting_date) from marts.agg_credits_daily")[0]
    viewed = view()
    for name, days in (("7d", 7), ("28d", 28), ("90d", 90)):
        viewed.page.click(f"[data-preset='{name}']")
        first = date.fromordinal(last.toordinal() - days + 1)
        assert (viewed.page.input_value("#from"), viewed.page.input_value("#to")) == (str(first), str(last))
        assert viewed.credits("#kpi-credits") == sums(published, Selection(first, last))[0]
    viewed.page.click("[data-preset='all']")
    assert viewed.credits("#kpi-credits") == published.sql("select sum(credits) from marts.fct_credit_usage")[0][0]


def choose(viewed: Viewed, selection: Selection) -> None:
    """By the controls, as a person does."""
    viewed.page.fill("#from", str(selection.first))
    viewed.page.fill("#to", str(selection.last))
    for control, value, names in (
        ("#tenant", selection.tenant, "tenants"),
        ("#user", selection.user, "users"),
        ("#kind", selection.kind, "kinds"),
    ):
        if value is not None:
            place = viewed.page.evaluate(
                """([names, id]) => {
                    const data = JSON.parse(document.getElementById('data').textContent);
                    return String(data[names].findIndex(each => each[0] === id));
                }""",
                [names, value],
            )
            viewed.page.select_option(control, place)


def test_what_is_chosen_by_hand_lives_in_the_address_and_comes_back_from_it(view: Open, published: Published) -> None:
    selection = SELECTIONS["all four"]
    viewed = view()
    choose(viewed, selection)
    credits = sums(published, selection)[0]
    assert viewed.credits("#kpi-credits") == credits
    asked = viewed.page.evaluate("location.hash")
    assert asked == address(selection)
    again = view(address=asked)
    assert again.credits("#kpi-credits") == credits
    assert again.page.input_value("#from") == str(selection.first)
    assert again.text("#chosen") == viewed.text("#chosen")
    again.page.click("#reset")
    assert again.page.evaluate("location.hash") == "#period=28d"


def test_a_name_in_a_ranking_is_a_filter(view: Open, published: Published) -> None:
    viewed = view(address=address(SELECTIONS["a period"]))
    viewed.page.locator("#tenants tbody tr").nth(1).locator("button").click()
    tenant = list(ranking(published, SELECTIONS["a period"], "tenant_id"))[1]
    assert viewed.credits("#kpi-credits") == sums(published, Selection(*SUMMER, tenant=tenant))[0]


def test_an_address_that_names_nothing_known_says_so_and_shows_the_rest(view: Open) -> None:
    viewed = view(address="#period=7d&tenant=gone&kind=stream")
    assert viewed.text("#note") == "The address names a customer that this version does not have."
    assert viewed.page.input_value("#tenant") == ""
    assert "Live conversations" in viewed.text("#chosen")


def test_more_rows_are_shown_on_request(view: Open, published: Published) -> None:
    viewed = view(address="#period=all")
    viewed.page.click("[data-list='users']")
    assert viewed.table("#users") == dict(
        published.sql(
            "select user_id, sum(credits) from marts.agg_credits_daily group by 1 order by 2 desc, 1 limit 28"
        )
    )
