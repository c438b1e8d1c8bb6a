"""The data dictionary says what the models' own descriptions say, and its copy in the repository is not stale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingest.contract.dimensions import DEFAULT_KEYS
from ingest.settings import CHECKOUT
from orchestration.documentation.dictionary import read_dictionary
from orchestration.documentation.pages import as_html, as_markdown

WITH_DIMENSIONS = ("fct_credit_charges", "fct_credit_usage")
PAGE = CHECKOUT / "docs" / "data-dictionary.md"


def test_the_page_in_the_repository_is_up_to_date(manifest: Mapping[str, Any]) -> None:
    stale = "run `make dictionary`, then commit docs/data-dictionary.md"
    assert PAGE.read_text(encoding="utf-8") == as_markdown(read_dictionary(manifest)), stale


def test_every_mart_stands_in_it_with_its_grain_its_key_and_every_column(
    manifest: Mapping[str, Any], models: Mapping[str, Mapping[str, Any]]
) -> None:
    got = {table.name: table for _, tables in read_dictionary(manifest).sections for table in tables}
    marts = {name: node for name, node in models.items() if node["fqn"][1] == "marts"}
    assert set(got) == set(marts)
    for name, table in got.items():
        assert table.description.startswith("One row per ")
        assert table.key and {*table.key} <= {column.name for column in table.columns}, name
        of_setting = [f"dimension_{key}" for key in DEFAULT_KEYS] if name in WITH_DIMENSIONS else []
        assert [column.name for column in table.columns] == [*marts[name]["columns"], *of_setting]
        assert all(column.type and column.description for column in table.columns), name


def test_every_metric_is_described(manifest: Mapping[str, Any]) -> None:
    metrics = read_dictionary(manifest).metrics
    assert len(metrics) == len(manifest["metrics"]) >= 7
    assert [metric.name for metric in metrics if not metric.description] == []


def test_what_a_description_says_can_be_no_markup(manifest: Mapping[str, Any]) -> None:
    node = dict(next(node for node in manifest["nodes"].values() if node["name"] == "dim_dates"))
    hostile = {"nodes": {"one": node | {"description": "<script>alert(1)</script> & `<b>`"}}, "metrics": {}}
    page = as_html(read_dictionary(hostile))
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; <code>&lt;b&gt;</code>" in page
    assert "<script" not in page
