"""Spark reads the published Delta tables as the version's database has them, in a zone that is not UTC."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from ingest.settings import CHECKOUT
from ingest.sql_text import quoted
from orchestration.published_version import current_manifest
from tests.end_to_end.driving import Warehouse
from tests.spark.conftest import SAMPLE, MakeHome, with_landing_of

pytestmark = pytest.mark.spark


def test_a_reader_in_new_york_gets_the_sums_of_the_version(tmp_path_factory: pytest.TempPathFactory) -> None:
    made = MakeHome(tmp_path_factory)("delta")
    home = with_landing_of(Warehouse(replace(made.settings, publish_delta=True)), SAMPLE)
    home.run()
    manifest = current_manifest(home.settings)
    assert manifest is not None
    read = _read_by_spark(home.settings.published / "delta", manifest["delta"])
    assert len(read) == len(manifest["tables"]) > 20
    with duckdb.connect(str(home.settings.published / "current" / "credits.duckdb"), read_only=True) as connection:
        for table, sums in read.items():
            assert sums == _sums(connection, table, sums), table
    assert read["fct_credit_usage"]["sum of credits"] == manifest["totals"]["credits"]
    assert "last of occurred_at" in read["fct_credit_usage"]


def _read_by_spark(place: Path, versions: dict[str, int]) -> dict[str, dict[str, str]]:
    """The sums of each table, read by a process of its own with Spark's own settings."""
    reader = Path(__file__).with_name("reading_delta.py")
    environment = {**os.environ, "TZ": "America/New_York", "PYTHONPATH": str(CHECKOUT)}
    ended = subprocess.run(
        [sys.executable, str(reader), str(place), json.dumps(versions)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    return json.loads(ended.stdout.splitlines()[-1])


def _sums(connection: duckdb.DuckDBPyConnection, table: str, wanted: dict[str, str]) -> dict[str, str | None]:
    """The same sums in the published database."""
    found: dict[str, str | None] = {}
    for name in wanted:
        function, _, column = name.partition(" of ")
        query = {
            "rows": "count(*)",
            "sum": f"sum({quoted(column)})",
            "first": f"strftime(min({quoted(column)}), '%Y-%m-%d %H:%M:%S')",
            "last": f"strftime(max({quoted(column)}), '%Y-%m-%d %H:%M:%S')",
            "days": f"count(distinct cast({quoted(column)} as date))",
        }[function]
        row = connection.execute(f"select cast({query} as varchar) from marts.{quoted(table)}").fetchone()
        assert row is not None  # an aggregate without groups has one row
        found[name] = row[0]
    return found
