"""The published changes of operations lead from the first version to the last, whatever arrives in between."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.errors import PublishError
from orchestration.publish import publishing
from tests.end_to_end.driving import Warehouse
from tests.reference.strategies import Home, homes, shuffled, split_into_batches, write_home

State = dict[str, tuple[Any, ...]]
STATE = ("user_id", "tenant_id", "credits", "status")
BEFORE = tuple(f"{column}_before" for column in STATE)
AFTER = tuple(f"{column}_after" for column in STATE)
WHY = ("resource_id", "changed", "why")


def current_state(warehouse: Warehouse) -> State:
    """Owner, credits and status of each operation in the published version."""
    return {row[0]: row[1:] for row in warehouse.table("fct_credit_usage", ("operation_key", *STATE))}


def replayed(warehouse: Warehouse, first: State) -> State:
    """The first version with all published changes. Each change must say what there was before it."""
    state = dict(first)
    columns = ("version", "operation_key", "changed", *BEFORE, *AFTER)
    for _, key, changed, *values in warehouse.table("mart_operation_changes", columns):
        before, after = tuple(values[: len(STATE)]), tuple(values[len(STATE) :])
        assert state.get(key, (None,) * len(STATE)) == before
        assert (changed == "new", changed == "gone") == (key not in state, after == (None,) * len(STATE))
        state[key] = after
        if changed == "gone":
            del state[key]
    return state


def latest_changes(warehouse: Warehouse) -> set[tuple[Any, ...]]:
    """What the published version says of the changes since the one before it, by resource."""
    current = (warehouse.settings.published / "current").readlink().name
    rows = warehouse.table(
        "mart_operation_changes inner join marts.fct_credit_usage using (operation_key)", WHY, f"version = '{current}'"
    )
    return {*rows}


def test_each_change_says_what_differs_and_why(warehouse: Warehouse) -> None:
    first_row = {"id": "a", "interactionId": "i", "credits": 1, "status": "provisional", "capturedAt": "2025-03-02"}
    call = {"id": "m", "kind": "chat_completion", "status": "metered", "model": "m-1", "inputTokens": 1_000_000}
    same = {"id": "s", "credits": 2, "capturedAt": "2025-03-02"}
    warehouse.usage("a.jsonl", first_row, call, same, {"id": "b", "interactionId": "i2", "credits": 3, "userId": "u2"})
    warehouse.run()
    first = current_state(warehouse)
    assert warehouse.table("mart_operation_changes") == []

    warehouse.usage("b.jsonl", {**first_row, "credits": 2, "status": "final"}, {"id": "c", "credits": 1})
    warehouse.run()
    assert latest_changes(warehouse) == {
        ("a", "credits, status", "a correction arrived"),
        ("c", "new", "the first record of the operation arrived"),
    }
    warehouse.deliver("mappings/interactions/2025-04-01.csv", "interactionId,userId,tenantId\ni,u1,t1\n")
    prices = "model,inputPerMillion,outputPerMillion,validFrom\nm-1,4,16,2025-01-01\n"
    warehouse.deliver("provider/token_prices/2025-04-01.csv", prices)
    warehouse.run()
    assert latest_changes(warehouse) == {
        ("a", "owner", "a mapping export changed the owner"),
        ("m", "credits", "a token price list changed the credits"),
    }
    warehouse.usage("c.jsonl", {"id": "b", "interactionId": "i2", "credits": 3, "userId": "u3"})
    warehouse.usage("d.jsonl", {**same, "credits": 1, "capturedAt": "2025-03-03"})
    warehouse.run()
    warehouse.usage("e.jsonl", {**same, "capturedAt": "2025-03-04"})
    warehouse.run()
    assert latest_changes(warehouse) == {("s", "credits", "a duplicate of higher rank arrived")}
    assert replayed(warehouse, first) == current_state(warehouse)


def test_changes_outlive_the_warehouse_and_versions_that_were_never_switched_in(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"id": f"x{n}", "interactionId": f"i{n}", "credits": n} for n in range(1, 5)]
    warehouse.usage("a.jsonl", *rows[:3])
    warehouse.run()
    first = current_state(warehouse)
    warehouse.usage("b.jsonl", {**rows[0], "credits": 7, "capturedAt": "2025-03-05"}, rows[3])
    warehouse.run()
    kept = warehouse.table("mart_operation_changes")
    assert len(kept) == 2

    warehouse.usage("c.jsonl", {**rows[1], "credits": 8, "capturedAt": "2025-03-05"})
    with monkeypatch.context() as broken:
        broken.setattr(publishing, "write_dashboard", _fails)
        with pytest.raises(PublishError):
            warehouse.run()
    warehouse.usage("d.jsonl", {**rows[1], "credits": 9, "capturedAt": "2025-03-06"})
    warehouse.run()
    told = [row for row in warehouse.table("mart_operation_changes") if row not in kept]
    assert len(told) == 1
    assert replayed(warehouse, first) == current_state(warehouse)

    before = warehouse.table("mart_operation_changes")
    warehouse.run(rebuild=True)
    assert warehouse.table("mart_operation_changes") == before
    shutil.rmtree(warehouse.settings.warehouse)
    warehouse.deliver("mappings/interactions/2025-04-01.csv", "interactionId,userId,tenantId\ni1,u1,t1\n")
    warehouse.run()
    assert latest_changes(warehouse) == {("x1", "owner", "a mapping export changed the owner")}
    assert len(warehouse.table("mart_operation_changes")) == len(before) + 1
    assert replayed(warehouse, first) == current_state(warehouse)


def test_a_file_that_is_taken_away_leaves_changes_of_operations_that_are_gone(warehouse: Warehouse) -> None:
    warehouse.usage("a.jsonl", {"id": "x", "credits": 0}, {"id": "y", "credits": 1})
    taken = warehouse.usage("b.jsonl", {"id": "z", "credits": 0})
    warehouse.run()
    first = current_state(warehouse)
    taken.unlink()
    warehouse.usage("c.jsonl", {"id": "v", "credits": 2})
    warehouse.run(rebuild=True)
    assert {row[0] for row in warehouse.table("mart_operation_changes", ("changed",))} == {"new", "gone"}
    assert replayed(warehouse, first) == current_state(warehouse)


@settings(
    max_examples=8 if settings.get_current_profile_name() != "thorough" else 100,
    deadline=None,
    print_blob=True,
    derandomize=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(
    home=homes(max_lines=60),
    seed=st.integers(0, 2**16),
    batches=st.integers(2, 4),
    published=st.lists(st.booleans(), min_size=4, max_size=4),
    rebuilt=st.booleans(),
)
def test_the_changes_lead_from_the_first_version_to_the_last(
    shared_home: Warehouse, home: Home, seed: int, batches: int, published: list[bool], rebuilt: bool
) -> None:
    shared_home.empty()
    first: State | None = None
    for number, part in enumerate(split_into_batches(shuffled(home, seed), batches), start=1):
        write_home(part, shared_home.home, seed + number, prefix=f"b{number}-")
        shared_home.land(rebuild=rebuilt and number == batches)
        shared_home.build()
        if published[number - 1] or number == batches:
            shared_home.publish()
            first = current_state(shared_home) if first is None else first
    assert first is not None
    assert replayed(shared_home, first) == current_state(shared_home)


def _fails(*_: object) -> None:
    raise OSError("no space is left")
