"""A build by its plan leaves what a build by dbt leaves: every table, and the verdict of every check."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.models import building
from orchestration.models.build_plan import Kind, Plan, kept_plan
from orchestration.models.building import PROJECT, ModelBuild, ModelsError, target_path_of
from orchestration.models.plan_run import existing_relations, plan_session
from orchestration.pipeline import build
from tests.end_to_end.comparing import whole_version
from tests.end_to_end.driving import Warehouse
from tests.reference.strategies import Home, homes, shuffled, split_into_batches, write_home

Verdicts = list[tuple[str, str, str, object]]


@contextmanager
def planned() -> Iterator[list[bool]]:
    """Builds within, each as whether a plan built it."""
    built: list[bool] = []
    run_plan = building.run_plan

    def noted(*arguments: object) -> object:
        events = run_plan(*arguments)  # type: ignore[arg-type]
        built.append(events is not None)
        return events

    with patch.object(building, "run_plan", noted):
        yield built


@contextmanager
def by_dbt() -> Iterator[None]:
    """Builds within are dbt's, and leave no plan."""
    with patch.object(building, "kept_plan", lambda *_: None), patch.object(building, "keep_plan"):
        yield


def verdicts(outcome: ModelBuild) -> Verdicts:
    """Each model and check of a build: what dbt calls it, its kind, how it ended, and the rows that a check found."""
    found: Verdicts = []
    for event in outcome.events:
        data = event["data"]
        assert isinstance(data, dict)
        node = data["node_info"]
        found.append((node["unique_id"], node["resource_type"], node["node_status"], data.get("num_failures") or 0))
    return sorted(found, key=repr)


def delivered(warehouse: Warehouse, parts: list[Home], seed: int) -> tuple[list[Verdicts], object]:
    """Deliver a home in parts, with a version after each: the verdicts of each build, and the last version."""
    warehouse.empty()
    verdicts_of_runs: list[Verdicts] = []
    for number, part in enumerate(parts, start=1):
        write_home(part, warehouse.home, seed + number, prefix=f"b{number}-")
        warehouse.land()
        outcome = build(warehouse.settings)
        outcome.raise_on_failure()
        verdicts_of_runs.append(verdicts(outcome))
        warehouse.publish()
    return verdicts_of_runs, whole_version(warehouse)


@pytest.fixture(scope="module")
def with_plans(shared_home: Warehouse) -> Warehouse:
    """The shared home, with a plan of either kind."""
    shared_home.empty()
    for number, check_all in enumerate((False, False, True)):
        shared_home.usage(f"{number}.jsonl", {"id": str(number), "credits": 1})
        shared_home.run(check_all=check_all)
    return shared_home


@settings(
    max_examples=2 if settings.get_current_profile_name() != "thorough" else 100,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(home=homes(max_lines=60), seed=st.integers(0, 2**16), batches=st.integers(2, 3))
def test_a_plan_and_dbt_make_the_same_tables_and_verdicts(
    with_plans: Warehouse, home: Home, seed: int, batches: int
) -> None:
    parts = split_into_batches(shuffled(home, seed), batches)
    with planned() as built:
        verdicts_of_runs, version = delivered(with_plans, parts, seed)
    assert built == [True] * len(parts)
    with by_dbt():
        assert delivered(with_plans, parts, seed) == (verdicts_of_runs, version)


def plan_of(warehouse: Warehouse, kind: Kind) -> Plan | None:
    folder = target_path_of(warehouse.settings)
    with plan_session(warehouse.settings) as connection:
        return kept_plan(folder, kind, PROJECT, existing_relations(connection))


@pytest.mark.parametrize("kind", ["fresh", "increment", "checked_increment"])
def test_a_plan_is_kept_only_for_the_settings_that_it_was_made_with(
    with_plans: Warehouse, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_plans.empty()
    with_plans.usage("a.jsonl", {"id": "x", "credits": 1})
    with_plans.run()
    assert plan_of(with_plans, kind)
    monkeypatch.setenv("CREDITS_MOST_UNMAPPED", "0.5")
    assert plan_of(with_plans, kind) is None
    monkeypatch.delenv("CREDITS_MOST_UNMAPPED")
    monkeypatch.setenv("DBT_FULL_REFRESH", "1")
    assert plan_of(with_plans, kind) is None


def test_an_increment_needs_all_tables_of_its_plan(with_plans: Warehouse) -> None:
    with_plans.empty()
    with_plans.usage("a.jsonl", {"id": "x", "credits": 1})
    with_plans.run()
    with_plans.damage("drop table intermediate.int_day_totals")
    assert plan_of(with_plans, "increment") is None and plan_of(with_plans, "fresh")


def test_no_value_of_a_variable_stands_in_a_plan(with_plans: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_ENV_SECRET_TOKEN", "s3cr3t-value")
    with_plans.empty()
    with_plans.usage("a.jsonl", {"id": "x", "credits": 1})
    with_plans.run()
    assert plan_of(with_plans, "fresh")
    assert "s3cr3t" not in (target_path_of(with_plans.settings) / "plan-fresh.json").read_text()


def test_a_plan_whose_steps_are_of_another_shape_is_made_again_by_dbt(with_plans: Warehouse) -> None:
    with_plans.empty()
    with_plans.usage("a.jsonl", {"id": "x", "credits": 1})
    with_plans.run()
    with_plans.empty()
    path = target_path_of(with_plans.settings) / "plan-fresh.json"
    kept = json.loads(path.read_text())
    kept["steps"][3]["event"] = {}
    path.write_text(json.dumps(kept))
    with_plans.usage("a.jsonl", {"id": "x", "credits": 1})
    with planned() as built:
        with_plans.run()
    assert built == [False]
    # Tables existed when dbt took over, so what it ran then can't be a plan for databases without tables.
    for by_plan in ([], [True]):
        with_plans.empty()
        with_plans.usage("a.jsonl", {"id": "x", "credits": 1})
        with planned() as built:
            with_plans.run()
        assert built == by_plan


def test_a_plan_that_cannot_be_read_is_made_again_by_dbt(with_plans: Warehouse) -> None:
    with_plans.empty()
    path = target_path_of(with_plans.settings) / "plan-fresh.json"
    kept = path.read_text()
    for content in ("", "{", "[]", '{"holds_for": 1}'):
        path.write_text(content)
        assert kept_plan(path.parent, "fresh", PROJECT, frozenset()) is None
    with_plans.usage("a.jsonl", {"id": "x", "credits": 1})
    with planned() as built:
        with_plans.run()
    assert built == []
    made, made_before = ([step["makes"] for step in json.loads(text)["steps"]] for text in (path.read_text(), kept))
    assert sorted(made, key=repr) == sorted(made_before, key=repr)


def test_a_check_that_fails_in_a_plan_is_named_by_dbt(with_plans: Warehouse) -> None:
    with_plans.empty()
    with_plans.usage("a.jsonl", {"id": "x", "credits": 1})
    with_plans.run()
    with_plans.damage("update marts.marts.agg_credits_daily set credits = credits + 1")
    with_plans.usage("b.jsonl", {"id": "y", "credits": 1, "createdAt": "2025-05-01T12:00:00Z"})
    with_plans.land()
    with planned() as built, pytest.raises(ModelsError, match=r"not published: assert_.* failed \(Got 1 result"):
        with_plans.build(check_all=True)
    assert built == [False]


def test_a_plan_says_how_each_statement_went_as_dbt_does(with_plans: Warehouse, tmp_path: Path) -> None:
    with_plans.empty()
    with_plans.usage("a.jsonl", {"id": "x", "credits": 1})
    with_plans.land()
    outcome = build(with_plans.settings)
    starts = [event["data"]["node_info"]["node_started_at"] for event in outcome.events]  # type: ignore[index,call-overload]
    assert starts == sorted(starts) and len({event["info"]["invocation_id"] for event in outcome.events}) == 1  # type: ignore[index,call-overload]
