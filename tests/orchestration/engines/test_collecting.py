"""What Spark's tables are in DuckDB; no session is opened."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from orchestration.engines.collecting import Column, table_of
from orchestration.models.building import PROJECT


def _node(**meta: object) -> Any:
    key = SimpleNamespace(
        name="operation_key",
        data_type="varchar",
        description="The key.",
        constraints=[SimpleNamespace(type="not_null", expression=None)],
    )
    config = SimpleNamespace(contract=SimpleNamespace(enforced=True), meta=meta)
    return SimpleNamespace(schema="marts", alias="fct", description="", columns={"operation_key": key}, config=config)


def test_a_table_has_the_columns_of_its_contract() -> None:
    key = Column("operation_key", "varchar", "not null", "The key.")
    assert table_of(_node(), ("agent",)).columns == (key,)


def test_columns_of_dimensions_join_a_contract_as_its_model_has_them() -> None:
    _, agent, label = table_of(_node(has_dimensions=True), ("agent", "label")).columns
    about = "The value of the caller's own dimension 'agent'; (none) if the call had none."
    assert agent == Column("dimension_agent", "varchar", "not null", about)
    assert label.name == "dimension_label"
    macro = (PROJECT / "macros" / "dimensions.sql").read_text(encoding="utf-8")
    assert """"The value of the caller's own dimension '" ~ key ~ "'; (none) if the call had none.\"""" in macro
