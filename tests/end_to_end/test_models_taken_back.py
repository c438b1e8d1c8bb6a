"""Models that were changed, and put back: tables and files are of the models that are published, and of no others."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration.models import building
from orchestration.models.building import PROJECT, ModelsError
from tests.end_to_end.driving import Warehouse

PRICE = {"pricePerCredit": "1.00", "currency": "EUR", "validFrom": "2025-01-01T00:00:00Z"}
COLUMNS = ["interaction_id", "user_id", "tenant_id", "first_used_at", "last_used_at"]


@pytest.fixture
def others(tmp_path: Path) -> Path:
    """A copy of the dbt project with another name for several users, and another column in a large mart."""
    project = tmp_path / "dbt_project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    names = project / "macros" / "named_members.sql"
    names.write_text(names.read_text().replace("'(multiple)'", "'(several)'"))
    mart = project / "models" / "marts" / "usage" / "dim_interactions.sql"
    mart.write_text(mart.read_text().replace("        last_used_at\n", "        last_used_at,\n        1 as trial\n"))
    described = mart.with_suffix(".yml")
    column = "      - name: trial\n        data_type: integer\n        description: A trial.\n"
    described.write_text(described.read_text().rstrip() + "\n" + column)
    return project


def _interactions(warehouse: Warehouse) -> list[tuple[list[str], set[tuple[object, ...]]]]:
    """Columns, and ids with users, of the table and of the Parquet files."""
    version = warehouse.settings.published / "current"
    with duckdb.connect(str(version / "credits.duckdb"), read_only=True) as connection:
        found: list[tuple[list[str], set[tuple[object, ...]]]] = []
        files = f"read_parquet('{version}/parquet/dim_interactions/*/*.parquet', hive_partitioning = false)"
        for place in ("marts.dim_interactions", files):
            columns = [row[0] for row in connection.execute(f"describe select * from {place}").fetchall()]
            users = connection.execute(f"select interaction_id, user_id from {place}").fetchall()
            found.append((columns, {*users}))
        return found


def test_nothing_of_models_that_were_taken_back_is_published(
    warehouse: Warehouse, others: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = [{"recordId": user, "interactionId": "i1", "userId": user, "credits": "1.5"} for user in ("u1", "u2")]
    warehouse.usage("a.jsonl", *users)
    warehouse.run()
    (others / "tests" / "assert_never.sql").write_text("select 1 as one")
    with monkeypatch.context() as patch:
        patch.setattr(building, "PROJECT", others)
        with pytest.raises(ModelsError, match="assert_never"):
            warehouse.run()

    warehouse.deliver("billing/rates/2025-03-02.jsonl", [PRICE])
    warehouse.run()
    assert _interactions(warehouse) == [(COLUMNS, {("i1", "(multiple)")})] * 2
    assert warehouse.table("agg_credits_by_interaction", ["user_id"]) == [("(multiple)",)]

    warehouse.usage("b.jsonl", {"recordId": "r3", "interactionId": "i2", "userId": "u1", "credits": "1.5"})
    warehouse.run()
    assert _interactions(warehouse) == [(COLUMNS, {("i1", "(multiple)"), ("i2", "u1")})] * 2


def test_an_empty_table_has_the_columns_of_the_models_that_made_it_and_no_files(
    warehouse: Warehouse, others: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.deliver("billing/rates/2025-03-01.jsonl", [PRICE])
    warehouse.run()
    monkeypatch.setattr(building, "PROJECT", others)
    warehouse.run()
    version = warehouse.settings.published / "current"
    described = json.loads((version / "manifest.json").read_text())["tables"]["dim_interactions"]
    assert [column["name"] for column in described["columns"]] == [*COLUMNS, "trial"]
    assert warehouse.table("dim_interactions") == described["files"] == []
    assert not (version / "parquet" / "dim_interactions").exists()
