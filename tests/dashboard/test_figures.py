"""Each filter changes each figure, and every figure is what SQL says of the published tables."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

import pytest

from tests.dashboard.conftest import Open
from tests.dashboard.viewing import Published, Selection, Viewed

SUMMER = (date(2026, 7, 4), date(2026, 8, 12))
SELECTIONS = {
    "a period": Selection(*SUMMER),
    "another period": Selection(date(2026, 6, 10), date(2026, 6, 30)),
    "one day": Selection(date(2026, 7, 20), date(2026, 7, 20)),
    "a customer": Selection(*SUMMER, tenant="t-script"),
    "usage without a customer": Selection(*SUMMER, tenant="(unmapped)"),
    "a user": Selection(*SUMMER, user="u-01"),
    "a kind": Selection(*SUMMER, kind="transcript"),
    "a customer and a kind": Selection(*SUMMER, tenant="t-out", kind="stream"),
    "all four": Selection(date(2026, 6, 2), date(2026, 8, 20), tenant="t-script", user="u-00", kind="stream"),
    "nothing at all": Selection(date(2026, 7, 4), date(2026, 7, 5), tenant="t-long", user="u-04", kind="letter"),
}


def address(selection: Selection) -> str:
    asked = {"from": selection.first, "to": selection.last}
    members = {"tenant": selection.tenant, "user": selection.user, "kind": selection.kind}
    return "#" + urlencode(asked | {name: value for name, value in members.items() if value is not None})


@pytest.fixture(params=SELECTIONS.values(), ids=list(SELECTIONS))
def selection(request: pytest.FixtureRequest) -> Selection:
    return request.param


def sums(published: Published, selection: Selection) -> tuple[Decimal, int, Decimal, int]:
    """Credits, operations, estimated credits and users."""
    where, values = selection.where()
    return published.sql(
        f"""
        select coalesce(sum(credits), 0), coalesce(sum(operations), 0)::bigint, coalesce(sum(estimated_credits), 0),
            count(distinct user_id) filter (where user_id != '(unmapped)')
        from marts.agg_credits_daily where {where}
        """,
        *values,
    )[0]


def ranking(published: Published, selection: Selection, column: str) -> dict[str, Decimal]:
    where, values = selection.where()
    return dict(
        published.sql(
            f"select {column}, sum(credits) from marts.agg_credits_daily where {where} group by 1 order by 2 desc, 1",
            *values,
        )
    )


def listed(published: Published, selection: Selection, column: str) -> dict[str, Decimal]:
    """Members of the period, then those of the period before alone, where that is told."""
    now = ranking(published, selection, column)
    if selection.before.first < first_day(published):
        return now
    return now | dict.fromkeys(ranking(published, selection.before, column).keys() - now.keys(), Decimal(0))


def first_day(published: Published) -> date:
    return published.sql("select min(reporting_date) from marts.agg_credits_daily")[0][0]


def change(now: Decimal, before: Decimal) -> str:
    """The change on the period before, as the page says it."""
    if before == 0:
        return "new" if now else "–"
    share = (now - before) / before
    if abs(share) >= 1000:
        return "× 999+"
    if abs(share) >= 10:
        return f"× {round(now / before):,}"
    thousandths = (share * 1000).quantize(Decimal(1), "ROUND_HALF_UP")
    sign = "" if thousandths == 0 else "+" if thousandths > 0 else "−"
    places = Decimal("1") if abs(share).quantize(Decimal("0.001"), "ROUND_HALF_UP") >= 1 else Decimal("0.1")
    return f"{sign}{(abs(share) * 100).quantize(places, 'ROUND_HALF_UP')} %"


def test_every_figure_of_a_selection_is_what_sql_says(
    whole: Viewed, published: Published, selection: Selection
) -> None:
    viewed = whole
    viewed.choose(address(selection))
    credits, operations, estimated, users = sums(published, selection)
    before = sums(published, selection.before)
    assert viewed.credits("#kpi-credits") == credits
    assert viewed.exact("#kpi-operations") == str(operations)
    assert viewed.exact("#kpi-users") == str(users)
    days = (selection.last - selection.first).days + 1
    assert viewed.credits("#kpi-average") == (credits / days).quantize(Decimal("1e-9"), "ROUND_HALF_UP")
    said = viewed.page.locator("#headline [data-change]").evaluate_all("all => all.map(each => each.dataset.change)")
    told = selection.before.first >= first_day(published)
    assert said[0] == (change(credits, before[0]) if told else "–")
    assert said[1] == (change(Decimal(operations), Decimal(before[1])) if told else "–")
    assert viewed.credits("#trust-estimated .trust-figure") == estimated
    if credits == 0:
        assert "No usage in this selection." in viewed.text("#users")
        return
    assert viewed.table("#kinds") == listed(published, selection, "kind")
    for column, place in (("tenant_id", "#tenants"), ("user_id", "#users")):
        expected = listed(published, selection, column)
        shown = viewed.table(place)
        active = list(ranking(published, selection, column).items())[:8]
        assert list(shown.items())[: len(active)] == active
        assert shown.items() <= expected.items() and len(shown) == min(8, len(expected))
        assert viewed.credits(f"{place}-total") == credits
        hidden = sum((value for name, value in expected.items() if name not in shown), Decimal(0))
        if len(shown) < len(expected):
            assert viewed.credits(f"{place} tfoot tr:first-child [data-exact]") == hidden


ROWS_BEFORE = """rows => rows.map(row => BigInt((row.querySelector('[data-before]')?.dataset.before ?? '0').replace('.', '')))
    .reduce((sum, each) => sum + each, 0n).toString()"""


@pytest.mark.parametrize("name", ["a period", "one day", "a customer and a kind"])
def test_rows_add_up_to_the_change_and_show_who_stopped(whole: Viewed, published: Published, name: str) -> None:
    selection = SELECTIONS[name]
    whole.choose(address(selection))
    before = sums(published, selection.before)[0]
    for place, column in (("#kinds", "kind"), ("#tenants", "tenant_id"), ("#users", "user_id")):
        rows = whole.page.locator(f"{place} tbody tr, {place} tfoot tr:not(:last-child)")
        assert int(rows.evaluate_all(ROWS_BEFORE)) == int(before * 10**9)
        now, then = (ranking(published, each, column) for each in (selection, selection.before))
        gone = [member for member in then if member not in now]
        shown = list(whole.table(place))
        if any(member in gone for member in shown):
            assert (rows.nth(len(shown) - 1).text_content() or "").endswith("0.000.0 %−100 %")
        assert [member for member in shown if member in gone] == gone[
            : max(0, 8 - len(now)) if column != "kind" else None
        ]
    if name == "one day":
        assert "no longer" in whole.text("#users-note")


def test_the_table_behind_the_chart_adds_up_where_the_period_before_is_longer(
    whole: Viewed, published: Published
) -> None:
    june, july = Selection(date(2026, 6, 1), date(2026, 6, 30)), Selection(date(2026, 7, 1), date(2026, 7, 31))
    whole.choose("#from=2026-07-01&to=2026-07-31")
    foot = whole.page.locator("#over-time-figures tfoot [data-exact]")
    exact = "all => all.map(each => each.dataset.exact)"
    assert [Decimal(each) for each in foot.evaluate_all(exact)] == [sums(published, each)[0] for each in (july, june)]


@pytest.mark.parametrize("days_before", [1, 0])
def test_nothing_is_compared_with_a_time_before_the_first_usage(
    whole: Viewed, published: Published, days_before: int
) -> None:
    """As many days before begin with the first usage, or a day earlier."""
    first = first_day(published)
    start = date.fromordinal(first.toordinal() + 30 - days_before)
    last = date.fromordinal(start.toordinal() + 29)
    whole.choose(address(Selection(start, last)))
    assert whole.page.locator("#headline [data-change]").count() == 4
    since = f"data since {first.day} {first:%b %Y}"
    untold = [
        since in whole.text(place) for place in ("#kpi-credits + p", "#over-time-note", "#tenants-note", "#users-note")
    ]
    assert untold == [bool(days_before)] * 4
    compared = whole.page.locator("#tenants [data-before], #users [data-before], #kinds [data-before]").count()
    assert (compared == 0) == bool(days_before)
    assert ("–" in whole.text("#over-time-figures tbody tr:first-child")) == bool(days_before)


def test_days_of_a_selection_are_what_sql_says(whole: Viewed, published: Published, selection: Selection) -> None:
    viewed = whole
    viewed.choose(address(selection))
    where, values = selection.where()
    days = published.sql(
        f"select reporting_date, sum(credits) from marts.agg_credits_daily where {where} group by 1 order by 1", *values
    )
    if not days:
        assert "No usage in this selection." in viewed.text("#over-time")
        return
    shown = viewed.table("#over-time-figures")
    if (selection.last - selection.first).days < 62:
        assert {day: value for day, value in shown.items() if value} == {
            f"{day.day} {day:%b %Y}": value for day, value in days if value
        }
    assert sum(shown.values()) == sum(value for _, value in days)
    used = [(value, day) for day, value in days if value]
    note = viewed.text("#calendar-note")
    assert note.startswith(f"{len(used)} of {(selection.last - selection.first).days + 1} days with credits")
    highest = max(used)[1]
    assert f"highest: {highest.day} {highest:%b %Y}" in note


def test_interactions_of_a_selection_are_what_sql_says(
    whole: Viewed, published: Published, selection: Selection
) -> None:
    viewed = whole
    viewed.choose(address(selection))
    where, values = selection.where()
    expected = published.sql(
        f"""
        select interaction_id, sum(credits) from marts.fct_credit_usage
        where {where} and interaction_id is not null group by 1 order by 2 desc, 1
        """,
        *values,
    )
    if not expected:
        assert "No interaction in this selection." in viewed.text("#interactions")
        return
    shown = viewed.table("#interactions")
    assert list(shown.items()) == expected[:10]
    assert viewed.credits("#interactions-rest") == sums(published, selection)[0] - sum(shown.values())


def test_trust_of_a_selection_is_what_sql_says(whole: Viewed, published: Published, selection: Selection) -> None:
    viewed = whole
    viewed.choose(address(selection))
    where, values = selection.where()
    unmapped = published.sql(
        f"""
        select coalesce(sum(credits), 0) from marts.agg_credits_daily
        where {where} and (tenant_id = '(unmapped)' or user_id = '(unmapped)')
        """,
        *values,
    )
    assert viewed.credits("#trust-unmapped .trust-figure") == unmapped[0][0]
    where, values = selection.where("occurred_at::date")
    unreported = published.sql(f"select count(*) from marts.mart_unreported_operations where {where}", *values)
    assert viewed.exact("#trust-unreported .trust-figure") == str(unreported[0][0])
    assert viewed.exact("#trust-quarantined .trust-figure") == "2/903"


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
        ("#kind", selection.kind, None),
    ):
        if value is not None:
            place = viewed.page.evaluate(
                """([names, id]) => {
                    const data = JSON.parse(document.getElementById('data').textContent);
                    return String(names ? data[names].findIndex(each => each[0] === id) : data.kinds.indexOf(id));
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
    assert "stream" in viewed.text("#chosen")


def test_more_rows_are_shown_on_request(view: Open, published: Published) -> None:
    viewed = view(address="#period=all")
    viewed.page.click("[data-list='users']")
    assert viewed.table("#users") == dict(
        published.sql(
            "select user_id, sum(credits) from marts.agg_credits_daily group by 1 order by 2 desc, 1 limit 28"
        )
    )
