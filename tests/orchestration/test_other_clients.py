"""What is published opens in other clients, older ones too, with every value as it is here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.orchestration.environments import environment
from tests.orchestration.homes import CHECKOUT, Home, Versions

pytestmark = pytest.mark.lane


READERS = ("pyarrow", "polars", "pandas")

TYPES = {
    "VARCHAR": ("string", "String", "string[pyarrow]"),
    "BOOLEAN": ("bool", "Boolean", "bool[pyarrow]"),
    "INTEGER": ("int32", "Int32", "int32[pyarrow]"),
    "BIGINT": ("int64", "Int64", "int64[pyarrow]"),
    "DATE": ("date32[day]", "Date", "date32[day][pyarrow]"),
    "TIMESTAMP": ("timestamp[us]", "Datetime(time_unit='us', time_zone=None)", "timestamp[us][pyarrow]"),
}
"""The type of each published column, except decimals, for readers of Parquet."""


def type_there(published: str, place: int) -> str:
    """What a published type is to one of the readers."""
    if decimal := re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", published):
        precision, scale = decimal.groups()
        return (
            f"decimal128({precision}, {scale})",
            f"Decimal(precision={precision}, scale={scale})",
            f"decimal128({precision}, {scale})[pyarrow]",
        )[place]
    return TYPES[published][place]


def published_types(home: Home) -> dict[str, dict[str, str]]:
    """The type of each column, as the manifest says."""
    return {
        name: {column["name"]: column["type"] for column in table["columns"]}
        for name, table in home.manifest()["tables"].items()
    }


def reading(python: str, way: str, version: Path) -> dict[str, Any]:
    """What this Python finds in the version; it is started away from the checkout."""
    script = CHECKOUT / "tests" / "orchestration" / "client_reading.py"
    ended = subprocess.run(
        [python, "-I", str(script), way, str(version)], cwd=version, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def credits_run(python: str, home: Home) -> None:
    """`credits run` on the home, with this Python."""
    ended = subprocess.run(
        [python, "-m", "orchestration.cli", "run"],
        cwd=CHECKOUT,
        env=home.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("client", ["1.1.3", "1.5.6"])
def test_duckdb_client_reads_every_value_of_every_table(home: Home, tmp_path: Path, client: str) -> None:
    here = reading(sys.executable, "duckdb", home.current)
    assert here.pop("client") == duckdb.__version__
    assert set(here) == set(home.manifest()["tables"]) and sum(table["rows"] for table in here.values()) > 1000
    there = reading(environment(tmp_path / "client", f"duckdb=={client}"), "duckdb", home.current)
    assert there.pop("client") == client
    assert there == here
    assert {name: table["types"] for name, table in there.items()} == published_types(home)


def test_pandas_pyarrow_and_polars_read_every_file(home: Home, tmp_path: Path) -> None:
    found = reading(environment(tmp_path / "client", "pandas", "pyarrow", "polars"), "files", home.current)
    here = reading(sys.executable, "duckdb", home.current)
    tables = home.manifest()["tables"]
    assert set(found) == set(tables)
    for name, table in found.items():
        for place, reader in enumerate(READERS):
            assert table[reader] == {
                column: type_there(kind, place) for column, kind in published_types(home)[name].items()
            }, (name, reader)
        assert table["values"] == [here[name]["values"]] * 2, name
        assert table["rows"] == [tables[name]["rows"]] * 3, name
        if tables[name]["credits"]:
            assert [Decimal(credits) for credits in table["credits"]] == [Decimal(tables[name]["credits"])] * 3, name


def test_landing_passes_its_tests_on_the_earlier_duckdb(versions: Versions, tmp_path: Path) -> None:
    python = environment(tmp_path / "lane", "duckdb==1.5.6", above=True)
    quiet = ("-q", "-p", "no:cacheprovider", "-p", "no:cov", "--basetemp", str(tmp_path / "landing"))
    ended = subprocess.run(
        [python, "-m", "pytest", *quiet, "tests/ingest/landing"],
        cwd=CHECKOUT,
        env=versions.home.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-1000:]


def test_whole_run_gives_the_same_tables_on_the_earlier_duckdb(home: Home, tmp_path: Path) -> None:
    before = home.manifest()
    here = reading(sys.executable, "duckdb", home.current)
    landing = tmp_path / "landing"
    home.settings.landing.rename(landing)
    home.empty()
    landing.rename(home.settings.landing)
    python = environment(tmp_path / "lane", "duckdb==1.5.6", above=True)
    credits_run(python, home)
    there = reading(python, "duckdb", home.current)
    assert (there.pop("client"), here.pop("client")) == ("1.5.6", duckdb.__version__)
    assert home.manifest()["totals"]["credits"] == before["totals"]["credits"]
    # Which of two files landed first, and when, differs between one delivery and two; what they came to must not.
    split = {"mart_load_audit", "mart_record_conflicts"}
    assert {name: table for name, table in there.items() if name not in split} == {
        name: table for name, table in here.items() if name not in split
    }
    assert {name: there[name]["rows"] for name in split} == {name: here[name]["rows"] for name in split}

    late = {"recordId": "late", "credits": "0.125", "createdAt": "2026-09-01T12:00:00Z"}
    (home.settings.landing / "usage_records" / "late.jsonl").write_text(json.dumps(late) + "\n")
    credits_run(python, home)
    assert Decimal(home.manifest()["totals"]["credits"]) == Decimal(before["totals"]["credits"]) + Decimal("0.125")
