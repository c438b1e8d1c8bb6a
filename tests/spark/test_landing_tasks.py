"""Files that land by tasks of Spark give the raw tables and refused lines of a landing on one machine."""

from __future__ import annotations

import json
import os
import random
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from ingest.landing.load import land
from ingest.landing.warehouse import prepare_folders
from ingest.settings import Settings, load_settings
from ingest.sql_text import literal
from orchestration.engines.spark_tasks import landing_tasks
from tests.ingest.landing.landing_home import LandingHome
from tests.spark.conftest import PROPERTIES
from tests.spark.standalone import Standalone

pytestmark = pytest.mark.spark
FILES = 200
LINES = 1_000_000 if os.environ.get("CREDITS_TEST_IN_FULL") else 20_000


def home(path: Path) -> Settings:
    settings = load_settings({"CREDITS_HOME": str(path)})
    prepare_folders(settings)
    return settings


def line(number: int, rng: random.Random) -> str:
    if number % 97 == 0:
        return rng.choice(['{"creditsConsumed": "x"}', "broken", '{"creditsConsumed": NaN}', "[]"])
    at = f"2026-0{rng.randint(1, 9)}-{rng.randint(10, 28)}T{rng.randint(10, 23)}:00:00Z"
    credits = rng.choice([1, 0.25, "0.000000001", "12.3456789012", 7])
    user = rng.choice(["u1", "u2", None])
    return json.dumps({"recordId": f"r{number}", "creditsConsumed": credits, "createdAt": at, "userId": user})


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> LandingHome:
    settings = home(tmp_path_factory.mktemp("one") / "home")
    rng = random.Random(20261201)
    for file in range(FILES):
        folder = settings.landing / "usage_records" / f"{file % 7}"
        folder.mkdir(parents=True, exist_ok=True)
        lines = [line(file * LINES // FILES + number, rng) for number in range(LINES // FILES)]
        (folder / f"{file}.jsonl").write_text("\n".join(lines) + "\n")
    land(settings, "one machine")
    return LandingHome(settings)


@pytest.mark.parametrize("tasks", [2, 4])
def test_tasks_land_what_one_machine_lands(one: LandingHome, tmp_path: Path, tasks: int) -> None:
    require_equal_landing(one, tmp_path, f"local[{tasks}]", PROPERTIES, tasks)


def test_executors_of_both_workers_land_what_one_machine_lands(
    one: LandingHome, tmp_path: Path, standalone: Standalone
) -> None:
    require_equal_landing(one, tmp_path, standalone.master, standalone.properties, 2)
    tasks = standalone.tasks_by_executor()
    assert all(any(tasks.get(executor) for executor in started) for started in standalone.executors_of_workers())


def require_equal_landing(one: LandingHome, tmp_path: Path, master: str, properties: Path, tasks: int) -> None:
    plain = home(tmp_path / "home")
    plain.landing.symlink_to(one.settings.landing)
    settings = replace(plain, engine="spark", spark_master=master, spark_properties=properties, landing_tasks=tasks)
    with landing_tasks(settings) as by:
        summary = land(settings, "by tasks", tasks=by)
    assert (summary.files, summary.lines) == (FILES, LINES)
    other = LandingHome(settings)
    for table in ("usage_records", "rejected_lines", "rejected_counts"):
        assert differing_rows(one, other, table) == 0, table
    ledger = "select * exclude (landed_at) from raw.landed_files order by file_id"
    assert other.rows(ledger) == one.rows(ledger)
    assert other.differences() == []


def differing_rows(one: LandingHome, other: LandingHome, table: str) -> int:
    with duckdb.connect(str(other.settings.build_database), read_only=True) as connection:
        connection.execute(f"attach {literal(one.settings.build_database)} as one (read_only)")
        ours, theirs = f"select * from raw.{table}", f"select * from one.raw.{table}"
        query = " union all ".join(f"({a} except all {b})" for a, b in ((ours, theirs), (theirs, ours)))
        [row] = connection.execute(f"select count(*) from ({query})").fetchall()
        return row[0]
