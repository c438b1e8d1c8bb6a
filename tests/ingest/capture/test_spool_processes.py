"""What had been appended is in landing once, after processes were killed, forked or ended, and disks were full."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.capture.spool import Spool
from tests.ingest.capture.spool_reading import eventually, landed_ids, left_growing, record

CHECKOUT = Path(__file__).resolve().parents[3]
KILLS = 60


def appending(landing: Path, prefix: str, appends: int, how: str = "exit") -> subprocess.Popen[bytes]:
    arguments = [
        sys.executable,
        "-m",
        "tests.ingest.capture.appending_process",
        str(landing),
        prefix,
        str(appends),
        how,
    ]
    return subprocess.Popen(arguments, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def said_by(process: subprocess.Popen[bytes]) -> list[str]:
    try:
        output, errors = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    assert process.returncode == 0, errors.decode()
    return output.decode().splitlines()


def killed_after(process: subprocess.Popen[bytes], lines: int) -> list[str]:
    """Kill the process once it has said so many lines; what it had said until it was dead."""
    assert process.stdout and process.stderr
    said = [process.stdout.readline() for _ in range(lines)]
    process.send_signal(signal.SIGKILL)
    said += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    process.stderr.close()
    return [line.decode().rstrip() for line in said if line.endswith(b"\n")]


def test_every_append_that_had_returned_is_in_landing_once_after_the_next_start(tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    chance = random.Random(8)
    said: list[str] = []
    for kill in range(KILLS):
        process = appending(landing, f"run{kill}", 1_000_000)
        said += killed_after(process, chance.randrange(1, 1500))
        assert process.returncode == -signal.SIGKILL
    spool = Spool(landing)
    landed = landed_ids(landing)
    assert len(landed) == len(set(landed)), "a record is in landing twice"
    assert set(said) <= set(landed)
    # A record may have been written whose append was never reported: one a thread.
    assert len(landed) - len(said) <= 4 * KILLS
    assert left_growing(landing) == []
    spool.close()


def test_processes_side_by_side_lose_and_double_nothing_and_close_at_their_end(tmp_path: Path) -> None:
    processes = [appending(tmp_path, f"p{number}", 2000) for number in range(4)]
    said = [line for process in processes for line in said_by(process)]
    assert len(said) == 8000
    assert sorted(landed_ids(tmp_path)) == sorted(said)


def test_a_forked_child_has_a_file_of_its_own_and_repeats_nothing_of_its_parent(tmp_path: Path) -> None:
    said = said_by(appending(tmp_path, "f", 400, "fork"))
    assert len(said) == 1200
    assert sorted(landed_ids(tmp_path)) == sorted(said)
    assert left_growing(tmp_path) == []


def test_a_file_that_may_not_grow_holds_whole_lines_and_nothing_is_lost(tmp_path: Path) -> None:
    said = said_by(appending(tmp_path, "l", 400, "limited"))
    assert sorted(landed_ids(tmp_path)) == sorted(said)
    assert len(said) == 400


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a disk of its own may not be mounted here")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_full_disk_is_told_and_nothing_is_lost_when_there_is_room_again(
    small_disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    landing = small_disk / "landing"
    spool = Spool(landing, flush_seconds=0.01)
    names = [f"r{number}" for number in range(1000)]
    for name in names[:100]:
        spool.append(record(name))
    fill = small_disk / "fill"
    with fill.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 512):
                pass
        except OSError:
            pass
    for name in names[100:]:
        spool.append(record(name))
    health = spool.health()
    assert health.buffered > 0
    assert (health.lost, health.appended + health.buffered) == (0, 1000)
    assert "No space left" in (health.last_error or "")
    assert "No space left" in caplog.text and "recordId" not in caplog.text
    fill.unlink()
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
    waits = (time.sleep(0.025) for _ in range(400))
    assert eventually(lambda: spool.health().buffered == 0 and spool.health().last_error is None, waits)
    spool.close()
    assert sorted(landed_ids(landing)) == sorted(names)
