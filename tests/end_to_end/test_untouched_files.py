"""Files of a version that a run has no news for are those of the version before, on disk too."""

from __future__ import annotations

from pathlib import Path

from tests.end_to_end.driving import Warehouse

LARGE = ("agg_credits_by_interaction.parquet", "dim_interactions.parquet")


def _inodes(warehouse: Warehouse) -> dict[str, int]:
    parquet = (warehouse.settings.published / "current" / "parquet").resolve()
    return {path.relative_to(parquet).as_posix(): path.stat().st_ino for path in parquet.rglob("*.parquet")}


def _credits_of(warehouse: Warehouse, interaction: str) -> list[str]:
    found = warehouse.table("agg_credits_by_interaction", ["credits::varchar"], f"interaction_id = '{interaction}'")
    return [row[0] for row in found]


def _rate(warehouse: Warehouse, name: str, price: str) -> Path:
    row = {"pricePerCredit": price, "currency": "EUR", "validFrom": "2025-01-01T00:00:00Z"}
    return warehouse.deliver(f"billing/rates/{name}", [row])


def test_another_price_leaves_the_files_of_usage_as_they_are(warehouse: Warehouse) -> None:
    warehouse.usage("a.jsonl", {"recordId": "r1", "interactionId": "i1", "credits": "1.5"})
    _rate(warehouse, "2025-03-01.jsonl", "1.00")
    warehouse.run()
    first = _inodes(warehouse)

    _rate(warehouse, "2025-03-02.jsonl", "2.00")
    warehouse.run()
    second = _inodes(warehouse)
    assert {*first} == {*second}
    assert [second[name] for name in LARGE] == [first[name] for name in LARGE]
    assert second["mart_tenant_statement_lines.parquet"] != first["mart_tenant_statement_lines.parquet"]
    assert second["focus_cost_and_usage.parquet"] != first["focus_cost_and_usage.parquet"]
    assert warehouse.table("focus_cost_and_usage", ["BilledCost::varchar"]) == [("3.000000000000000000000",)]

    warehouse.usage("b.jsonl", {"recordId": "r2", "interactionId": "i1", "credits": "0.5"})
    warehouse.run()
    third = _inodes(warehouse)
    assert [third[name] == second[name] for name in LARGE] == [False, False]
    assert _credits_of(warehouse, "i1") == ["2.000000000"]


def test_a_large_file_that_was_damaged_is_written_again(warehouse: Warehouse) -> None:
    warehouse.usage("a.jsonl", {"recordId": "r1", "interactionId": "i1", "credits": "1.5"})
    warehouse.run()
    first = _inodes(warehouse)
    damaged = (warehouse.settings.published / "current" / "parquet" / LARGE[0]).resolve()
    damaged.chmod(0o644)
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:100].ljust(len(whole), b"\0"))

    _rate(warehouse, "2025-03-02.jsonl", "2.00")
    warehouse.run()
    second = _inodes(warehouse)
    assert [second[name] == first[name] for name in LARGE] == [False, True]
