"""A published database with the operations of the last months only; all readers within the project see all of them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ingest.corti.reading_back import Candidate
from ingest.errors import CreditsError
from ingest.settings import Settings, load_settings
from orchestration.commands import dev_copy
from orchestration.dashboard.making import make_dashboard
from orchestration.dashboard.page_data import VersionStamp
from orchestration.published_version import current_manifest, current_version, published
from orchestration.pulls.open_costs import covered, open_costs
from orchestration.status import read_status
from orchestration.version_tables import TABLES_OF_OPERATIONS
from tests.end_to_end.driving import Warehouse

MADE = VersionStamp("v", "2025-05-10T00:00:00+00:00")
DAYS = ("2025-02-10", "2025-03-31", "2025-04-01", "2025-05-02")


def _home(folder: Path, months: int) -> Warehouse:
    home = folder / "home"
    (home / "landing" / "usage_records").mkdir(parents=True)
    settings = load_settings({"CREDITS_HOME": str(home), "CREDITS_PUBLISHED_FACT_MONTHS": str(months)})
    return Warehouse(settings)


def _with(warehouse: Warehouse, months: int) -> Warehouse:
    return Warehouse(replace(warehouse.settings, published_fact_months=months))


def _deliver(warehouse: Warehouse) -> None:
    known = {"userId": "u", "tenantId": "t", "kind": "document", "creditsConsumed": "1.5"}
    rows = [{**known, "interactionId": f"i-{day}", "resourceId": f"r-{day}", "createdAt": day} for day in DAYS]
    open_cost = {"creditsConsumed": None, "status": "unreported", "interactionId": "i-open", "resourceId": "r-open"}
    warehouse.usage("a.jsonl", *rows, {**known, **open_cost, "createdAt": DAYS[0]})


def _days(settings: Settings, table: str = "fct_credit_usage") -> list[str]:
    version = current_version(settings)
    assert version
    with duckdb.connect(str(version / "credits.duckdb"), read_only=True) as connection:
        rows = connection.execute(f"select distinct reporting_date from marts.{table} order by 1").fetchall()
    return [f"{day}" for (day,) in rows]


@pytest.fixture(scope="module")
def shortened(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse = _home(tmp_path_factory.mktemp("shortened"), 2)
    _deliver(warehouse)
    warehouse.run()
    return warehouse


def test_the_database_has_the_last_months_and_parquet_has_all(shortened: Warehouse) -> None:
    manifest = current_manifest(shortened.settings)
    assert manifest and manifest["operations_from"] == "2025-04-01"
    for table in TABLES_OF_OPERATIONS:
        assert _days(shortened.settings, table) == list(DAYS[2:])
        assert (
            manifest["tables"][table]["rows"] == sum(file["rows"] for file in manifest["tables"][table]["files"]) == 5
        )
        assert Decimal(manifest["tables"][table]["credits"]) == 6
    assert sum(row[0] for row in shortened.table("agg_credits_daily", ["credits"])) == 6


def test_comments_types_and_the_format_are_those_of_a_whole_database(shortened: Warehouse) -> None:
    about = """
        select table_name, column_name, data_type, is_nullable, comment from duckdb_columns()
        where database_name = current_database() and schema_name = 'marts'
    """
    version = current_version(shortened.settings)
    assert version
    with duckdb.connect(str(version / "credits.duckdb"), read_only=True) as connection:
        found = sorted(connection.execute(about).fetchall(), key=repr)
        (tags,) = connection.execute("select tags from duckdb_databases() where not internal").fetchall()[0]
    with duckdb.connect(str(shortened.settings.marts_database), read_only=True) as connection:
        assert found == sorted(connection.execute(about).fetchall(), key=repr)
        assert connection.execute("select tags from duckdb_databases() where not internal").fetchall() == [(tags,)]


def test_pulls_know_operations_of_earlier_months(shortened: Warehouse) -> None:
    """An operation that looks missing would be read again, and could count twice."""
    wanted = [("document", f"r-{DAYS[0]}"), ("document", "r-unknown")]
    assert covered(shortened.settings, f"i-{DAYS[0]}", wanted) == {wanted[0]}
    candidates = open_costs(shortened.settings, 3650)
    assert [(found.kind, found.resource_id) for found in candidates] == [("document", "r-open")]
    assert isinstance(candidates[0], Candidate)


def test_tables_status_and_page_have_all_operations(shortened: Warehouse, tmp_path: Path) -> None:
    assert len(published("fct_credit_usage", shortened.settings)) == 5
    assert read_status(shortened.settings).operations == 5
    version = current_version(shortened.settings)
    assert version
    for tenant in (None, "t"):
        page = make_dashboard(shortened.settings, version / "credits.duckdb", MADE, tenant)
        assert page == make_dashboard(shortened.settings, shortened.settings.marts_database, MADE, tenant)


def test_a_copy_for_analysts_has_all_operations(
    shortened: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev_copy, "DEV", tmp_path / "dev")
    assert list(dev_copy.make_dev_databases(shortened.settings, from_published=True))
    copied = replace(shortened.settings, home=tmp_path / "dev").marts_database
    with duckdb.connect(str(copied), read_only=True) as connection:
        for table in TABLES_OF_OPERATIONS:
            assert connection.execute(f"select count(*) from marts.marts.{table}").fetchall() == [(5,)]


def test_another_number_of_months_makes_another_version(tmp_path: Path) -> None:
    warehouse = _home(tmp_path, 0)
    _deliver(warehouse)
    first = warehouse.run()
    assert _days(warehouse.settings) == list(DAYS)
    assert current_manifest(warehouse.settings)["operations_from"] is None  # pyright: ignore[reportOptionalSubscript]
    for months, expected in ((1, DAYS[3:]), (3, DAYS[1:]), (4, DAYS), (0, DAYS)):
        again = _with(warehouse, months)
        second = again.run()
        assert second.version != first.version and again.run().version == second.version
        assert _days(again.settings) == list(expected)
        first = second


def test_a_day_in_a_shortened_version_rewrites_its_own_files_only(shortened: Warehouse) -> None:
    before = current_manifest(shortened.settings)
    shortened.usage("late.jsonl", {"creditsConsumed": 2, "resourceId": "r-late", "createdAt": f"{DAYS[0]}T10:00:00Z"})
    shortened.run()
    now = current_manifest(shortened.settings)
    assert before and now
    changed = [
        file["path"]
        for file in now["tables"]["fct_credit_usage"]["files"]
        if file not in before["tables"]["fct_credit_usage"]["files"]
    ]
    assert len(changed) == 1 and "month=2025-02" in changed[0]
    assert len(published("fct_credit_usage", shortened.settings)) == 6


def test_a_missing_file_of_operations_is_one_line(shortened: Warehouse) -> None:
    version, manifest = current_version(shortened.settings), current_manifest(shortened.settings)
    assert version and manifest
    lost = version / manifest["tables"]["fct_credit_usage"]["files"][0]["path"]
    content = lost.read_bytes()
    lost.unlink()
    try:
        with pytest.raises(CreditsError, match=r"can't be read .*: run `credits rebuild`"):
            read_status(shortened.settings)
    finally:
        lost.write_bytes(content)
