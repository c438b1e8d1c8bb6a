"""What is drawn is what SQL says: heights of bars, the line of the period before, the colours of days and months."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Browser

from orchestration.dashboard.page_data import in_words
from tests.dashboard.comparing import Compared, Shown, compared, two_years
from tests.dashboard.drawn import chart, fifths, hold_against_legend
from tests.dashboard.viewing import rows_of

PERIODS = {
    "days": ("day", compared("2026-07-04 2026-08-12", "2026-05-25 2026-07-03")),
    "days of a month": ("day", compared("2026-03-01 2026-03-31", "2026-02-01 2026-02-28")),
    "days of a month after a longer one": ("day", compared("2026-02-01 2026-02-28", "2026-01-01 2026-01-31")),
    "weeks": ("week", compared("2026-05-02 2026-08-21", "2026-01-10 2026-05-01")),
    "weeks of months": ("week", compared("2026-06-01 2026-08-16", "2026-03-01 2026-05-16")),
    "months": ("month", compared("2025-09-01 2026-10-31", "2024-07-01 2025-08-31")),
    "days of a customer": (
        "day",
        compared("2026-07-01 2026-07-31", "2026-06-01 2026-06-30", tenant="tenant-0001"),
    ),
}
KINDS_DRAWN = 5
FIGURES = """rows => rows.map(row => [...row.querySelectorAll('[data-exact]')].map(each => each.dataset.exact))"""


@pytest.fixture(scope="module")
def shown(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    shown = two_years(tmp_path_factory.mktemp("drawn"), browser)
    yield shown
    shown.viewed.context.close()
    assert shown.viewed.complaints == []


@pytest.fixture(scope="module")
def by_month(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    shown = two_years(tmp_path_factory.mktemp("months"), browser, by_month=True)
    yield shown
    shown.viewed.context.close()
    assert shown.viewed.complaints == []


@pytest.fixture(params=PERIODS.values(), ids=list(PERIODS))
def period(request: pytest.FixtureRequest) -> tuple[str, Compared]:
    return request.param


def test_the_table_of_a_period_has_the_one_before_beside_it(shown: Shown, period: tuple[str, Compared]) -> None:
    step, chosen = period
    shown.viewed.choose(chosen.address)
    rows = shown.viewed.page.locator("#over-time-figures tbody tr").evaluate_all(FIGURES)
    now, before = shown.pieces(chosen.now, step), shown.pieces(chosen.before, step)
    # The rest of a longer period before may have its own row.
    rows, beyond = rows[: len(now)], rows[len(now) :]
    assert beyond in ([], [[f"{sum(before[len(now) :], Decimal(0)):.9f}"]])
    assert [row[0] for row in rows] == [f"{value:.9f}" for value in now]
    assert [row[1] for row in rows[: len(before)]] == [f"{value:.9f}" for value in before[: len(now)]]
    # A shorter period before has no figure there, or none but 0.
    assert all(row[1:] in ([], ["0.000000000"]) for row in rows[len(before) :])
    assert any(before)


def test_bars_and_line_are_given_the_same_figures(shown: Shown, period: tuple[str, Compared]) -> None:
    step, chosen = period
    shown.viewed.choose(chosen.address)
    series = {drawn_series["name"]: drawn_series for drawn_series in chart(shown, "over-time")["series"]}
    bars = {name: drawn_series["data"] for name, drawn_series in series.items() if drawn_series["type"] == "bar"}
    kinds = [str(kind) for kind, (credits, _) in shown.sums(chosen, "kind").items() if credits]
    expected = {in_words(kind): shown.pieces(chosen.now, step, kind) for kind in kinds if in_words(kind) in bars}
    others = [shown.pieces(chosen.now, step, kind) for kind in kinds if in_words(kind) not in bars]
    if others:
        expected["Other kinds"] = [sum(values, Decimal(0)) for values in zip(*others, strict=True)]
    assert bars.keys() == expected.keys() and len(bars) >= min(len(kinds), KINDS_DRAWN)
    for name, values in expected.items():
        assert bars[name] == [pytest.approx(float(value)) for value in values], name
    before = shown.pieces(chosen.before, step)
    line = series["Period before"]["data"]
    assert line[: len(before)] == [pytest.approx(float(value)) for value in before[: len(line)]]
    assert not any(line[len(before) :])


@pytest.mark.parametrize("kind", ["document", None], ids=["one kind", "kinds upon each other"])
def test_bars_and_line_are_drawn_to_one_scale(shown: Shown, kind: str | None) -> None:
    chosen = compared("2026-05-02 2026-08-21", "2026-01-10 2026-05-01", **({"kind": kind} if kind else {}))
    shown.viewed.choose(chosen.address)
    now, before = shown.pieces(chosen.now, "week"), shown.pieces(chosen.before, "week")
    drawn = chart(shown, "over-time")
    tints = {drawn_series["tint"] for drawn_series in drawn["series"] if drawn_series["type"] == "bar"}
    assert len(tints) == (1 if kind else KINDS_DRAWN + 1)
    bars: dict[int, list[dict[str, Any]]] = {}
    for path in drawn["drawn"]:
        if path["fill"] in tints:
            bars.setdefault(round(path["left"]), []).append(path)
    stacks = [bars[left] for left in sorted(bars)]
    floor = max(part["bottom"] for stack in stacks for part in stack)
    heights = [floor - min(part["bottom"] - part["height"] for part in stack) for stack in stacks]
    scale = max(heights) / float(max(now))
    assert max(heights) > 100
    assert heights == [pytest.approx(float(value) * scale, abs=3) for value in now]
    # The parts of a bar are on top of each other, except for a border of a pixel or two.
    assert [sum(part["height"] for part in stack) for stack in stacks] == [
        pytest.approx(height, abs=2 * len(tints)) for height in heights
    ]
    (line,) = (path for path in drawn["drawn"] if path["dashed"])
    points = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", line["outline"])][1::2]
    assert [floor - point for point in points] == [pytest.approx(float(value) * scale, abs=3) for value in before]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_day_has_the_colour_of_its_fifth(shown: Shown, scheme: str) -> None:
    page = shown.viewed.page
    page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
    shown.viewed.choose("#from=2025-06-01&to=2026-05-31&tenant=tenant-0003")
    drawn = chart(shown, "calendar")
    expected = fifths(shown, "reporting_date", date(2025, 6, 1), date(2026, 5, 31), "tenant_id = 'tenant-0003'")
    assert 60 < len(expected) < 365
    tints_of_days = {point[0]: tint for series in drawn["series"] for point, tint in series["data"]}
    hold_against_legend(drawn, expected, tints_of_days)


def test_a_month_has_the_colour_of_its_fifth(by_month: Shown) -> None:
    (user,) = rows_of(by_month.database, "select min(user_id) from marts.dim_users")[0]
    by_month.viewed.choose(f"#from=2024-11-01&to=2026-10-31&user={user}")
    assert by_month.viewed.text("#calendar-title") == "Month by month"
    drawn = chart(by_month, "calendar")
    month = "date_trunc('month', reporting_date)::date"
    expected = fifths(by_month, month, date(2024, 11, 1), date(2026, 10, 31), f"user_id = '{user}'")
    assert len(expected) > 20
    tints_of_days = {
        f"{drawn['years'][point[1]]}-{point[0] + 1:02}-01": tint
        for series in drawn["series"]
        for point, tint in series["data"]
    }
    hold_against_legend(drawn, expected, tints_of_days)
