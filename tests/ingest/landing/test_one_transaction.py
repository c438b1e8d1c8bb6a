"""A load is kept whole or not at all, and later losses are noticed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from ingest.errors import WarehouseError
from tests.ingest.landing.landing_home import DAY, LandingHome, record

TABLES = ("usage_records", "interactions", "users", "rejected_lines", "landed_files", "seen_files", "loads")


def counts(home: LandingHome) -> dict[str, int]:
    return {table: home.rows(f"select count(*) from raw.{table}")[0][0] for table in TABLES}


def deliver_everything(home: LandingHome) -> None:
    home.usage("a.jsonl", [record("a"), {"no": "record"}])
    home.usage("b.csv", f"resourceId,credits,createdAt\nb,2,{DAY}\n")
    home.deliver("mappings/interactions/i_2025-03-01.jsonl", [{"interactionId": "i", "userId": "u"}])
    home.deliver("mappings/users/u_2025-03-01.csv", "userId,tenantId\nu,t\n")


class Stopped(Exception):
    """Any error that may stop a load."""


@pytest.mark.parametrize("step", range(1, 9))
def test_a_load_that_is_stopped_keeps_nothing_and_the_next_completes_it(home: LandingHome, step: int) -> None:
    deliver_everything(home)
    steps = 0

    def stop(what: str, done: int, total: int) -> None:
        nonlocal steps
        steps += 1
        if steps == step:
            raise Stopped

    with pytest.raises(Stopped):
        home.land(stop)
    assert set(counts(home).values()) == {0}
    assert home.land().files == 4
    after = {"usage_records": 2, "interactions": 1, "users": 1, "rejected_lines": 1, "landed_files": 4, "seen_files": 4}
    assert counts(home) == {**after, "loads": 1}
    assert home.land().load_id is None


def test_a_later_load_that_is_stopped_leaves_the_earlier_ones(home: LandingHome) -> None:
    home.usage("first.jsonl", [record("first")])
    home.land()
    before = counts(home)
    deliver_everything(home)

    def stop(what: str, done: int, total: int) -> None:
        if (what, done) == ("landing", total):
            raise Stopped

    with pytest.raises(Stopped):
        home.land(stop)
    assert counts(home) == before


@pytest.mark.parametrize(
    "damage",
    [
        "delete from raw.usage_records where resource_id = 'a1'",
        "insert into raw.usage_records from raw.usage_records where resource_id = 'a1'",
        "update raw.usage_records set credits = credits + 0.000000001 where resource_id = 'a1'",
        "update raw.usage_records set credits = null where resource_id = 'a1'",
        "update raw.usage_records set file_id = 77 where resource_id = 'a1'",
        "delete from raw.interactions",
        "insert into raw.users from raw.users",
        "delete from raw.rejected_lines",
        "insert into raw.rejected_lines from raw.rejected_lines",
        "delete from raw.landed_files where dataset = 'usage_records'",
        "update raw.landed_files set lines = lines + 1",
        "update raw.landed_files set credits_accepted = 0 where dataset = 'usage_records'",
    ],
)
def test_a_raw_row_that_is_lost_doubled_or_altered_shows_against_the_ledger(home: LandingHome, damage: str) -> None:
    deliver_everything(home)
    home.usage("more.jsonl", [record("a1"), record("a2"), {"no": "record"}])
    home.land()
    home.change(damage)
    assert home.differences() != []


def test_a_database_of_a_newer_version_is_left_alone(home: LandingHome) -> None:
    home.usage("a.jsonl", [record("a")])
    home.land()
    home.change("update raw.schema_version set version = 99")
    home.usage("b.jsonl", [record("b")])
    with pytest.raises(WarehouseError, match=r"newer version.*schema 99"):
        home.land()
    assert home.rows("select count(*) from raw.usage_records") == [(1,)]


def test_a_file_that_is_no_database_is_named_with_what_to_do(home: LandingHome) -> None:
    home.settings.build_database.write_bytes(b"no database" * 1000)
    with pytest.raises(WarehouseError, match=r"build\.duckdb is damaged.*credits rebuild"):
        home.land()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a disk of its own may not be mounted here")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_full_disk_is_one_clear_line_and_loses_nothing(small_disk: Path, tmp_path: Path) -> None:
    home = LandingHome.at(small_disk / "home")
    home.usage("first.jsonl", [record("first")])
    home.land()
    landing = tmp_path / "landing"
    home.settings.landing.rename(small_disk / "aside")
    home.settings.landing.symlink_to(landing)
    query = "select md5(i::varchar) || md5((-i)::varchar) as resourceId, i as credits, '2025-03-01' as createdAt"
    landed = landing / "usage_records"
    landed.mkdir(parents=True)
    duckdb.connect().execute(f"copy ({query} from range(700000) t(i)) to '{landed}/large.parquet'")
    with pytest.raises(WarehouseError, match=r"(?s)^(?!.*\n).*nothing of this load is kept"):
        home.land()
    assert home.rows("select resource_id from raw.usage_records") == [("first",)]
    (landed / "large.parquet").unlink()
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    home.usage("small.jsonl", [record("small")])
    assert home.land().accepted == 1
    assert set(home.credits()) == {"first", "small"}
