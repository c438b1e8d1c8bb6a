"""What dbt runs becomes a plan only if only models and checks of one statement each ran."""

from __future__ import annotations

import pytest

from orchestration.models.build_plan import Node, Plan, Recorder

MODEL, CHECK = "model.credits.one", "test.credits.one"
NODES = (Node(MODEL, ("build", "intermediate", "one", "table"), True), Node(CHECK, None, True))
BUILT = ("describe (select 1)", "BEGIN", "create table one as select 1", "COMMIT")


def recorded(*model: str, further: str | None = None) -> Plan | None:
    """The plan of a build of one model and one check, in which the model sent these statements."""
    recorder = Recorder()
    for sql in model:
        recorder.statement(MODEL, sql)
    for sql in ("BEGIN", "select 0, false, false"):
        recorder.statement(CHECK, sql)
    recorder.statement("", "create schema if not exists intermediate")
    if further:
        recorder.statement(further, "insert into elsewhere values (1)")
    for unique_id in (MODEL, CHECK):
        recorder.result(unique_id, {})
    recorder.ran(NODES)
    return recorder.plan("fresh")


def test_statements_are_kept_in_order() -> None:
    plan = recorded(*BUILT)
    assert plan and [step.statement for step in plan.steps] == [
        "create table one as select 1",
        "select 0, false, false",
    ]
    assert plan.relations == {("build", "intermediate", "one", "table")}


@pytest.mark.parametrize(
    "model",
    [
        ("create table before as select 1", *BUILT),
        (*BUILT, "create table after as select 1"),
        ("BEGIN", "create table hook as select 1", "create table one as select 1", "COMMIT"),
        (*BUILT, *BUILT),
        ("create table one as select 1",),
        (),
    ],
)
def test_a_model_with_other_statements_leaves_no_plan(model: tuple[str, ...]) -> None:
    assert recorded(*model) is None


@pytest.mark.parametrize("further", ["seed.credits.probe", "operation.credits.hook", "snapshot.credits.s"])
def test_a_node_of_another_sort_leaves_no_plan(further: str) -> None:
    assert recorded(*BUILT, further=further) is None
