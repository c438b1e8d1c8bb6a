"""Each filter changes each figure, and every figure is what SQL says of the published tables."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.dashboard.selections import SELECTIONS, address, ranking, sums
from tests.dashboard.viewing import Published, Selection, Viewed


@pytest.fixture(params=SELECTIONS.values(), ids=list(SELECTIONS))
def selection(request: pytest.FixtureRequest) -> Selection:
    return request.param


def listed(published: Published, selection: Selection, column: str) -> dict[str, Decimal]:
    """Members of the period, then those with usage only in the period before, if that is shown."""
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
    is_compared = selection.before.first >= first_day(published)
    assert said[0] == (change(credits, before[0]) if is_compared else "–")
    assert said[1] == (change(Decimal(operations), Decimal(before[1])) if is_compared else "–")
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
        now, then = (ranking(published, chosen, column) for chosen in (selection, selection.before))
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
    assert [Decimal(credits) for credits in foot.evaluate_all(exact)] == [
        sums(published, month)[0] for month in (july, june)
    ]


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
