"""Which files land: those that are ready, at any depth, by their bytes and not by their names."""

from __future__ import annotations

import os
import shutil
from decimal import Decimal

import pytest

from ingest.contract.landing_listing import list_dataset, listing_fingerprint, ready_files
from ingest.landing import file_tasks
from ingest.landing.ledger import unseen_files
from ingest.landing.warehouse import open_build_database
from tests.ingest.landing.landing_home import DAY, LandingHome, json_lines, record


@pytest.mark.parametrize(
    "name",
    [
        *(".a.jsonl", "_a.jsonl", "a.jsonl.tmp", "a.jsonl.partial", ".hidden/a.jsonl", "deep/_draft/a.jsonl"),
        *("upload.tmp/a.jsonl", "upload.partial/b/a.jsonl", "a.txt", "a.jsonl.bak", "a.csv.xz", "jsonl"),
    ],
)
def test_what_is_not_ready_is_left_alone(home: LandingHome, name: str) -> None:
    home.usage(name, [record("a")])
    assert home.land().load_id is None
    assert ready_files(home.settings.landing, "usage_records") == []


@pytest.mark.parametrize(
    "name",
    [
        *("a/b/c/d.jsonl", "A.JSONL", "a b's (1).jsonl", "a.csv.jsonl", "tmp.jsonl", "caf\u00e9.jsonl", "a[1].jsonl"),
        *("a*?.jsonl", "{a,b}.jsonl", "a\\b.jsonl", "a\nb.jsonl", "resourceId=evil/a=b/a.jsonl"),
    ],
)
def test_a_ready_file_lands_whatever_its_name(home: LandingHome, name: str) -> None:
    home.usage(name, [record("a")])
    home.usage(f"tables/{name.rpartition('.')[0]}.csv", f"resourceId,credits,createdAt\nb,2,{DAY}\n")
    home.land()
    assert home.credits() == {"a": Decimal(1), "b": Decimal(2)}
    assert home.rows("select distinct tenant_id from raw.usage_records") == [(None,)]


def test_a_name_with_brackets_is_not_taken_for_a_pattern(home: LandingHome) -> None:
    for name in ("a[1]", "a1"):
        home.usage(f"{name}.csv", f"resourceId,credits,createdAt\n{name},1,{DAY}\n")
        home.usage(f"{name}.jsonl", [record(f"{name} json")])
    home.land()
    assert set(home.credits()) == {"a[1]", "a1", "a[1] json", "a1 json"}


def test_a_name_that_is_not_utf8_costs_no_other_file(home: LandingHome) -> None:
    folder = os.fsencode(home.settings.landing / "usage_records")
    with open(folder + b"/caf\xe9.jsonl", "wb") as file:  # noqa: PTH123 -- the name is no text
        file.write(json_lines([record("lost")]).encode())
    home.usage("good.jsonl", [record("good")])
    assert listing_fingerprint(home.settings.landing)
    assert [file.path for file in home.land().left_out] == ["usage_records/caf\\xe9.jsonl"]
    assert set(home.credits()) == {"good"}


def test_the_same_bytes_under_another_name_change_nothing(home: LandingHome) -> None:
    home.usage("a.jsonl", [record("a")])
    assert home.land().accepted == 1
    home.usage("b/again.jsonl", [record("a")])
    assert home.land().load_id is None
    assert home.rows("select count(*) from raw.usage_records") == [(1,)]
    home.usage("c.jsonl", [record("c")])
    home.usage("d.jsonl", [record("c")])
    assert home.land().files == 1


def test_nothing_new_is_nothing_to_do(home: LandingHome) -> None:
    path = home.usage("a.jsonl", [record("a")])
    home.land()
    os.utime(path, (1, 1))
    assert (home.land().load_id, home.land().load_id) == (None, None)


def test_a_file_that_grew_is_read_as_new_bytes(home: LandingHome) -> None:
    home.usage("a.jsonl", [record("a")])
    home.land()
    home.usage("a.jsonl", [record("a"), record("b")])
    assert home.land().accepted == 2
    home.usage("a.jsonl", [record("a")])
    assert home.land().load_id is None
    assert home.rows("select load_id, count(*) from raw.usage_records group by all order by all") == [(1, 1), (2, 2)]


@pytest.mark.parametrize("name", ["usage_records/a.jsonl", "mappings/users/u_2026-01-01.csv"])
def test_a_file_written_again_with_its_size_and_time_is_read_again(home: LandingHome, name: str) -> None:
    one, other = ("userId,tenantId\nu,a\n", "userId,tenantId\nu,b\n") if name.endswith("csv") else ("{}\n", "[]\n")
    path = home.deliver(name, one)
    listing = listing_fingerprint(home.settings.landing)
    assert home.land().files == 1
    before = path.stat()
    path.write_text(other)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert listing_fingerprint(home.settings.landing) != listing
    assert home.land().files == 1


def test_a_copied_folder_is_hashed_once_and_its_files_are_known(
    home: LandingHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10):
        home.usage(f"day={number % 2}/{number}.jsonl", [record(f"r{number}"), {"no": "record"}])
    home.land()
    folder = home.settings.landing / "usage_records"
    shutil.copytree(folder, folder.with_name("copy"))
    shutil.rmtree(folder)
    folder.with_name("copy").rename(folder)
    looked: list[str] = []
    inspect = file_tasks.inspect
    monkeypatch.setattr(file_tasks, "inspect", lambda file, *given: looked.append(file.path) or inspect(file, *given))
    assert (home.land().load_id, len(looked)) == (None, 10)
    assert (home.land().load_id, len(looked)) == (None, 10)
    assert home.rows("select count(*), count(distinct path) from raw.seen_files") == [(10, 10)]


def test_the_ledger_is_asked_on_a_connection_whose_last_statement_still_has_rows(home: LandingHome) -> None:
    home.usage("a.jsonl", [record("a")])
    with open_build_database(home.settings) as connection:
        connection.execute("select * from range(10000)").fetchone()
        [unseen] = unseen_files(connection, list_dataset(home.settings.landing, "usage_records"))
    assert unseen.path == "usage_records/a.jsonl"


def test_a_modification_time_in_a_far_century_is_kept_as_it_is(home: LandingHome) -> None:
    for name in ("near.jsonl", "far.jsonl"):
        home.usage(name, [record(name)])
    path = home.settings.landing / "usage_records" / "far.jsonl"
    os.utime(path, (0, 10_000_000_000))
    assert path.stat().st_mtime_ns > 2**63
    assert (home.land().files, home.land().load_id) == (2, None)
    [(at,)] = home.rows("select max(modified_ns) from raw.seen_files")
    assert at == path.stat().st_mtime_ns


def test_a_path_keeps_the_content_that_it_stands_for_when_the_same_bytes_are_written_again(home: LandingHome) -> None:
    path = home.usage("a.jsonl", [record("a")])
    home.land()
    os.utime(path, (1, 1))
    home.usage("again.jsonl", [record("a")])
    home.land()
    assert home.rows("select path, file_id from raw.seen_files order by 1") == [
        ("usage_records/a.jsonl", 1),
        ("usage_records/again.jsonl", 1),
    ]
