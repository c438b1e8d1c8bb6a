"""What the dbt project promises of itself, before any data."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.dbt_models.by_hand import PROJECT, run_dbt

Models = Mapping[str, Mapping[str, Any]]

ONLY_PICK_COLUMNS = {
    *("dim_interactions", "agg_credits_by_interaction", "int_focus_settings", "int_focus_prepaid_days"),
    "stg_listed_token_prices",
}
"""Models without a rule of their own."""

LONGEST_SQL_FILE = 150


def _of(models: Models, layer: str) -> dict[str, Mapping[str, Any]]:
    return {name: node for name, node in models.items() if node["fqn"][1] == layer}


def _copy_with_model(tmp_path: Path, path: str, sql: str) -> Path:
    project = tmp_path / "dbt_project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs", "*_unit_tests.yml"))
    (project / "models" / path).write_text(sql, encoding="utf-8")
    return project


def test_the_project_parses_without_a_warning_or_a_deprecation(manifest: Mapping[str, Any]) -> None:
    assert manifest["metadata"]["project_name"] == "credits"


def test_a_deprecated_spelling_does_not_pass_for_a_clean_project(tmp_path: Path) -> None:
    odd = "models:\n  - name: stg_odd\n    description: One row.\n    description: Another.\n"
    project = _copy_with_model(tmp_path, "staging/stg_odd.sql", "select 1 as one")
    (project / "models/staging/stg_odd.yml").write_text(odd, encoding="utf-8")
    strictly = ("--warn-error-options", '{"error": "all"}', "parse")
    assert run_dbt(tmp_path / "target", "parse", project=project).exception is None
    assert "DuplicateYAMLKeysDeprecation" in str(run_dbt(tmp_path / "strict", *strictly, project=project).exception)


def test_every_mart_keeps_a_contract_and_describes_each_column(models: Models) -> None:
    marts = _of(models, "marts")
    assert marts
    assert [name for name, node in marts.items() if not node["contract"]["enforced"]] == []
    undescribed = [
        (name, column["name"])
        for name, node in marts.items()
        for column in node["columns"].values()
        if not column["description"].strip() or not column["data_type"]
    ]
    assert undescribed == []
    kept = [
        name for name, node in marts.items() if node["config"]["persist_docs"] == {"relation": True, "columns": True}
    ]
    assert {*kept} == {*marts}


def test_each_model_says_its_grain_first(models: Models) -> None:
    assert [name for name, node in models.items() if not node["description"].startswith("One row per ")] == []


def test_staging_is_private_intermediate_protected_and_marts_public(models: Models) -> None:
    access = {"staging": "private", "intermediate": "protected", "marts": "public"}
    group = {"staging": "pipeline", "intermediate": "pipeline", "marts": "reporting"}
    found = {name: (node["access"], node["group"]) for name, node in models.items()}
    assert found == {name: (access[node["fqn"][1]], group[node["fqn"][1]]) for name, node in models.items()}


def test_a_mart_that_reads_staging_does_not_parse(tmp_path: Path) -> None:
    project = _copy_with_model(
        tmp_path, "marts/usage/agg_hasty.sql", "select record_id from {{ ref('stg_usage_records') }}"
    )
    outcome = run_dbt(tmp_path / "target", "parse", project=project)
    assert outcome.exception is not None
    assert "not allowed because the referenced node is private to the 'pipeline' group" in str(outcome.exception)


def test_a_mart_may_read_what_is_not_private(tmp_path: Path) -> None:
    project = _copy_with_model(
        tmp_path, "marts/usage/agg_patient.sql", "select operation_key from {{ ref('int_operations') }}"
    )
    assert run_dbt(tmp_path / "target", "parse", project=project).exception is None


def test_every_model_with_a_rule_has_a_unit_test(manifest: Mapping[str, Any], models: Models) -> None:
    tested = {test["model"] for test in manifest["unit_tests"].values()}
    assert {*models} - tested == ONLY_PICK_COLUMNS


def test_the_exposures_name_every_mart(manifest: Mapping[str, Any], models: Models) -> None:
    exposed = {name for exposure in manifest["exposures"].values() for name in exposure["depends_on"]["nodes"]}
    assert exposed == {node["unique_id"] for node in _of(models, "marts").values()}
    assert {exposure["type"] for exposure in manifest["exposures"].values()} == {"application", "dashboard", "notebook"}


@pytest.mark.parametrize("folder", ["models", "macros", "tests"])
def test_no_sql_file_outgrows_a_screen_or_two(folder: str) -> None:
    lines = {
        path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in (PROJECT / folder).rglob("*.sql")
    }
    assert {name: count for name, count in lines.items() if count > LONGEST_SQL_FILE} == {}
