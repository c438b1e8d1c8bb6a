"""Files that land by tasks give the same raw tables, verdicts, refusals and messages as a landing without tasks."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from ingest.landing import load
from ingest.landing.inputs import LINE_INPUTS
from ingest.landing.load import LoadSummary, land
from ingest.sample import write_sample
from tests.ingest.landing.compacting_home import landed_and_compacted
from tests.ingest.landing.landing_home import LandingHome, json_lines, record
from tests.ingest.landing.tasks_by_threads import TasksByThreads

TABLES = sorted({*(entry.table for entry in LINE_INPUTS.values()), "raw.rejected_lines", "raw.rejected_counts"})


def rows(home: LandingHome, table: str) -> list[tuple[object, ...]]:
    return sorted(home.rows(f"select * from {table}"), key=repr)


def ledger(home: LandingHome) -> list[tuple[object, ...]]:
    return home.rows("select * exclude (landed_at) from raw.landed_files order by file_id")


def said(summary: LoadSummary) -> tuple[object, ...]:
    return summary.files, summary.lines, summary.accepted, summary.rejected, summary.left_out, summary.notices


@pytest.mark.parametrize("at_once", [2, 4])
def test_tasks_land_what_one_machine_lands(tmp_path: Path, at_once: int) -> None:
    homes = [LandingHome.at(tmp_path / name) for name in ("one", "tasks")]
    shutil.rmtree(homes[0].settings.landing)
    write_sample(homes[0].settings.home, records=2_000, days=60, seed=at_once)
    homes[0].usage("broken/cut.jsonl.gz", homes[0].usage("whole.jsonl.gz", [record("cut")] * 50).read_bytes()[:-9])
    homes[0].usage("broken/array.json", "[" + json_lines([record("in an array")]).strip() + ",]")
    homes[0].usage("broken/header.csv", "no,field\n1,2\n")
    homes[0].usage("broken/no.parquet", b"PAR1 is not enough")
    homes[0].usage("broken/lines.jsonl", json_lines([record("good")]) + '{"creditsConsumed": NaN\n\0\n' * 30)
    (homes[0].settings.landing / "usage_records" / "broken" / "shut.jsonl").symlink_to("/etc/hostname")
    shutil.rmtree(homes[1].settings.landing)
    shutil.copytree(homes[0].settings.landing, homes[1].settings.landing, symlinks=True, copy_function=shutil.copy2)
    tasks = TasksByThreads(at_once)
    one, other = homes[0].land(), land(homes[1].settings, "a test's run", tasks=tasks)
    assert tasks.submitted >= 2 * at_once
    assert said(one) == said(other)
    for table in TABLES:
        assert rows(homes[0], table) == rows(homes[1], table), table
    assert ledger(homes[0]) == ledger(homes[1])
    assert homes[0].quarantined() == homes[1].quarantined() != []
    assert land(homes[1].settings, "again", tasks=tasks).files == 0


def test_a_file_that_stops_the_reader_is_left_out_by_its_task(
    home: LandingHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        home.usage(f"{number}.jsonl", [record(f"r{number}")])
    bad = home.usage("bad.csv", "resourceId,creditsConsumed,createdAt\nx,1,2025-03-01\n")

    from ingest.landing import loading

    header = loading.csv_header

    def fails(file: object, *others: object) -> object:
        if getattr(file, "absolute", None) == bad:
            raise ZeroDivisionError
        return header(file, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(loading, "csv_header", fails)
    summary = land(home.settings, "a test's run", tasks=TasksByThreads(2))
    [left] = summary.left_out
    assert left.path == "usage_records/bad.csv" and "ZeroDivisionError" in left.reason
    assert set(home.credits()) == {f"r{number}" for number in range(6)}


def test_a_file_that_changes_while_its_task_reads_waits_for_the_next_run(
    home: LandingHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.usage("sound.jsonl", [record("sound")])
    path = home.usage("late.jsonl", [record("late")])
    inspect_by_tasks = load.inspect_by_tasks

    def grows(*asked: object) -> object:
        found = inspect_by_tasks(*asked)  # type: ignore[arg-type]
        path.write_text(json_lines([record("late"), record("later")]))
        return found

    monkeypatch.setattr(load, "inspect_by_tasks", grows)
    tasks = TasksByThreads(2)
    assert [left.kind for left in land(home.settings, "a test's run", tasks=tasks).left_out] == ["changed"]
    assert set(home.credits()) == {"sound"}
    monkeypatch.undo()
    os.utime(path, (1_700_000_000, 1_700_000_000))
    land(home.settings, "a test's run", tasks=tasks)
    assert set(home.credits()) == {"sound", "late", "later"}


def test_a_member_of_a_bundle_is_not_taken_for_the_file_of_its_path(home: LandingHome) -> None:
    for name in ("a", "b"):
        home.usage(f"{name}.jsonl", [record(name)])
    home.land()
    landed_and_compacted(home)
    home.usage("a.jsonl", [record("other"), record("more")])
    for path in home.settings.warehouse.glob("build.duckdb*"):
        path.unlink()
    land(home.settings, "a test's run", tasks=TasksByThreads(2))
    assert set(home.credits()) == {"a", "b", "other", "more"}


def test_a_file_that_was_refused_before_is_read_by_the_coordinator(home: LandingHome) -> None:
    home.usage("one.jsonl", "no record\n")
    home.land()
    home.change("update raw.landed_files set reading_rules = 0")
    home.change("update raw.seen_files set modified_ns = 0")
    tasks = TasksByThreads(2)
    land(home.settings, "a test's run", tasks=tasks)
    assert home.refused() == [("one.jsonl", 1, "broken_json")]
    assert home.differences() == []
