"""A home that an earlier version of the project made is landed again by itself, with the same totals."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import zstandard

from ingest.errors import OlderWarehouseError
from ingest.landing.raw_tables import RAW_TABLES
from ingest.landing.warehouse import open_build_database
from ingest.settings import Settings, load_settings
from orchestration.change_detection import has_news
from orchestration.pipeline import land_new_files

PACKED = Path(__file__).parent / "older_homes" / "schema_1.tar.zst"
"""A home from before the definition of raw tables was stored: 4 lines read, one of them refused, 6.500000001
credits.
"""


@pytest.fixture
def older_home(tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    unpacked = zstandard.ZstdDecompressor().decompressobj().decompress(PACKED.read_bytes())
    with tarfile.open(fileobj=io.BytesIO(unpacked)) as files:
        files.extractall(home, filter="data")
    [version] = (home / "published" / "versions").iterdir()
    (home / "published" / "current").symlink_to(Path("versions") / version.name)
    return load_settings({"CREDITS_HOME": str(home)})


def totals(settings: Settings) -> tuple[int, Decimal]:
    with open_build_database(settings) as connection:
        row = connection.execute("select count(*), sum(credits) from raw.usage_records").fetchone()
    assert row
    return row


def test_everything_is_landed_again_and_the_reason_is_said(older_home: Settings) -> None:
    assert has_news(older_home)
    with pytest.raises(OlderWarehouseError, match="run `credits run`"), open_build_database(older_home):
        pass
    landed = land_new_files(older_home, "a test's run")
    assert landed.rebuilt == "the raw tables' definition changed"
    assert (landed.summary.files, landed.summary.lines, landed.summary.rejected) == (5, 8, 1)
    assert totals(older_home) == (3, Decimal("6.500000001"))
    assert land_new_files(older_home, "a test's run").rebuilt is None


def test_a_new_column_of_a_raw_table_is_enough(older_home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    land_new_files(older_home, "a test's run")
    column = "operation_id varchar,"
    assert column in RAW_TABLES
    for module in ("raw_tables", "warehouse"):
        more = RAW_TABLES.replace(column, f"{column} one_more varchar,", 1)
        monkeypatch.setattr(f"ingest.landing.{module}.RAW_TABLES", more)
    landed = land_new_files(older_home, "a test's run")
    assert landed.rebuilt == "the raw tables' definition changed"
    assert totals(older_home) == (3, Decimal("6.500000001"))


def test_a_run_publishes_such_a_home_with_the_same_totals(older_home: Settings) -> None:
    before = json.loads((older_home.published / "current" / "manifest.json").read_text())["totals"]
    environment = {name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"}
    subprocess.run(
        [sys.executable, "-m", "orchestration.cli", "run"],
        env={**environment, "CREDITS_HOME": str(older_home.home)},
        check=True,
        capture_output=True,
    )
    current = older_home.published / "current"
    after = json.loads((current / "manifest.json").read_text())["totals"]
    same = ("lines_read", "verdicts", "operations", "credits", "credits_unmapped", "amounts")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    with duckdb.connect(str(current / "credits.duckdb"), read_only=True) as marts:
        assert marts.execute("select count(*) from marts.mart_unread_files").fetchone() == (0,)
