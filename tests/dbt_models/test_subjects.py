"""Models are grouped by subject, and a model refers to its own subject and to earlier ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.dbt_models.by_hand import PROJECT

SUBJECTS = ("owners", "usage", "sources", "provider", "months", "balance", "billing", "quotas", "alerts", "quality")
"""In the order in which models may refer to each other."""

LOOKS_AHEAD = {
    "int_touched_months": {"agg_credits_tenant_monthly", "agg_credits_user_monthly"},
    "int_touched_charge_dates": {"int_touched_charge_dates"},
    "int_touched_cost_dates": {"fct_credit_charges", "int_touched_cost_dates"},
    "int_touched_operations": {"int_touched_operations"},
    "int_touched_trend_dates": {"agg_credits_trend_daily"},
    "int_touched_statements": {
        *("int_touched_statements", "focus_cost_and_usage", "int_focus_settings", "int_focus_prepaid_days"),
    },
    "int_touched_statement_months": {"int_touched_statement_months", "int_statement_charges"},
}
"""Models that read what the build before left of themselves or of a later model, through `last_state_of`."""

Models = Mapping[str, Mapping[str, Any]]


def _subject(node: Mapping[str, Any]) -> str:
    return node["fqn"][2]


def test_each_model_stands_in_the_folder_of_a_subject(models: Models) -> None:
    places = {name: node["fqn"] for name, node in models.items()}
    assert {name: fqn for name, fqn in places.items() if len(fqn) != 4 or fqn[2] not in SUBJECTS} == {}


def test_no_model_refers_to_a_later_subject(models: Models) -> None:
    subject_of = {node["unique_id"]: SUBJECTS.index(_subject(node)) for node in models.values()}
    back = [
        (name, referred)
        for name, node in models.items()
        for referred in node["depends_on"]["nodes"]
        if referred in subject_of and subject_of[referred] > subject_of[node["unique_id"]]
    ]
    assert back == []


def test_only_the_models_named_here_look_at_what_the_build_before_left() -> None:
    found: dict[str, set[str]] = {}
    for path in sorted((PROJECT / "models").rglob("*.sql")):
        if looked_at := _last_states(path):
            found[path.stem] = looked_at
    assert found == LOOKS_AHEAD


def test_relations_of_the_build_before_are_named_by_the_graph_alone() -> None:
    asking = {
        path.relative_to(PROJECT).as_posix()
        for part in ("models", "macros", "tests")
        for path in (PROJECT / part).rglob("*.sql")
        if "adapter.get_relation" in path.read_text(encoding="utf-8")
    }
    assert asking == {"macros/increments.sql"}


def _last_states(path: Path) -> set[str]:
    return {*re.findall(r"last_state_of\('(\w+)'\)", path.read_text(encoding="utf-8"))}
