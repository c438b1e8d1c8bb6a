"""A page that is loading, empty, broken or without scripts says so."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.dashboard.design import html
from orchestration.dashboard.making import make_dashboard
from orchestration.dashboard.page_data import VersionStamp, as_json
from tests.dashboard.conftest import Open
from tests.dashboard.viewing import Published

DATA = re.compile(r'(?s)(<script type="application/json" id="data">)(.*?)(</script>)')
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def changed(published: Published, tmp_path: Path) -> Callable[[Change], Path]:
    """The published page with other data in it."""

    def changed(change: Change) -> Path:
        found = DATA.search(published.page.read_text(encoding="utf-8"))
        assert found
        data = json.loads(found[2])
        result = change(data)
        target = tmp_path / "page.html"
        target.write_text(html(result if isinstance(result, str) else as_json(data)), encoding="utf-8")
        return target

    return changed


def raised(data: dict[str, Any]) -> None:
    data["total"]["credits"] = "1"


def cut(data: dict[str, Any]) -> None:
    cells = data["cells"]["exact"]
    cells["credits"] = cells["credits"].rpartition(" ")[0]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (raised, "its figures do not add up to their total"),
        (cut, "the column credits is not whole"),
        (lambda data: data.update(format=99), "its figures have the format 99"),
        (lambda data: "{", "JSON"),
    ],
    ids=["sums that differ", "a column cut off", "a later format", "no JSON"],
)
def test_figures_that_are_not_whole_are_not_shown(
    view: Open, changed: Callable[[Change], Path], change: Change, reason: str
) -> None:
    viewed = view(changed(change))
    assert viewed.page.locator("#page").is_hidden()
    assert reason in viewed.text("#state") and "credits run" in viewed.text("#state")


def test_what_fails_while_it_is_drawn_ends_in_words_too(view: Open, changed: Callable[[Change], Path]) -> None:
    """A kind that is not in the dictionary: all sums are right, and no chart can name it."""

    def unnamed(data: dict[str, Any]) -> None:
        data["kinds"] = data["kinds"][:1]

    viewed = view(changed(unnamed))
    assert viewed.page.locator("#page").is_hidden()
    assert "This page can't be shown" in viewed.text("#state")


def test_a_version_without_usage_says_so(view: Open, published: Published, tmp_path: Path) -> None:
    database = tmp_path / "empty.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"attach '{published.database}' as full_version (read_only)")
        connection.execute("create schema marts")
        for (table,) in connection.execute(
            "select table_name from duckdb_tables() where database_name = 'full_version'"
        ).fetchall():
            connection.execute(f"create table marts.{table} as from full_version.marts.{table} limit 0")
    target = tmp_path / "empty.html"
    target.write_bytes(make_dashboard(published.settings, database, VersionStamp("v", "2026-01-01T00:00:00+00:00")))
    viewed = view(target)
    assert "No usage yet" in viewed.text("#state")
    assert viewed.page.locator("#page").is_hidden()


def test_the_page_says_that_it_reads_until_it_has(view: Open) -> None:
    viewed = view(java_script_enabled=False)
    assert "Reading the figures" in viewed.text("#state")
    assert viewed.page.locator("noscript").count() == 1


def test_each_part_says_when_nothing_is_selected(view: Open) -> None:
    viewed = view(address="#from=2026-07-04&to=2026-07-05&tenant=t-long&user=u-04&kind=letter")
    for part in ("#over-time", "#tenants", "#users"):
        assert "No usage in this selection." in viewed.text(part)
    assert "No interaction in this selection." in viewed.text("#interactions")
    assert viewed.exact("#kpi-credits") == "0.000000000"


EMPTY = "#from=2026-07-04&to=2026-07-05&tenant=t-long&user=u-04&kind=letter"


@pytest.mark.parametrize("back", ["#reset", "[data-preset='all']"])
def test_words_in_place_of_a_chart_or_list_go_when_there_is_usage_again(view: Open, back: str) -> None:
    """A chart that is drawn below these words would lie over what follows it."""
    viewed = view(address="#period=28d")
    heights = {place: viewed.page.locator(place).evaluate("place => place.offsetHeight") for place in DRAWN}
    viewed.choose(EMPTY)
    viewed.page.locator("#over-time .nothing").wait_for()
    viewed.page.click("#reset")
    if back != "#reset":
        viewed.page.click(back)
    assert viewed.exact("#kpi-credits") != "0.000000000"
    for place in DRAWN:
        assert viewed.page.locator(f"{place} .nothing").count() == 0, place
    for chart in ("#over-time", "#calendar"):
        over = viewed.page.locator(chart).evaluate("place => place.scrollHeight - place.offsetHeight")
        assert over <= 1, chart
    if back == "#reset":
        again = {place: viewed.page.locator(place).evaluate("place => place.offsetHeight") for place in DRAWN}
        assert again == heights


DRAWN = ("#over-time", "#calendar", "#tenants", "#users", "#interactions")
