"""What lands is what was hashed: a file that changes between its hash and the end of its reading waits, whole."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingest.contract.landing_files import LandingFile
from ingest.contract.left_out import LeftOut
from ingest.landing import file_tasks
from ingest.landing.file_bytes import FileFacts
from tests.ingest.landing.landing_home import DAY, LandingHome, json_lines, record

ROWS = [record(f"r{number}") for number in range(1000)]
WHOLE = json_lines(ROWS).encode()
Change = Callable[[Path], object]
CHANGES: dict[str, Change] = {
    "emptied": lambda path: path.write_bytes(b""),
    "cut": lambda path: os.truncate(path, 500),
    "grown": lambda path: path.write_bytes(WHOLE + b"more"),
    "replaced": lambda path: path.with_name(".new").write_bytes(WHOLE) and path.with_name(".new").replace(path),
    "written again in place": lambda path: path.write_bytes(WHOLE),
    "vanished": lambda path: path.unlink(),
}


def change_after_the_hash(monkeypatch: pytest.MonkeyPatch, name: str, change: Change) -> None:
    """Have another writer change a file once, right after its bytes were hashed."""
    inspect = file_tasks.inspect

    def inspected(file: LandingFile, *given: Any) -> FileFacts:
        facts = inspect(file, *given)
        if file.absolute.name == name:
            change(file.absolute)
            monkeypatch.setattr(file_tasks, "inspect", inspect)
        return facts

    monkeypatch.setattr(file_tasks, "inspect", inspected)


def changed(left_out: tuple[LeftOut, ...]) -> list[str]:
    return [left.path for left in left_out if left.kind == "changed"]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", ["e.jsonl", "e.csv", "e.parquet", "e.jsonl.gz"])
def test_a_file_that_changes_after_its_hash_waits_whole_for_the_next_run(
    home: LandingHome, monkeypatch: pytest.MonkeyPatch, name: str, change: str
) -> None:
    whole = f"resourceId,credits,createdAt\nr0,1,{DAY}\n" if name == "e.csv" else ROWS
    path = home.usage(name, whole)
    whole_bytes = path.read_bytes()
    home.usage("beside.jsonl", [record("beside")])
    change_after_the_hash(monkeypatch, name, CHANGES[change])
    assert changed(home.land().left_out) == [f"usage_records/{name}"]
    assert set(home.credits()) == {"beside"}
    assert home.rows("select * from raw.unread_files") == home.rows("select * from raw.rejected_lines") == []
    path.write_bytes(whole_bytes)  # the writer ends with the very bytes that were hashed
    assert changed(home.land().left_out) == []
    lines = 1 if name == "e.csv" else 1000
    assert home.rows("select lines from raw.landed_files order by 1 desc")[0] == (
        (lines,) if name != "e.parquet" else (1,)
    )


def test_a_listing_with_a_changed_file_is_never_taken_for_done(
    home: LandingHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.usage("e.jsonl", WHOLE)
    change_after_the_hash(monkeypatch, "e.jsonl", CHANGES["written again in place"])
    home.land()
    assert home.rows("select listing from raw.landing_state") == [("incomplete",)]
    assert home.land().accepted == 1000


@pytest.mark.parametrize("change", CHANGES)
def test_an_export_that_changes_is_neither_landed_nor_taken_for_faulty(
    home: LandingHome, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    table = "".join(f"u{number},t\n" for number in range(100))
    path = home.deliver("mappings/users/u_2026-01-01.csv", f"userId,tenantId\n{table}")
    change_after_the_hash(monkeypatch, path.name, CHANGES[change])
    summary = home.land()
    assert [left.kind for left in summary.left_out] == ["changed"] and summary.load_id is None
    path.write_text(f"userId,tenantId\n{table}")
    home.land()
    assert home.rows("select count(*) from raw.users") == [(100,)]


def test_a_change_within_one_tick_of_the_file_systems_clock_is_seen(home: LandingHome) -> None:
    """Files are written again as fast as can be, of the same size, so that their times often stay the same."""
    one, two = (json_lines([record(f"{name}{number}") for number in range(200)]).encode() for name in "ab")
    for trial in range(20):
        path = home.usage(f"{trial}.jsonl", one if trial % 2 else two)
        path.write_bytes(two if trial % 2 else one)
        home.land()
    known = home.rows(
        "select count(*) from raw.usage_records inner join raw.landed_files using (file_id) group by path"
    )
    assert set(known) <= {(200,)}


def test_a_known_file_that_vanishes_while_it_is_hashed_is_nothing_to_mend(
    home: LandingHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = home.usage("e.jsonl", WHOLE)
    inspect = file_tasks.inspect

    def gone(file: LandingFile, *given: Any) -> FileFacts:
        path.unlink()
        return inspect(file, *given)

    monkeypatch.setattr(file_tasks, "inspect", gone)
    assert [left.kind for left in home.land().left_out] == ["changed"]
