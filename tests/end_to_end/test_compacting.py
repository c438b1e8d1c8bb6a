"""`credits compact`: the published tables, the status and the quarantine stay as they were, also after a rebuild."""

from __future__ import annotations

import json
import shutil
from typing import Any

from orchestration.change_detection import has_news
from tests.end_to_end.billing_homes import APRIL, MARCH, close, three_months, used
from tests.end_to_end.commands import ended, started
from tests.end_to_end.comparing import expected_tables, published_tables, whole_version
from tests.end_to_end.driving import Warehouse

AUDIT = ("file", "sha256", "lines", "rejected_lines", "rounded_records", "credits_accepted")
NOTICE = ("path", "notice", "detail", "rows")
OF_THE_RUN = (
    "published_at",
    "built_at",
    "age_hours",
    "version",
    "hours",
    "checked_at",
    "whole_checks_at",
    "checked_hours_ago",
)


def said(warehouse: Warehouse, *arguments: str) -> tuple[int, str, str]:
    return ended(started(warehouse, *arguments))


def one_line_files(warehouse: Warehouse) -> None:
    """Many small files: new records, duplicates, corrections, a conflict, refused lines; in several forms."""
    for number in range(24):
        month, folder = 3 + number % 3, f"{number % 2}"
        day = f"2025-{month:02}-{number % 27 + 1:02}"
        warehouse.usage(f"{folder}/{number}.jsonl", used(f"f{number}", day, f"0.{number}", recordId=f"r{number % 20}"))
    warehouse.usage("0/again.jsonl", used("f0", "2025-03-01", "9", status="provisional"))
    warehouse.usage("0/broken.jsonl", used("f1", "2025-04-02", "-1"), used("f30", "2025-03-02", "0.1234567891"))
    warehouse.usage("1/packed.jsonl.gz", used("f31", "2025-03-03", "1e-3"))
    warehouse.deliver(
        "usage_records/a.csv", 'id,credits,createdAt\nf32,1.5,2025-03-04\nf33,x,2025-03-04\n"f34 ",2,2025-03-04\n'
    )
    for minute in range(4):
        beat = {"source": "host/a", "at": f"2025-03-05T10:0{minute}:00Z", "startedAt": "2025-03-05T10:00:00Z"}
        warehouse.deliver(f"heartbeats/a@host-{minute}.jsonl", [{**beat, "records": minute}])


def without_notices(version: dict[str, Any]) -> dict[str, Any]:
    """All tables but the notices, which say when their file landed."""
    return {name: rows for name, rows in version.items() if not name.startswith("mart_file_notices")}


def facts(warehouse: Warehouse) -> dict[str, Any]:
    code, out, err = said(warehouse, "status", "--json")
    assert code == 0, err
    return {name: value for name, value in json.loads(out).items() if not name.endswith(OF_THE_RUN)}


def small_files(warehouse: Warehouse) -> list[str]:
    landing = warehouse.settings.landing
    found = [path for folder in ("usage_records", "heartbeats") for path in (landing / folder).rglob("*.*")]
    return sorted(path.relative_to(landing).as_posix() for path in found)


def test_joined_files_give_the_same_version_status_and_quarantine(warehouse: Warehouse) -> None:
    three_months(warehouse)
    one_line_files(warehouse)
    assert said(warehouse, "compact")[:2] == (0, "nothing to join: nothing has landed; `credits run` lands.\n")
    warehouse.run()
    code, out, _ = said(warehouse, "compact")
    assert (code, out) == (0, "nothing to join: no month is closed; `credits close YYYY-MM` closes one.\n")
    for month in (MARCH, APRIL):
        close(warehouse, month)
    version, audit, status = whole_version(warehouse), warehouse.table("mart_load_audit", AUDIT), facts(warehouse)
    quarantine = said(warehouse, "quarantine", "list")
    notices = warehouse.table("mart_file_notices", NOTICE)
    assert [notice[:2] for notice in notices] == [("usage_records/a.csv", "padded_ids")]
    tables = published_tables(warehouse)
    files = small_files(warehouse)
    code, out, err = said(warehouse, "compact", "--dry-run")
    assert (code, err, small_files(warehouse)) == (0, "", files)
    planned = out

    code, out, err = said(warehouse, "compact")
    assert (code, err, out) == (0, "", planned.replace("would join", "joined"))
    assert out == "joined 24 files of 2 closed months in 3 bundles\n"
    left = small_files(warehouse)
    bundles = [name for name in left if name.endswith(".tar")]
    assert bundles == [
        "heartbeats/2025-03.bundle.tar",
        "usage_records/2025-03.bundle.tar",
        "usage_records/2025-04.bundle.tar",
    ]
    assert len(left) == len(files) - 24 + 3

    assert not has_news(warehouse.settings)
    code, out, _ = said(warehouse, "run")
    assert (code, out.splitlines()[0][:11]) == (0, "nothing new")
    assert (facts(warehouse), said(warehouse, "quarantine", "list")) == (status, quarantine)
    assert said(warehouse, "compact")[1].startswith("nothing to join: no small file")
    assert (published_tables(warehouse), expected_tables(warehouse.home)) == (tables, tables)

    for rebuild in (True, False):
        if not rebuild:
            for database in (warehouse.settings.build_database, warehouse.settings.marts_database):
                database.unlink()
        warehouse.run(rebuild=rebuild)
        assert without_notices(whole_version(warehouse)) == without_notices(version)
        assert warehouse.table("mart_file_notices", NOTICE) == notices
        assert warehouse.table("mart_load_audit", AUDIT) == audit
        assert {**facts(warehouse), "verdicts": None} == {**status, "verdicts": None}


def test_a_late_file_and_files_put_back_are_joined_by_the_next_call(warehouse: Warehouse) -> None:
    three_months(warehouse)
    one_line_files(warehouse)
    warehouse.run()
    close(warehouse, MARCH)
    copies = warehouse.home / "copies"
    shutil.copytree(warehouse.settings.landing / "usage_records", copies)
    assert said(warehouse, "compact")[0] == 0
    once = small_files(warehouse)
    shutil.copytree(copies, warehouse.settings.landing / "usage_records", dirs_exist_ok=True)
    shutil.rmtree(copies)
    warehouse.usage("late.jsonl", used("late", "2025-03-09", "4"))
    assert warehouse.land().summary.lines == 1
    warehouse.build()
    warehouse.publish()
    assert published_tables(warehouse) == expected_tables(warehouse.home)
    assert said(warehouse, "compact")[0] == 0
    assert small_files(warehouse) == once
    assert not has_news(warehouse.settings)
    version = whole_version(warehouse)
    assert published_tables(warehouse) == expected_tables(warehouse.home)
    warehouse.run(rebuild=True)
    assert without_notices(whole_version(warehouse)) == without_notices(version)


def test_a_damaged_bundle_is_one_line_and_costs_nothing(warehouse: Warehouse) -> None:
    three_months(warehouse)
    one_line_files(warehouse)
    warehouse.run()
    close(warehouse, MARCH)
    assert said(warehouse, "compact")[0] == 0
    version = whole_version(warehouse)
    bundle = warehouse.settings.landing / "usage_records" / "2025-03.bundle.tar"
    sound = bundle.read_bytes()
    bundle.write_bytes(sound[: len(sound) // 2])
    code, out, err = said(warehouse, "run")
    assert code == 3 and "Traceback" not in out + err
    assert err.count("\n") == 1 and "usage_records/2025-03.bundle.tar" in err and "it is cut off" in err
    assert said(warehouse, "status")[0] == 3
    assert warehouse.table("mart_unread_files", ("path",)) == [("usage_records/2025-03.bundle.tar",)]
    code, out, err = said(warehouse, "rebuild")
    assert code == 1 and "operations are left of the" in err, "what is missing is not published"
    bundle.write_bytes(sound)
    assert said(warehouse, "run")[0] == 0
    assert without_notices(whole_version(warehouse)) == without_notices(version)
