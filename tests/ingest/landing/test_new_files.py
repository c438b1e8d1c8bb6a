"""Which files land: those that are ready, at any depth, by their bytes and not by their names."""

from __future__ import annotations

import os
from decimal import Decimal

import pytest

from ingest.contract.landing_files import listing_fingerprint, ready_files
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
