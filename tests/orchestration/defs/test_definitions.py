"""What Dagster is given: every table an asset, every dbt test a check that blocks, one writer, nothing at import."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.scheduler.instigation import InstigatorType, TickStatus

from orchestration.definitions import defs
from orchestration.models.building import read_manifest
from tests.orchestration.homes import CHECKOUT, Home

ONLY_IMPORT = "import orchestration.definitions, sys; print('dbt.cli.main' in sys.modules)"


WARNING = {
    "assert_nothing_stays_provisional_for_over_a_day",
    "assert_our_sums_match_those_that_corti_reports",
    "assert_records_cover_what_corti_lists",
}
"""What is amiss at Corti or in capture, and no fault of the tables: it must not hold up what is published."""


@pytest.fixture
def loaded(home: Home) -> dg.Definitions:
    return defs()


@pytest.fixture
def nodes(home: Home) -> list[dict[str, Any]]:
    """What dbt knows of: models, tests, all else."""
    manifest: dict[str, Any] = read_manifest(home.settings)
    return list(manifest["nodes"].values())


def test_import_reads_no_settings_makes_no_folder_and_runs_no_dbt(home: Home, tmp_path: Path) -> None:
    ended = home.process("-c", ONLY_IMPORT, CREDITS_HOME=str(tmp_path / "home"), CREDITS_THREADS="unusable")
    assert (ended.code, ended.out) == (0, "False\n"), ended.err
    assert list(tmp_path.iterdir()) == []


def test_every_model_is_an_asset(loaded: dg.Definitions, nodes: list[dict[str, Any]]) -> None:
    keys = {tuple(key.path) for key in loaded.resolve_all_asset_keys()}
    models = {(node["fqn"][1], node["name"]) for node in nodes if node["resource_type"] == "model"}
    assert len([model for model in models if model[0] == "marts"]) >= 17
    assert models <= keys


def test_every_dbt_test_is_a_check_and_blocks_unless_it_is_to_warn(
    loaded: dg.Definitions, nodes: list[dict[str, Any]]
) -> None:
    graph = loaded.resolve_asset_graph()
    blocking = {key.name for key in graph.asset_check_keys if graph.get_check_spec(key).blocking}
    tests = {node["name"] for node in nodes if node["resource_type"] == "test"}
    assert len(tests) > 30
    assert tests - blocking == WARNING
    assert {key.name for key in graph.asset_check_keys} >= WARNING
    assert "totals_tie_from_ledger_to_marts" in blocking
    assert "no_source_of_usage_is_silent" not in blocking


def test_published_version_stands_behind_every_mart(loaded: dg.Definitions) -> None:
    graph = loaded.resolve_asset_graph()
    marts = {key for key in graph.get_all_asset_keys() if key.path[0] == "marts"}
    assert set(graph.get(dg.AssetKey("published_version")).parent_keys) == marts


def test_the_dashboard_is_made_in_the_step_that_switches_its_version_in(loaded: dg.Definitions) -> None:
    graph = loaded.resolve_asset_graph()
    assert set(graph.get(dg.AssetKey("dashboard")).parent_keys) == {dg.AssetKey("published_version")}
    publishing = loaded.get_assets_def("dashboard")
    assert publishing.keys == {dg.AssetKey("dashboard"), dg.AssetKey("published_version")}
    assert not publishing.can_subset


def test_models_stand_behind_landing(loaded: dg.Definitions) -> None:
    graph = loaded.resolve_asset_graph()
    assert dg.AssetKey(["raw", "usage_records"]) in graph.get(dg.AssetKey(["staging", "stg_usage_records"])).parent_keys


def test_one_step_at_a_time_writes_in_the_runs_own_process(loaded: dg.Definitions) -> None:
    pools = {asset.op.name: asset.op.pool for asset in loaded.get_repository_def().assets_defs_by_key.values()}
    assert pools == {
        "corti_view": "corti",
        "delivered_alerts": "warehouse",
        "landing": "warehouse",
        "models": "warehouse",
        "published_version": "warehouse",
    }
    for job in ("credits_job", "rebuild_job"):
        assert loaded.resolve_job_def(job).executor_def is dg.in_process_executor


def test_landing_and_publishing_say_when_they_grow_stale(loaded: dg.Definitions) -> None:
    stale = {spec.key.path[0] for spec in loaded.resolve_all_asset_specs() if spec.freshness_policy is not None}
    assert stale == {"raw", "published_version"}


def test_instance_settings_are_valid_and_keep_history_bounded(tmp_path: Path) -> None:
    shutil.copy(CHECKOUT / "dagster.yaml", tmp_path)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        concurrency = instance.get_concurrency_config()
        assert str(concurrency.pool_config.pool_granularity) == "PoolGranularity.OP"
        assert concurrency.pool_config.default_pool_limit == 1
        assert not instance.telemetry_enabled
        for kind in (InstigatorType.SCHEDULE, InstigatorType.SENSOR):
            retention = instance.get_tick_retention_settings(kind)
            assert all(0 < retention[status] <= 30 for status in TickStatus if status is not TickStatus.STARTED)
