"""A process that may capture says so once a minute, at no cost to its callers, and says when it stops."""

from __future__ import annotations

import json
import logging
import os
import shutil
import stat
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.capture.heartbeats import FILE_SECONDS, INTERVAL_SECONDS, Heartbeats
from ingest.capture.spool import Spool
from ingest.contract.capture_sources import CaptureSource
from tests.ingest.capture.spool_reading import eventually, ready_files, record, source_of_file

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SOURCE = CaptureSource.of("web-1", "capture")


class Clock:
    """A clock that a test moves; `jump` is how far the machine's own time is off."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.jump = timedelta()

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds) + self.jump


def waits() -> Iterator[None]:
    for _ in range(400):
        time.sleep(0.025)
        yield


def heartbeats_of(landing: Path, clock: Clock, **account: str) -> Heartbeats:
    return Heartbeats(landing, SOURCE, records=lambda: int(clock()), clock=clock, now=clock.now, **account)


def handed_over(landing: Path) -> list[dict[str, Any]]:
    """The lines that landing would read, file by file in the order of their names."""
    files = sorted((landing / "heartbeats").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_bytes().splitlines()]


def growing(landing: Path) -> list[dict[str, Any]]:
    files = sorted((landing / "heartbeats" / ".growing").glob("*"))
    return [json.loads(line) for file in files for line in file.read_bytes().splitlines()]


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    folder = tmp_path / "landing"
    folder.mkdir()
    return folder


def test_one_line_a_minute_says_who_is_there_and_how_much_it_has_written(landing: Path) -> None:
    clock = Clock()
    beats = heartbeats_of(landing, clock, environment="eu", corti_tenant="acme")
    assert beats.due_in() == 0
    beats.beat()
    assert beats.due_in() == INTERVAL_SECONDS
    clock.seconds = 60
    beats.beat()
    same = {"source": "web-1/capture", "startedAt": "2026-03-02T09:00:00.000000Z"}
    account = {"environment": "eu", "cortiTenant": "acme"}
    assert growing(landing) == [
        {**same, "at": "2026-03-02T09:00:00.000000Z", "records": 0, **account},
        {**same, "at": "2026-03-02T09:01:00.000000Z", "records": 60, **account},
    ]
    assert handed_over(landing) == []
    beats.stop()
    assert [line.get("stopped") for line in handed_over(landing)] == [None, None, True]


def test_landing_sees_a_file_each_quarter_of_an_hour_and_about_a_hundred_a_day(landing: Path) -> None:
    clock = Clock()
    beats = heartbeats_of(landing, clock)
    for minute in range(24 * 60):
        clock.seconds = minute * 60.0
        beats.beat()
    files = sorted((landing / "heartbeats").glob("*.jsonl"))
    assert 24 * 3600 / FILE_SECONDS - 10 <= len(files) <= 100
    assert len(handed_over(landing)) + len(growing(landing)) == 24 * 60
    assert {source_of_file(file.name) for file in files} == {"web-1/capture"}
    beats.stop()


def test_a_machine_s_clock_that_jumps_changes_no_interval(landing: Path) -> None:
    clock = Clock()
    beats = heartbeats_of(landing, clock)
    beats.beat()
    for hours in (-30_000, 30_000):
        clock.jump = timedelta(hours=hours)
        clock.seconds += 60
        assert beats.due_in() == 0
        beats.beat()
        assert beats.due_in() == INTERVAL_SECONDS
    beats.stop()
    assert [line["at"][:4] for line in handed_over(landing)] == ["2026", "2022", "2029", "2029"]


def test_a_folder_that_cannot_be_written_is_tried_again_soon_and_keeps_every_line(landing: Path) -> None:
    clock = Clock()
    beats = heartbeats_of(landing, clock)
    beats.beat()
    shutil.rmtree(landing)
    clock.seconds = 60
    with pytest.raises(OSError):
        beats.beat()
    assert 0 < beats.due_in() < INTERVAL_SECONDS
    landing.mkdir()
    clock.seconds = 70
    beats.beat()
    beats.stop()
    assert sorted(line["at"][14:19] for line in handed_over(landing)) == ["00:00", "01:10", "01:10"]


def test_an_idle_spool_beats_and_says_at_its_end_that_it_stopped(landing: Path) -> None:
    spool = Spool(landing, host="web-1", name="gateway", environment="eu")
    assert eventually(lambda: len(growing(landing)) == 1, waits())
    spool.close()
    spool.close()
    lines = handed_over(landing)
    assert {(line["source"], line["environment"], line["records"]) for line in lines} == {("web-1/gateway", "eu", 0)}
    assert [line.get("stopped") for line in lines] == [None, True]
    assert growing(landing) == []


def test_records_and_heartbeats_tell_the_same_source(landing: Path) -> None:
    spool = Spool(landing)
    spool.append(record("r1"))
    spool.close()
    [file] = ready_files(landing)
    assert {line["source"] for line in handed_over(landing)} == {source_of_file(file.name)}
    assert handed_over(landing)[-1]["records"] == 1


def test_heartbeats_can_be_turned_off(landing: Path) -> None:
    spool = Spool(landing, send_heartbeats=False)
    spool.append(record("r1"))
    spool.close()
    assert not (landing / "heartbeats").exists()


def test_what_a_killed_process_left_is_handed_over_by_the_next_one(landing: Path) -> None:
    child = os.fork()
    if not child:
        heartbeats_of(landing, Clock()).beat()
        os._exit(9)
    os.waitpid(child, 0)
    left = landing / "heartbeats" / ".growing"
    with next(left.iterdir()).open("ab") as file:
        file.write(b'{"source":')
    spool = Spool(landing, send_heartbeats=False)
    assert [line["source"] for line in handed_over(landing)] == ["web-1/capture"]
    assert spool.health().torn == 1
    spool.close()


@pytest.mark.parametrize("appends", [0, 1])
def test_a_forked_child_beats_from_its_first_record_on(landing: Path, appends: int) -> None:
    spool = Spool(landing)
    assert eventually(lambda: len(growing(landing)) == 1, waits())
    child = os.fork()
    if not child:
        for _ in range(appends):
            spool.append(record("r1"))
        spool.close()
        os._exit(0)
    os.waitpid(child, 0)
    [mine] = growing(landing)
    said = [(line.get("stopped"), line["records"]) for line in handed_over(landing)]
    assert said[-1:] == [(True, 1)] * appends
    assert all(line["startedAt"] > mine["startedAt"] for line in handed_over(landing))
    spool.close()
    assert [line["records"] for line in handed_over(landing) if line["startedAt"] == mine["startedAt"]] == [0, 0]


def test_heartbeats_that_fail_are_counted_and_logged_and_no_record_waits_for_them(
    landing: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (landing / "heartbeats").write_text("no folder")
    spool = Spool(landing)
    assert eventually(lambda: spool.health().failed_heartbeats > 0, waits())
    spool.append(record("r1"))
    assert "heartbeats" in (spool.health().last_error or "")
    spool.close()
    assert (spool.health().appended, spool.health().lost) == (1, 0)
    assert len(ready_files(landing)) == 1
    [got] = caplog.records
    assert got.getMessage().startswith("writing heartbeats fails") and got.levelno == logging.ERROR


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o277])
def test_nobody_but_the_owner_may_read_what_a_spool_writes(tmp_path: Path, umask: int) -> None:
    landing = tmp_path / "landing"
    torn = landing / "usage_records" / ".growing" / "torn.jsonl"
    before = os.umask(umask)
    try:
        spool = Spool(landing)
        spool.append(record("r1"))
        spool.rotate()
        spool.append(record("r2"))
        torn.write_bytes(b"{")
        Spool(landing, send_heartbeats=False).close()
        spool.close()
    finally:
        os.umask(before)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in landing.rglob("*")}
    assert len([path for path in modes if path.is_file()]) == 4
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
