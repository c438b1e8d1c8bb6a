"""What was appended is in landing, once, whatever fails meanwhile."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.capture.spool import Spool
from ingest.contract.usage_record import UsageRecord
from tests.ingest.capture.spool_reading import eventually, landed_ids, left_growing, ready_files, record


def waits() -> Iterator[None]:
    for _ in range(400):
        time.sleep(0.025)
        yield


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    return tmp_path / "landing"


def test_what_was_appended_is_in_landing_after_closing_and_nothing_else_is(landing: Path) -> None:
    spool = Spool(landing)
    for number in range(100):
        spool.append(record(f"r{number}"))
    assert ready_files(landing) == [], "a growing file is not landing's to see"
    spool.close()
    assert landed_ids(landing) == [f"r{number}" for number in range(100)]
    assert left_growing(landing) == []
    health = spool.health()
    assert (health.appended, health.buffered, health.lost, health.torn, health.last_error) == (100, 0, 0, 0, None)


def test_a_spool_that_takes_nothing_leaves_no_file(landing: Path) -> None:
    spool = Spool(landing)
    spool.rotate()
    spool.close()
    spool.close()
    assert ready_files(landing) == left_growing(landing) == []


def test_an_append_is_in_the_file_before_it_returns(landing: Path) -> None:
    spool = Spool(landing, flush_seconds=60)
    spool.append(record("r1"))
    [growing] = left_growing(landing)
    assert growing.read_bytes() == record("r1").line()
    spool.close()


def test_files_are_handed_over_by_age_and_by_size_without_being_asked(landing: Path) -> None:
    by_age = Spool(landing, rotate_seconds=0.05, flush_seconds=0.01)
    by_age.append(record("old"))
    assert eventually(lambda: landed_ids(landing) == ["old"], waits())
    by_size = Spool(landing, rotate_bytes=1000, rotate_seconds=600)
    for number in range(40):
        by_size.append(record(f"r{number}"))
    assert eventually(lambda: len(landed_ids(landing)) > 30, waits())
    by_size.close()
    by_age.close()
    assert sorted(landed_ids(landing)) == sorted(["old", *(f"r{number}" for number in range(40))])
    assert all(file.stat().st_size < 1000 + 200 for file in ready_files(landing))


def test_many_threads_lose_and_double_nothing_while_files_are_rotated(landing: Path) -> None:
    spool = Spool(landing, rotate_bytes=4000, flush_seconds=0.001)

    def work(worker: int) -> None:
        for number in range(500):
            spool.append(record(f"{worker}-{number}"))
            if number % 100 == 0:
                spool.rotate()

    workers = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    spool.close()
    assert sorted(landed_ids(landing)) == sorted(f"{worker}-{n}" for worker in range(8) for n in range(500))


def test_a_record_that_makes_no_line_is_counted_and_harms_nobody(
    landing: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spool = Spool(landing)
    spool.append(UsageRecord("r", 7, "final", "created"))  # pyright: ignore[reportArgumentType]
    spool.append(record("good"))
    spool.close()
    spool.append(record("too late"))
    assert (landed_ids(landing), spool.health().lost) == (["good"], 2)
    assert all("too late" not in entry.getMessage() for entry in caplog.records)


def test_another_process_s_file_is_left_alone_while_it_lives(landing: Path) -> None:
    spool = Spool(landing)
    spool.append(record("mine"))
    looking = [
        sys.executable,
        "-c",
        f"from pathlib import Path\nfrom ingest.capture.spool import Spool\nSpool(Path({str(landing)!r})).close()",
    ]
    subprocess.run(looking, check=True)
    Spool(landing).close()
    assert ready_files(landing) == []
    spool.close()
    assert landed_ids(landing) == ["mine"]


def test_files_that_dead_processes_left_are_taken_over_and_torn_lines_set_aside(
    landing: Path, caplog: pytest.LogCaptureFixture
) -> None:
    growing = landing / "usage_records" / ".growing"
    growing.mkdir(parents=True)
    (growing / "whole.jsonl").write_bytes(record("a").line() + record("b").line())
    (growing / "torn.jsonl").write_bytes(record("c").line() + record("d").line()[:-5])
    (growing / "only-torn.jsonl").write_bytes(b'{"recordId"')
    (growing / "empty.jsonl").write_bytes(b"")
    spool = Spool(landing)
    assert sorted(landed_ids(landing)) == ["a", "b", "c"]
    assert (spool.health().torn, left_growing(landing)) == (2, [])
    aside = landing / "usage_records" / ".torn"
    assert (aside / "torn.jsonl").read_bytes() == record("d").line()[:-5]
    assert len(caplog.records) == 2 and "recordId" not in caplog.text
    spool.close()


def test_a_file_that_cannot_be_taken_over_does_not_hold_up_the_others(landing: Path) -> None:
    growing = landing / "usage_records" / ".growing"
    (growing / "a-folder.jsonl").mkdir(parents=True)
    (growing / "z.jsonl").write_bytes(record("a").line())
    spool = Spool(landing)
    assert landed_ids(landing) == ["a"]
    assert "a-folder.jsonl" in (spool.health().last_error or "")
    spool.close()


def test_a_landing_folder_that_vanishes_is_told_and_nothing_is_lost_when_it_comes_back(
    landing: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spool = Spool(landing, flush_seconds=0.01)
    spool.append(record("before"))
    shutil.rmtree(landing)
    assert eventually(lambda: spool.health().last_error is not None, waits())
    spool.append(record("during"))
    assert spool.health().buffered == 1
    assert not landing.exists()
    assert caplog.records and all(entry.levelno >= logging.WARNING for entry in caplog.records)
    landing.mkdir()
    assert eventually(lambda: spool.health().last_error is None, waits())
    spool.append(record("after"))
    spool.close()
    assert sorted(landed_ids(landing)) == ["after", "before", "during"]
    assert len(caplog.records) < 10


def test_a_landing_folder_that_was_moved_away_gets_its_records_in_the_new_one(landing: Path) -> None:
    spool = Spool(landing, flush_seconds=0.01)
    spool.append(record("before"))
    landing.rename(landing.with_name("old"))
    landing.mkdir()
    assert eventually(lambda: landed_ids(landing) == ["before"], waits())
    spool.close()


def test_a_buffer_that_is_full_counts_what_is_lost(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("no folder")
    spool = Spool(tmp_path / "file" / "landing", buffer_bytes=3 * len(record("r0").line()))
    for number in range(9):
        spool.append(record(f"r{number}"))
    assert (spool.health().buffered, spool.health().lost) == (3, 6)
    spool.close()
    assert (spool.health().buffered, spool.health().lost) == (0, 9)
    assert "lost so far" in caplog.text and "r0" not in caplog.text
