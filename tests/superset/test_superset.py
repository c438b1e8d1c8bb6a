"""A real Superset imports the set; its charts show the published figures, while the next version is published too.

It installs some 150 packages, so it runs on request: `make test-superset`.
"""

from __future__ import annotations

import shutil
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from bi.superset.chart_definitions import CHARTS as OUR_CHARTS
from bi.superset.dataset_files import DAILY, NAMED
from bi.superset.files import FOLDER, files_in, pack
from ingest.settings import load_settings
from tests.orchestration.homes import CHECKOUT, Home
from tests.superset.figures import CHARTS, Rows, comparable, figures, tenant_figures
from tests.superset.serving import Superset, make_environment, suitable_python, superset

pytestmark = pytest.mark.superset

READERS = 3
TENANT = "961a25e0-1f65-a396-7b20-3fdfaf67619c"
"""A customer of the sample with a monthly quota of 48 credits, 40.8 of them used by 31 October 2026."""

FIRST, BEHIND = date(2026, 9, 1), date(2026, 10, 1)


@dataclass(frozen=True)
class Served:
    """A Superset that has imported the set, and the home that it reads."""

    superset: Superset
    home: Home
    archive: Path

    @property
    def published(self) -> Path:
        return self.home.current / "credits.duckdb"

    def shown(self) -> dict[str, Rows]:
        """What every chart shows now."""
        return {title: comparable(self.superset.rows_of(number)) for title, number in self.superset.charts().items()}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    python = suitable_python()
    if python is None:
        pytest.skip("Superset's pinned packages need Python 3.11 or 3.12, and neither is here")
    folder = tmp_path_factory.mktemp("superset")
    home = Home(load_settings({"CREDITS_HOME": str(folder / "home")}))
    shutil.copytree(CHECKOUT / "data" / "sample" / "landing", home.path / "landing")
    first = home.process("-m", "orchestration.cli", "run")
    assert first.code == 0, first.err
    archive = folder / "credits.zip"
    pack(files_in(FOLDER), archive, f"duckdb:///{home.current / 'credits.duckdb'}")
    with superset(make_environment(folder / "environment", python), folder / "superset") as running:
        running.import_set(archive, "dashboard", "formData")
        yield Served(running, home, archive)


def test_every_chart_shows_what_sql_says(served: Served) -> None:
    assert served.shown() == figures(served.published)
    assert set(CHARTS) == {chart.title for chart in OUR_CHARTS}


def test_dashboard_and_datasets_are_there_with_their_descriptions(served: Served) -> None:
    ask = served.superset.ask
    assert len(ask("/api/v1/dashboard/credits/charts")["result"]) == len(OUR_CHARTS)
    found = ask("/api/v1/dataset/?q=(page_size:100)")["result"]
    tables = served.home.manifest()["tables"]
    assert {dataset["table_name"]: dataset["schema"] for dataset in found} == dict.fromkeys([*tables, NAMED], "marts")
    for dataset in found:
        got = ask(f"/api/v1/dataset/{dataset['id']}")["result"]
        assert got["description"].startswith("One row per ")
        named = dataset["table_name"] == NAMED
        names = {column["name"] for column in tables[DAILY if named else dataset["table_name"]]["columns"]}
        names |= {"tenant_name", "user_name"} if named else set()
        assert {column["column_name"] for column in got["columns"] if column["description"]} == names


def test_the_filters_of_the_dashboard_give_what_sql_says(served: Served) -> None:
    found = served.superset.ask("/api/v1/dataset/?q=(page_size:100)")["result"]
    (daily,) = (dataset["id"] for dataset in found if dataset["table_name"] == NAMED)
    sums = ("credits", "operations", "estimated_credits", "read_credits", "fallback_credits")
    asked = {
        "columns": ["tenant_name", "tenant_id"],
        "metrics": [f"sum_{name}" for name in sums],
        "filters": [
            {"col": "reporting_date", "op": "TEMPORAL_RANGE", "val": f"{FIRST} : {BEHIND}"},
            {"col": "tenant_id", "op": "IN", "val": [TENANT]},
        ],
        "row_limit": 100,
    }
    expected = tenant_figures(served.published, FIRST, BEHIND, TENANT)
    assert comparable(served.superset.rows_for(asked, daily)) == expected and len(expected) == 1


def test_charts_show_one_version_or_the_next_whole_while_it_is_published(served: Served) -> None:
    before = figures(served.published)
    news = {"tenantId": TENANT, "creditsConsumed": "20.000000001", "capturedAt": "2026-11-02T00:00:00Z"}
    served.home.deliver(
        "capture/news.jsonl",
        {"kind": "document", "resourceId": "new-1", "userId": "u", "createdAt": "2026-10-30T10:00:00Z", **news},
        {"kind": "facts", "operationId": "new-2", "creditsConsumed": "3", "createdAt": "2026-10-30T11:00:00Z"},
    )
    seen: dict[str, set[Rows]] = defaultdict(set)
    errors: list[str] = []
    looks: list[None] = []
    looked, stop = threading.Event(), threading.Event()

    def look() -> None:
        while not stop.is_set():
            try:
                for title, rows in served.shown().items():
                    seen[title].add(rows)
            except Exception as error:
                errors.append(f"{type(error).__name__}: {error}")
            looks.append(None)
            looked.set()

    readers = [threading.Thread(target=look) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    try:
        looked.wait()
        looks_before = len(looks)
        publishing = served.home.process("-m", "orchestration.cli", "run")
        looks_meanwhile = len(looks) - looks_before
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert publishing.code == 0, publishing.err
    assert errors == [] and looks_meanwhile > 0

    after = figures(served.published)
    assert [title for title in CHARTS if before[title] == after[title]] == []
    for title in CHARTS:
        assert before[title] in seen[title] and seen[title] <= {before[title], after[title]}, title
    assert served.shown() == after


def test_importing_the_set_again_as_assets_replaces_what_there_is(served: Served) -> None:
    (database,) = served.superset.ask("/api/v1/database/")["result"]
    charts = served.superset.charts()
    served.superset.import_set(served.archive, "assets", "bundle")
    assert served.superset.charts() == charts
    (again,) = served.superset.ask("/api/v1/database/")["result"]
    assert again["id"] == database["id"]
    assert served.shown() == figures(served.published)
