"""Files of a version that a run has no news for are those of the version before, on disk too."""

from __future__ import annotations

import os
from pathlib import Path

from tests.end_to_end.comparing import whole_version
from tests.end_to_end.driving import Warehouse

BY_FIRST_USE = ("agg_credits_by_interaction", "dim_interactions")
BY_REPORTING_DATE = ("fct_credit_usage", "agg_credits_daily")
MONTHLY = (*BY_FIRST_USE, *BY_REPORTING_DATE)
FOCUS = "focus_cost_and_usage"


def _inodes(warehouse: Warehouse) -> dict[str, int]:
    """Each Parquet file by its table and month, or its table."""
    parquet = (warehouse.settings.published / "current" / "parquet").resolve()
    found = {path: path.relative_to(parquet) for path in parquet.rglob("*.parquet")}
    return {
        (inside.parent if len(inside.parts) > 1 else inside).as_posix().replace("month=", ""): path.stat().st_ino
        for path, inside in found.items()
    }


def _written(warehouse: Warehouse, before: dict[str, int], *tables: str) -> set[str]:
    """The months of these tables whose files are others than before."""
    now = _inodes(warehouse)
    return {name for name, inode in now.items() if name.startswith(tables) and before.get(name) != inode}


def _months(tables: tuple[str, ...], *months: str) -> set[str]:
    return {f"{table}/{month}" for table in tables for month in months}


def _equal(warehouse: Warehouse) -> None:
    version = whole_version(warehouse)
    tables = [name for name in version if not name.endswith(" as Parquet")]
    assert [name for name in tables if version[name] != version[f"{name} as Parquet"]] == []


def _rate(warehouse: Warehouse, name: str, price: str) -> Path:
    row = {"pricePerCredit": price, "currency": "EUR", "validFrom": "2025-01-01T00:00:00Z"}
    return warehouse.deliver(f"billing/rates/{name}", [row])


def _used(record: str, interaction: str, at: str, credits: str = "1.5") -> dict[str, object]:
    return {
        "recordId": record,
        "interactionId": interaction,
        "credits": credits,
        "createdAt": f"{at}T12:00:00Z",
        "userId": "u1",
    }


def test_another_price_leaves_the_files_of_usage_as_they_are(warehouse: Warehouse) -> None:
    warehouse.usage("a.jsonl", _used("r1", "i1", "2025-03-01"))
    _rate(warehouse, "2025-03-01.jsonl", "1.00")
    warehouse.run()
    first = _inodes(warehouse)

    _rate(warehouse, "2025-03-02.jsonl", "2.00")
    warehouse.run()
    second = _inodes(warehouse)
    assert {*first} == {*second}
    assert _written(warehouse, first, *MONTHLY) == set()
    assert second["mart_tenant_statement_lines.parquet"] != first["mart_tenant_statement_lines.parquet"]
    assert _written(warehouse, first, FOCUS) == {f"{FOCUS}/2025-03"}
    assert warehouse.table("focus_cost_and_usage", ["BilledCost::varchar"]) == [("3.000000000000000000000",)]

    warehouse.usage("b.jsonl", _used("r2", "i1", "2025-03-01", "0.5"))
    warehouse.run()
    assert _written(warehouse, second, *MONTHLY) == _months(MONTHLY, "2025-03")
    assert warehouse.table("agg_credits_by_interaction", ["credits::varchar"]) == [("2.000000000",)]


def test_a_late_record_writes_the_months_that_it_touches(warehouse: Warehouse) -> None:
    months = ("2025-01", "2025-02", "2025-03", "2025-04")
    warehouse.usage("a.jsonl", *(_used(f"r{month}", f"i{month}", f"{month}-07") for month in months))
    warehouse.run()
    first = _inodes(warehouse)
    assert _months(MONTHLY, *months) <= {*first}

    # An interaction's later use is a matter of the month in which it was first used.
    warehouse.usage("b.jsonl", _used("r5", "i2025-02", "2025-04-08"))
    warehouse.run()
    second = _inodes(warehouse)
    assert _written(warehouse, first, *BY_FIRST_USE) == _months(BY_FIRST_USE, "2025-02")
    assert _written(warehouse, first, *BY_REPORTING_DATE) == _months(BY_REPORTING_DATE, "2025-04")
    _equal(warehouse)

    # One that was used earlier than was known leaves a month for another.
    warehouse.usage("c.jsonl", _used("r6", "i2025-03", "2025-01-09"))
    warehouse.run()
    third = _inodes(warehouse)
    assert _written(warehouse, second, *BY_FIRST_USE) == _months(BY_FIRST_USE, "2025-01")
    assert _months(BY_FIRST_USE, "2025-03") & {*third} == set()
    _equal(warehouse)

    # It leaves others behind in its month.
    warehouse.usage("d.jsonl", _used("r7", "i2025-02", "2024-12-31"), _used("r8", "new", "2025-02-01"))
    warehouse.run()
    assert _written(warehouse, third, *BY_FIRST_USE) == _months(BY_FIRST_USE, "2024-12", "2025-02")
    _equal(warehouse)


def test_a_month_that_only_lost_an_interaction_is_written(warehouse: Warehouse) -> None:
    warehouse.usage("a.jsonl", _used("r1", "i1", "2025-03-01"), _used("r2", "i2", "2025-03-02"))
    warehouse.run()
    first = _inodes(warehouse)
    warehouse.usage("b.jsonl", _used("r3", "i2", "2025-01-02"))
    warehouse.run()
    assert _written(warehouse, first, *BY_FIRST_USE) == _months(BY_FIRST_USE, "2025-01", "2025-03")
    _equal(warehouse)


def test_another_owner_writes_the_months_of_the_owned(warehouse: Warehouse) -> None:
    bare = [{**_used(f"r{day}", f"i{day}", f"2025-0{day}-01"), "userId": None} for day in (1, 2, 3)]
    warehouse.usage("a.jsonl", *bare)
    warehouse.run()
    first = _inodes(warehouse)
    owner = {"interactionId": "i2", "userId": "u9", "createdAt": "2025-02-01T00:00:00Z"}
    warehouse.deliver("mappings/interactions/2025-03-05.jsonl", [owner])
    warehouse.run()
    assert _written(warehouse, first, *MONTHLY) == _months(MONTHLY, "2025-02")
    assert ("i2", "u9") in warehouse.table("dim_interactions", ["interaction_id", "user_id"])
    _equal(warehouse)


def test_charges_are_written_in_the_billing_months_whose_rows_changed(warehouse: Warehouse) -> None:
    months = ("2025-01", "2025-02", "2025-03")
    warehouse.usage("a.jsonl", *({**_used(f"r{month}", "i1", f"{month}-07"), "tenantId": "t1"} for month in months))
    rate = {"pricePerCredit": "1.00", "currency": "EUR", "validFrom": "2025-01-01T00:00:00Z"}
    name = {"tenantId": "t1", "name": "North", "validFrom": "2025-01-01T00:00:00Z"}
    ended = {"validTo": "2025-02-01T00:00:00Z"}
    warehouse.deliver("billing/rates/2025-03-08.jsonl", [rate])
    warehouse.deliver("mappings/tenants/2025-03-08.jsonl", [name])
    warehouse.run()
    first = _inodes(warehouse)
    assert _months((FOCUS,), *months) <= {*first}

    dearer = {**rate, "pricePerCredit": "2.00", "validFrom": "2025-02-01T00:00:00Z", "validTo": "2025-03-01T00:00:00Z"}
    after = {**rate, "validFrom": "2025-03-01T00:00:00Z"}
    warehouse.deliver("billing/rates/2025-03-09.jsonl", [rate | ended, dearer, after])
    warehouse.run()
    second = _inodes(warehouse)
    assert _written(warehouse, first, FOCUS) == _months((FOCUS,), "2025-02")
    _equal(warehouse)

    renamed = {**name, "name": "South", "validFrom": "2025-02-01T00:00:00Z"}
    warehouse.deliver("mappings/tenants/2025-03-09.jsonl", [name | ended, renamed])
    warehouse.run()
    assert _written(warehouse, second, FOCUS) == _months((FOCUS,), "2025-02", "2025-03")
    _equal(warehouse)


def _damage(warehouse: Warehouse, table: str, *, keeps_its_time: bool = False) -> None:
    """Change the file of March and leave its size as it is."""
    (file,) = (warehouse.settings.published / "current" / "parquet" / table / "month=2025-03").resolve().iterdir()
    before = file.stat()
    file.chmod(0o644)
    whole = file.read_bytes()
    file.write_bytes(whole[:100].ljust(len(whole), b"\0"))
    if keeps_its_time:
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_files_that_were_damaged_are_written_again(warehouse: Warehouse) -> None:
    warehouse.usage("a.jsonl", _used("r1", "i1", "2025-03-01"), _used("r2", "i2", "2025-04-01"))
    _rate(warehouse, "2025-03-02.jsonl", "2.00")
    warehouse.run()
    first = _inodes(warehouse)
    _damage(warehouse, "fct_credit_usage")
    # Of all others the content counts too.
    hashed = ("agg_credits_daily", *BY_FIRST_USE, FOCUS)
    for table in hashed:
        _damage(warehouse, table, keeps_its_time=True)

    warehouse.deliver("usage_records/notes.txt", "This makes a new version.")
    warehouse.run()
    assert _written(warehouse, first, *MONTHLY, FOCUS) == _months((*MONTHLY, FOCUS), "2025-03")
    _equal(warehouse)
