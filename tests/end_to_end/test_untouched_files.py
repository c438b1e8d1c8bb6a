"""Files of a version that a run has no news for are those of the version before, on disk too."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.publish.parquet_export import MONTHLY_TABLES
from tests.end_to_end.billing_homes import MARCH, close
from tests.end_to_end.comparing import whole_version
from tests.end_to_end.driving import Warehouse

BY_FIRST_USE = ("agg_credits_by_interaction", "dim_interactions")
BY_REPORTING_DATE = ("fct_credit_usage", "agg_credits_daily")
MONTHLY = (*BY_FIRST_USE, *BY_REPORTING_DATE)
FOCUS = "focus_cost_and_usage"


Inodes = dict[str, set[int]]


def _inodes(warehouse: Warehouse) -> Inodes:
    """The Parquet files on disk, by table and month, or by table."""
    parquet = (warehouse.settings.published / "current" / "parquet").resolve()
    found: Inodes = defaultdict(set)
    for path in parquet.rglob("*.parquet"):
        inside = path.relative_to(parquet)
        name = (inside.parent if len(inside.parts) > 1 else inside).as_posix()
        found[name.replace("month=", "")].add(path.stat().st_ino)
    return found


def _written(warehouse: Warehouse, before: Inodes, *tables: str) -> set[str]:
    """The months of these tables whose files are others than before."""
    now = _inodes(warehouse)
    return {name for name, inode in now.items() if name.startswith(tables) and before.get(name) != inode}


def _names(warehouse: Warehouse, table: str, month: str) -> set[str]:
    folder = warehouse.settings.published / "current" / "parquet" / table / f"month={month}"
    return {path.name for path in folder.iterdir()}


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


def _days(warehouse: Warehouse, month: str) -> list[str | None]:
    """The days of the fact's files of a month; None stands for a file of the whole month."""
    manifest = json.loads((warehouse.settings.published / "current" / "manifest.json").read_text())
    files = manifest["tables"]["fct_credit_usage"]["files"]
    return [file.get("day") for file in files if f"/month={month}/" in file["path"]]


FACT = "fct_credit_usage"


def test_a_late_record_writes_one_day_of_an_open_month(warehouse: Warehouse) -> None:
    days = [*(f"2025-03-0{day}" for day in range(1, 5)), "2025-01-10", "2025-01-11", "2025-04-05"]
    warehouse.usage("a.jsonl", *(_used(f"r{day}", f"i{day}", day) for day in days))
    warehouse.run()
    first = _inodes(warehouse)
    assert (_days(warehouse, "2025-01"), _days(warehouse, "2025-04")) == ([None], ["2025-04-05"])
    assert _days(warehouse, "2025-03") == days[:4]
    _equal(warehouse)

    names = {month: _names(warehouse, FACT, month) for month in ("2025-03", "2025-04")}
    warehouse.usage("b.jsonl", _used("late", "i", "2025-03-03"))
    warehouse.run()
    second = _inodes(warehouse)
    # A reader that listed the month before finds none of its files, rather than some.
    assert not _names(warehouse, FACT, "2025-03") & names["2025-03"]
    assert _names(warehouse, FACT, "2025-04") == names["2025-04"]
    assert _written(warehouse, first, FACT) == _months((FACT,), "2025-03")
    assert len(second[f"{FACT}/2025-03"] & first[f"{FACT}/2025-03"]) == 3
    _equal(warehouse)

    # An operation that moves to another day writes both, and a month in one file is written whole.
    warehouse.usage("c.jsonl", _used("r2025-03-04", "i2025-03-04", "2025-03-02"), _used("old", "i", "2025-01-11"))
    warehouse.run()
    third = _inodes(warehouse)
    assert _days(warehouse, "2025-03") == days[:3]
    assert len(third[f"{FACT}/2025-03"] & second[f"{FACT}/2025-03"]) == 2
    assert not third[f"{FACT}/2025-01"] & second[f"{FACT}/2025-01"]
    assert third[f"{FACT}/2025-04"] == second[f"{FACT}/2025-04"]
    _equal(warehouse)


def test_a_month_gets_one_file_when_it_is_closed_or_old(warehouse: Warehouse) -> None:
    days = ["2025-03-01", "2025-03-02", "2025-04-01", "2025-04-02"]
    warehouse.usage("a.jsonl", *(_used(f"r{day}", f"i{day}", day) for day in days))
    warehouse.run()
    assert (_days(warehouse, "2025-03"), _days(warehouse, "2025-04")) == (days[:2], days[2:])
    close(warehouse, MARCH)
    assert (_days(warehouse, "2025-03"), _days(warehouse, "2025-04")) == ([None], days[2:])
    _equal(warehouse)

    warehouse.usage("b.jsonl", _used("within 60 days", "i", "2025-06-29"))
    warehouse.run()
    assert _days(warehouse, "2025-04") == days[2:]
    warehouse.usage("c.jsonl", _used("beyond", "i", "2025-06-30"))
    warehouse.run()
    assert (_days(warehouse, "2025-04"), _days(warehouse, "2025-06")) == ([None], ["2025-06-29", "2025-06-30"])
    _equal(warehouse)


def test_a_version_with_months_in_one_file_is_followed_by_one_with_days(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.usage("a.jsonl", *(_used(f"r{day}", "i", day) for day in ("2024-12-01", "2025-03-01", "2025-03-02")))
    with monkeypatch.context() as patch:
        patch.setitem(MONTHLY_TABLES, FACT, replace(MONTHLY_TABLES[FACT], daily=False))
        warehouse.run()
    assert _days(warehouse, "2025-03") == [None]
    first = _inodes(warehouse)
    warehouse.deliver("usage_records/notes.txt", "This makes a new version.")
    warehouse.run()
    assert _days(warehouse, "2025-03") == ["2025-03-01", "2025-03-02"]
    assert _written(warehouse, first, *MONTHLY) == _months((FACT,), "2025-03")
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

    names = {month: _names(warehouse, FOCUS, month) for month in months}
    renamed = {**name, "name": "South", "validFrom": "2025-02-01T00:00:00Z"}
    warehouse.deliver("mappings/tenants/2025-03-09.jsonl", [name | ended, renamed])
    warehouse.run()
    # All statements of the customer are written; the one of January has the same rows, and so the same name.
    assert _written(warehouse, second, FOCUS) == _months((FOCUS,), *months)
    assert [month for month in months if _names(warehouse, FOCUS, month) != names[month]] == ["2025-02", "2025-03"]
    _equal(warehouse)


def test_a_build_with_whole_checks_writes_the_charges_of_all_months(warehouse: Warehouse) -> None:
    _rate(warehouse, "2025-01-02.jsonl", "2.00")
    warehouse.usage("a.jsonl", _used("r1", "i1", "2025-01-01"), _used("r2", "i2", "2025-02-01"))
    warehouse.run()
    warehouse.damage(
        "update marts.marts.focus_cost_and_usage set ConsumedQuantity = 7 where month(BillingPeriodStart) = 1"
    )
    warehouse.usage("b.jsonl", _used("r3", "i3", "2025-02-02"))
    warehouse.run(check_all=True)
    _equal(warehouse)
    assert warehouse.table(FOCUS, ["count(*)"], "ConsumedQuantity = 7") == [(0,)]


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
