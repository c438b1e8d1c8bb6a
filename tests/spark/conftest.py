"""Homes that are built on both engines."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.settings import CHECKOUT, load_settings
from tests.end_to_end.driving import Warehouse
from tests.spark.standalone import Standalone, standalone_master

in_full = pytest.mark.skipif(
    not os.environ.get("CREDITS_TEST_IN_FULL"), reason="takes builds of minutes: CREDITS_TEST_IN_FULL runs it"
)

PROPERTIES = Path(__file__).with_name("small.properties")


class MakeHome:
    """Makes empty homes that DuckDB builds."""

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        self._folders = folders

    def __call__(self, name: str) -> Warehouse:
        home = self._folders.mktemp(name) / "home"
        (home / "landing" / "usage_records").mkdir(parents=True)
        return Warehouse(load_settings({"CREDITS_HOME": str(home), "CREDITS_LOCK_WAIT_SECONDS": "0"}))


@pytest.fixture(scope="module")
def standalone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standalone]:
    """A standalone master with two workers."""
    with standalone_master(tmp_path_factory.mktemp("standalone"), PROPERTIES) as started:
        yield started


def on_spark(warehouse: Warehouse) -> Warehouse:
    """The same home on Spark."""
    spark = {"engine": "spark", "spark_master": "local[2]", "spark_properties": PROPERTIES}
    return Warehouse(replace(warehouse.settings, **spark))


def with_landing_of(warehouse: Warehouse, landing: Path) -> Warehouse:
    """The home with a copy of another one's files."""
    shutil.rmtree(warehouse.settings.landing, ignore_errors=True)
    shutil.copytree(landing, warehouse.settings.landing)
    return warehouse


SAMPLE = CHECKOUT / "data" / "sample" / "landing"
