"""The Delta tables of a real home: what they hold, what a version replaces, and what is removed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest
from deltalake import DeltaTable

from ingest.settings import load_settings
from orchestration.change_detection import has_news
from orchestration.pipeline import publish_version
from orchestration.publish import delta_folder
from orchestration.publish.delta_tables import name_by_content
from tests.objects.publishing.scanning_delta import FACTS
from tests.orchestration.environments import environment
from tests.orchestration.homes import UNTOUCHED, Ended, Home, Versions

pytestmark = pytest.mark.objects


@pytest.fixture
def delta_home(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The home after its second version, which is published as Delta tables too."""
    assert not has_news(load_settings())
    monkeypatch.setenv("CREDITS_PUBLISH_DELTA", "1")
    assert has_news(load_settings())
    publish_version(load_settings())
    return home


def place(home: Home) -> Path:
    return home.settings.published / "delta"


def names_in(home: Home, table: str) -> set[str]:
    """The data files that the version has of a table, by their names in a Delta table."""
    return {name_by_content(file["sha256"]) for file in home.manifest()["tables"][table]["files"]}


def names_of(table: DeltaTable) -> set[str]:
    return {uri.rsplit("/", 1)[-1] for uri in table.file_uris()}


def publish_state(home: Home, state: Path) -> str:
    for name in ("build.duckdb", "marts.duckdb"):
        shutil.copyfile(state / "warehouse" / name, home.settings.warehouse / name)
    return publish_version(load_settings()).version


def require_equal(home: Home) -> None:
    """deltalake, Polars and DuckDB read every table as the version's database has it."""
    reader = Path(__file__).with_name("reading_delta.py")
    ended: Ended = home.process(str(reader), str(home.current.resolve()), str(place(home)), TZ="America/New_York")
    assert ended.code == 0, ended.err
    tables = len(home.manifest()["tables"])
    assert json.loads(ended.out) == {"deltalake": tables, "polars": tables, "duckdb": tables}


def test_every_published_table_reads_equal_in_a_zone_that_is_not_utc(delta_home: Home) -> None:
    assert {path.name for path in place(delta_home).iterdir()} == set(delta_home.manifest()["tables"])
    require_equal(delta_home)


def test_no_file_is_copied(delta_home: Home) -> None:
    inodes = {path.stat().st_ino for path in delta_home.current.resolve().rglob("*.parquet")}
    for table in delta_home.manifest()["tables"]:
        files = [*(place(delta_home) / table).glob("*.parquet")]
        assert {path.name for path in files} == names_in(delta_home, table)
        assert {path.stat().st_ino for path in files} <= inodes and files


def test_table_says_what_its_columns_mean_and_where_its_values_lie(delta_home: Home) -> None:
    table = DeltaTable(place(delta_home) / "fct_credit_usage")
    fields = {field.name: field for field in table.schema().fields}
    assert "Corti credits charged" in fields["credits"].metadata["comment"]
    assert str(fields["occurred_at"].type) == 'PrimitiveType("timestamp_ntz")'
    assert all(field.metadata["comment"] for field in fields.values())
    [log] = [*(place(delta_home) / "fct_credit_usage" / "_delta_log").glob("*.json")]
    added = [json.loads(line)["add"] for line in log.read_text().splitlines() if '"add"' in line]
    connection = duckdb.connect()
    for add in added:
        path = place(delta_home) / "fct_credit_usage" / add["path"]
        says: dict[str, Any] = json.loads(add["stats"])
        row = connection.execute(
            "select count(*), min(occurred_at), max(occurred_at), min(usage_date)::varchar, max(usage_date)::varchar, "
            "count(*) filter (where interaction_id is null) from read_parquet(?)",
            [str(path)],
        ).fetchone()
        assert row is not None
        rows, first, last, first_day, last_day, nulls = row
        low, high = says["minValues"], says["maxValues"]
        assert says["numRecords"] == rows and says["nullCount"]["interaction_id"] == nulls
        assert low["occurred_at"] <= first.isoformat(timespec="microseconds")
        assert high["occurred_at"] >= last.isoformat(timespec="milliseconds")
        assert (low["usage_date"], high["usage_date"]) == (first_day, last_day)


def test_version_replaces_only_the_files_that_changed(delta_home: Home, versions: Versions) -> None:
    publish_state(delta_home, versions.first_state)
    tables = delta_home.manifest()["tables"]
    before = {table: DeltaTable(place(delta_home) / table) for table in tables}
    files = {table: names_of(found) for table, found in before.items()}
    version = publish_state(delta_home, versions.second_state)
    for table in tables:
        after = DeltaTable(place(delta_home) / table)
        assert names_of(after) == names_in(delta_home, table)
        assert after.version() == before[table].version() + (names_of(after) != files[table])
        assert delta_home.manifest()["delta"][table] == after.version()
        if names_of(after) != files[table]:
            assert after.history(1)[0]["credits.version"] == version
    months = {
        file["path"].split("month=")[1][:7]: name_by_content(file["sha256"])
        for file in delta_home.manifest()["tables"]["agg_credits_daily"]["files"]
    }
    assert months[UNTOUCHED] in files["agg_credits_daily"]
    replaced = names_in(delta_home, "agg_credits_daily") - files["agg_credits_daily"]
    assert {month for month, name in months.items() if name in replaced} == {"2026-01", "2026-08", "2026-09"}
    require_equal(delta_home)


def test_publish_after_a_rollback_commits_what_differs_from_the_tables(delta_home: Home, versions: Versions) -> None:
    publish_state(delta_home, versions.first_state)
    require_equal(delta_home)
    publish_state(delta_home, versions.second_state)
    delta_home.roll_back()
    publish_version(load_settings())
    require_equal(delta_home)


def test_death_between_two_commits_is_mended_by_the_next_run(
    delta_home: Home, versions: Versions, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_state(delta_home, versions.first_state)
    before = delta_home.current.resolve().name
    commit, committed = delta_folder.OpenedTable.commit, list[str]()

    def die_late(table: Any, content: Any, version: str, publication: int) -> int:
        if len(committed) == 9:
            raise KeyboardInterrupt
        committed.append(content.name)
        return commit(table, content, version, publication)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(delta_folder.OpenedTable, "commit", die_late)
        publish_state(delta_home, versions.second_state)
    assert delta_home.current.resolve().name == before
    taken = {table: DeltaTable(place(delta_home) / table).version() for table in committed}
    publish_version(load_settings())
    assert {table: delta_home.manifest()["delta"][table] for table in committed} == taken
    require_equal(delta_home)


def test_file_that_no_version_has_is_removed_after_a_week(
    delta_home: Home, versions: Versions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDITS_KEEP_VERSIONS", "1")
    publish_state(delta_home, versions.first_state)
    publish_state(delta_home, versions.second_state)
    table = place(delta_home) / "agg_credits_daily"
    held = names_in(delta_home, "agg_credits_daily")
    earlier = {path.name for path in table.glob("*.parquet")} - held
    assert len(earlier) == 3
    day = 86_400
    delta_folder.remove_unneeded_files(load_settings(), time.time() + 6 * day)
    assert {path.name for path in table.glob("*.parquet")} == held | earlier
    delta_folder.remove_unneeded_files(load_settings(), time.time() + 8 * day)
    assert {path.name for path in table.glob("*.parquet")} == held
    require_equal(delta_home)


def test_files_stay_if_a_manifest_cannot_be_read(delta_home: Home, versions: Versions) -> None:
    publish_state(delta_home, versions.first_state)
    files = set(place(delta_home).glob("*/*.parquet"))
    (delta_home.settings.published / "versions" / "2026-01-01T00-00-00Z").mkdir()
    delta_folder.remove_unneeded_files(load_settings(), time.time() + 1e7)
    assert set(place(delta_home).glob("*/*.parquet")) == files


def test_table_to_which_another_program_wrote_is_put_right(delta_home: Home, versions: Versions) -> None:
    from deltalake import CommitProperties
    from deltalake.transaction import RemoveAction

    table = DeltaTable(place(delta_home) / "dim_dates")
    [name] = names_of(table)
    properties = CommitProperties(custom_metadata={"credits.version": "another program"})
    removal = RemoveAction(name, True, int(time.time() * 1000), partition_values={})
    table.create_write_transaction([removal], "append", table.schema(), commit_properties=properties)
    publish_state(delta_home, versions.first_state)
    require_equal(delta_home)


def test_own_reader_of_the_earlier_duckdb_reads_the_same(delta_home: Home, tmp_path: Path) -> None:
    python = environment(tmp_path / "earlier", "duckdb==1.5.5", "duckdb-extension-delta==1.5.5")
    says = delta_home.manifest()["tables"]
    scanned = subprocess.run(
        [python, str(Path(__file__).with_name("scanning_delta.py")), str(place(delta_home)), ",".join(says)],
        env={**os.environ, "TZ": "America/New_York"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert scanned.returncode == 0, scanned.stderr
    found = json.loads(scanned.stdout)
    assert found["rows"] == {table: described["rows"] for table, described in says.items()}
    with duckdb.connect(str(delta_home.current / "credits.duckdb"), read_only=True) as marts:
        assert found["fact"] == list(marts.execute(FACTS.format("marts.fct_credit_usage")).fetchone() or ())


def test_missing_package_is_one_line(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name == "deltalake" else found(name, *more)
    )
    for setting, value in (("CREDITS_PUBLISH_DELTA", "1"), ("CREDITS_PUBLISH_TO", "s3://bucket/place")):
        with monkeypatch.context() as patch:
            patch.setenv(setting, value)
            ended = home.credits("run")
        assert ended.code == 2
        assert ended.one_line == (
            f"credits: {setting}={value} needs deltalake, which is not installed: "
            "pip install 'credits-warehouse[delta]'."
        )
