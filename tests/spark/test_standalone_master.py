"""Executors of a standalone master build what one machine does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.end_to_end.driving import Warehouse
from tests.spark.comparing import differences
from tests.spark.conftest import SAMPLE, MakeHome, in_full, with_landing_of
from tests.spark.standalone import WORKERS, Standalone

pytestmark = pytest.mark.spark


@in_full
def test_executors_of_both_workers_make_the_tables_of_the_sample(
    tmp_path_factory: pytest.TempPathFactory, standalone: Standalone
) -> None:
    duck, other = (MakeHome(tmp_path_factory)(name) for name in ("duckdb", "standalone"))
    on_workers = {"engine": "spark", "spark_master": standalone.master, "spark_properties": standalone.properties}
    spark = Warehouse(replace(other.settings, **on_workers))
    for warehouse in (duck, spark):
        with_landing_of(warehouse, SAMPLE).run()
    assert differences(duck, spark) == {}
    tasks, started = standalone.tasks_by_executor(), standalone.executors_of_workers()
    assert "driver" not in tasks
    assert len(started) == WORKERS and all(started)
    assert all(sum(tasks.get(executor, 0) for executor in executors) > 100 for executors in started), tasks
