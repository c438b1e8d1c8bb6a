"""The published tables and the metrics, with their descriptions from dbt's manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.contract.dimensions import COLUMN_DESCRIPTION, DEFAULT_KEYS


@dataclass(frozen=True)
class Column:
    """A column of a table; `type` is DuckDB's word for it."""

    name: str
    type: str
    description: str
    is_nullable: bool


@dataclass(frozen=True)
class Table:
    """A published table; its `description` begins with its grain, and `key` are the columns in which no two rows are
    equal.
    """

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Metric:
    """A metric of the semantic layer."""

    name: str
    kind: str
    description: str


@dataclass(frozen=True)
class Dictionary:
    """The content of the pages: tables by the folder of their models, both in alphabetical order."""

    sections: tuple[tuple[str, tuple[Table, ...]], ...]
    metrics: tuple[Metric, ...]


def read_dictionary(manifest: Mapping[str, Any], dimensions: Sequence[str] = DEFAULT_KEYS) -> Dictionary:
    """Read the public models and the metrics from dbt's manifest. A setting decides which columns of `dimensions` the
    tables have.
    """
    nodes = manifest["nodes"]
    keys = dict(filter(None, map(_key_of, nodes.values())))
    sections: dict[str, list[Table]] = {}
    for node in sorted(nodes.values(), key=lambda node: node["name"]):
        if node["resource_type"] == "model" and node["access"] == "public":
            table = Table(
                node["name"],
                node["description"],
                keys.get(node["unique_id"], ()),
                (*map(_column, node["columns"].values()), *_dimensions(node, dimensions)),
            )
            sections.setdefault(node["fqn"][-2], []).append(table)
    metrics = sorted(manifest["metrics"].values(), key=lambda metric: metric["name"])
    return Dictionary(
        tuple((name, tuple(tables)) for name, tables in sorted(sections.items())),
        tuple(Metric(metric["name"], metric["type"], metric["description"]) for metric in metrics),
    )


def _dimensions(node: Mapping[str, Any], keys: Sequence[str]) -> list[Column]:
    """The columns that the macro `add_dimension_columns` adds to a model."""
    if not node["config"].get("meta", {}).get("has_dimensions"):
        return []
    return [Column(f"dimension_{key}", "VARCHAR", COLUMN_DESCRIPTION.format(key=key), False) for key in keys]


def _column(column: Mapping[str, Any]) -> Column:
    required = any(constraint["type"] == "not_null" for constraint in column["constraints"])
    return Column(
        column["name"], str(column["data_type"]).upper().replace(" ", ""), column["description"], not required
    )


def _key_of(node: Mapping[str, Any]) -> tuple[str, tuple[str, ...]] | None:
    test = node.get("test_metadata")
    if not test or test["name"] != "one_row_per":
        return None
    return node["attached_node"], tuple(test["kwargs"]["columns"])
