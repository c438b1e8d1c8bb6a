"""One writer at a time, whoever comes: the second waits, or says who writes, and harms nothing."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from pathlib import Path

import duckdb
import pytest

from ingest.errors import LockedError
from ingest.landing.warehouse import writer_lock
from tests.end_to_end.commands import ended, started
from tests.end_to_end.driving import Warehouse


@pytest.fixture
def waiting(warehouse: Warehouse) -> Warehouse:
    """A published home in which a file waits."""
    warehouse.usage("a.jsonl", {"id": "x", "credits": 1})
    warehouse.run()
    warehouse.usage("b.jsonl", {"id": "y", "credits": 2})
    return warehouse


def databases(warehouse: Warehouse) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in warehouse.settings.warehouse.glob("*.duckdb*")}


def operations(warehouse: Warehouse) -> int:
    return len(warehouse.table("fct_credit_usage"))


@pytest.mark.parametrize("command", ["run", "rebuild"])
def test_a_second_run_says_who_writes_and_leaves_everything_alone(waiting: Warehouse, command: str) -> None:
    published, built = waiting.published_bytes(), databases(waiting)
    with writer_lock(waiting.settings, "a long run"):
        code, _, err = ended(started(waiting, command))
    assert code != 0
    (line,) = err.splitlines()
    assert f"process {os.getpid()} on {socket.gethostname()} (a long run" in line
    assert "CREDITS_LOCK_WAIT_SECONDS" in line
    assert waiting.published_bytes() == published
    assert databases(waiting) == built


def test_a_second_run_waits_for_the_first_as_long_as_the_settings_say(waiting: Warehouse) -> None:
    with writer_lock(waiting.settings, "a long run"):
        second = started(waiting, "run", CREDITS_LOCK_WAIT_SECONDS="300")
        while second.poll() is None and not _waits(second.pid):
            time.sleep(0.1)
        assert second.poll() is None
        assert operations(waiting) == 1
    assert ended(second)[0] == 0
    assert operations(waiting) == 2


def test_two_runs_at_once_publish_everything_once(waiting: Warehouse) -> None:
    both = [started(waiting, "run", CREDITS_LOCK_WAIT_SECONDS="300") for _ in range(2)]
    assert [ended(process)[0] for process in both] == [0, 0]
    assert waiting.table("fct_credit_usage", ("resource_id", "credits")) == [("x", 1), ("y", 2)]
    assert waiting.inside("select count(*) from raw.usage_records") == [(2,)]


def test_a_run_with_nothing_to_do_does_not_ask_who_writes(waiting: Warehouse) -> None:
    waiting.run()
    with writer_lock(waiting.settings, "a long run"):
        code, out, _ = ended(started(waiting, "run"))
    assert (code, "nothing new" in out) == (0, True)


def test_a_build_database_that_somebody_has_opened_stops_the_run(waiting: Warehouse) -> None:
    published = waiting.published_bytes()
    with duckdb.connect(str(waiting.settings.build_database)):
        code, _, err = ended(started(waiting, "run"))
    assert code != 0
    assert "is open in another process" in err
    assert waiting.published_bytes() == published
    assert ended(started(waiting, "run"))[0] == 0
    assert operations(waiting) == 2


def test_the_lock_of_a_writer_that_is_gone_is_free(warehouse: Warehouse) -> None:
    settings = warehouse.settings
    with writer_lock(settings, "first"):
        holder = json.loads((settings.warehouse / ".lock").read_text())
    assert holder["pid"] == os.getpid()
    (settings.warehouse / ".lock").write_text(json.dumps(holder))
    with writer_lock(settings, "second"):
        pass


def test_a_thread_waits_for_another(warehouse: Warehouse) -> None:
    entered = threading.Event()
    with (
        writer_lock(warehouse.settings, "first"),
        pytest.raises(LockedError),
        writer_lock(warehouse.settings, "second"),
    ):
        entered.set()
    assert not entered.is_set()


def _waits(pid: int) -> bool:
    """Whether a process has the lock's file open: it tries to get the lock then."""
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        try:
            if handle.readlink().name == ".lock":
                return True
        except OSError:
            continue
    return False
