"""Readers see one version or the other, whole, while the next is switched in."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ingest.settings import load_settings
from orchestration.pipeline import publish_version
from orchestration.published_version import NotPublishedError, published
from tests.orchestration.homes import CHECKOUT, Home, Versions

IN_FULL = bool(os.environ.get("CREDITS_TEST_IN_FULL"))
VERSIONS = 100 if IN_FULL else 12
READERS = 3 if IN_FULL else 2
"""Processes that each read in three ways at once."""


def total(home: Home) -> Decimal:
    return Decimal(home.manifest()["totals"]["credits"])


def publish_state(home: Home, state: Path) -> str:
    """Publish what was built when this state was kept."""
    for name in ("build.duckdb", "marts.duckdb"):
        shutil.copyfile(state / "warehouse" / name, home.settings.warehouse / name)
    return publish_version(load_settings()).version


def test_looping_readers_see_whole_versions_and_no_error(
    home: Home, versions: Versions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDITS_KEEP_VERSIONS", str(VERSIONS + 5))
    totals = {total(home)}
    command = [sys.executable, str(CHECKOUT / "tests" / "orchestration" / "reading_loop.py"), str(home.current)]
    readers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(READERS)
    ]
    try:
        assert all(reader.stdout and reader.stdout.readline() == "reading\n" for reader in readers)
        made = set()
        for number in range(VERSIONS):
            made.add(publish_state(home, versions.second_state if number % 2 else versions.first_state))
            totals.add(total(home))
        seen = [json.loads(reader.communicate()[0]) for reader in readers]
    finally:
        for reader in readers:
            reader.kill()
            reader.wait()
    assert len(made) == VERSIONS and len(totals) == 2
    whole = {str(found) for found in totals}
    for reader in seen:
        assert set(reader["duckdb"]) == {f"{version} {version}" for version in whole}
        assert set(reader["resolved"]) == whole
        assert set(reader["listed"]) - {"not found"} == whole


def test_reader_that_has_a_version_open_keeps_reading_it_whole(home: Home, versions: Versions) -> None:
    folder = home.current.resolve()
    held = duckdb.connect(str(home.current / "credits.duckdb"), read_only=True)
    query = "select count(*), sum(credits) from marts.fct_credit_usage"
    before = held.execute(query).fetchone()
    for state in (versions.first_state, versions.second_state) * 2:
        publish_state(home, state)
    assert not folder.exists()
    assert held.execute(query).fetchone() == before
    held.close()


def test_published_gives_a_table_with_the_right_types(home: Home) -> None:
    table = published("fct_credit_usage")
    assert {name: str(table.dtypes[name]) for name in ("credits", "occurred_at", "usage_date", "is_estimate")} == {
        "credits": "decimal128(18, 9)[pyarrow]",
        "occurred_at": "timestamp[us][pyarrow]",
        "usage_date": "date32[day][pyarrow]",
        "is_estimate": "bool[pyarrow]",
    }
    assert str(table.dtypes["observations"]) == "int32[pyarrow]" and "string" in str(table.dtypes["user_id"])
    assert (len(table), table["credits"].sum()) == (home.manifest()["totals"]["operations"], total(home))
    daily = published("agg_credits_daily", home.settings)
    assert str(daily.dtypes["credits"]) == "decimal128(38, 9)[pyarrow]" and daily["credits"].sum() == total(home)


def test_published_gives_every_table_also_where_it_is_empty(home: Home) -> None:
    for name, described in home.manifest()["tables"].items():
        table = published(name)
        assert (len(table), list(table.columns)) == (
            described["rows"],
            [column["name"] for column in described["columns"]],
        )
    database = (home.current / "credits.duckdb").resolve()
    database.chmod(0o644)
    with duckdb.connect(str(database)) as connection:
        connection.execute("delete from marts.fct_credit_usage")
    empty = published("fct_credit_usage")
    assert len(empty) == 0 and str(empty.dtypes["credits"]) == "decimal128(18, 9)[pyarrow]"


def test_published_names_the_tables_that_there_are(home: Home) -> None:
    with pytest.raises(NotPublishedError, match="no table 'fct_usage'; there are agg_cost_by_dimension, "):
        published("fct_usage")


def test_published_says_when_nothing_is(fresh_home: Home) -> None:
    with pytest.raises(NotPublishedError, match="run `credits run` first"):
        published("fct_credit_usage", fresh_home.settings)
