"""A broken file costs no other file, and of its own lines only those that can't be read."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
import zstandard

from tests.ingest.landing.landing_home import DAY, LandingHome, Row, json_lines, packed, record

HEADER = "resourceId,creditsConsumed,createdAt\n"
MANY = 4000


@pytest.fixture
def around(home: LandingHome) -> LandingHome:
    """A home with good files of every form before and after the broken one."""
    for name in ("a.jsonl", "z.jsonl", "a.jsonl.gz", "z.jsonl.zst"):
        home.usage(name, [record(f"good {name}")])
    for name in ("a.csv", "z.csv.gz"):
        home.usage(name, f"{HEADER}good {name},1,{DAY}\n")
    path = home.settings.landing / "usage_records" / "z.parquet"
    duckdb.connect().execute(
        f"copy (select 'good z.parquet' as resourceId, 1 as credits, '{DAY}' as createdAt) to '{path}'"
    )
    return home


def assert_only(home: LandingHome, name: str, accepted: int, *refused: tuple[int, str]) -> None:
    """Of the file these many records were kept and these lines refused; every other file has landed whole."""
    summary = home.land()
    assert home.refused() == [(name, line, reason) for line, reason in refused]
    assert home.rows(f"select accepted from raw.landed_files where parse_filename(path) = '{name}'") == [(accepted,)]
    assert len([resource for resource in home.credits() if resource and resource.startswith("good ")]) == 7
    assert (summary.accepted, summary.rejected) == (7 + accepted, len(refused))


def many(prefix: str = "r") -> list[Row]:
    return [record(f"{prefix}{number}", number) for number in range(MANY)]


@pytest.mark.parametrize("ending", [".gz", ".zst"])
@pytest.mark.parametrize("cut", [3, 400])
def test_compressed_lines_are_kept_up_to_where_the_file_breaks_off(around: LandingHome, ending: str, cut: int) -> None:
    whole = packed(f"m.jsonl{ending}", many())
    around.usage(f"m.jsonl{ending}", whole[:-cut])
    around.land()
    ((file, line, reason),) = around.refused()
    assert (file, reason) == (f"m.jsonl{ending}", "damaged_compression")
    kept = around.rows("select count(*), max(line_number) from raw.usage_records where resource_id like 'r%'")
    assert kept == [(line - 1, line - 1)]
    assert line > MANY / 4


def test_csv_rows_are_kept_up_to_where_the_compressed_file_breaks_off(around: LandingHome) -> None:
    rows = "".join(f"r{number},1,{DAY}\n" for number in range(MANY))
    around.usage("m.csv.gz", packed("m.csv.gz", HEADER + rows)[:-3])
    assert_only(around, "m.csv.gz", MANY, (MANY + 2, "damaged_compression"))


def test_a_checksum_that_does_not_fit_is_said(around: LandingHome) -> None:
    whole = bytearray(packed("m.jsonl.gz", many()))
    whole[-6] ^= 1
    around.usage("m.jsonl.gz", bytes(whole))
    assert_only(around, "m.jsonl.gz", MANY, (MANY + 1, "damaged_compression"))


def test_compressed_parts_after_each_other_are_one_file(around: LandingHome) -> None:
    parts = [json_lines([record(f"r{number}")]).encode() for number in range(3)]
    around.usage("m.jsonl.gz", b"".join(map(gzip.compress, parts)) + bytes(20))
    around.usage("n.csv.gz", gzip.compress(HEADER.encode()) + gzip.compress(f"n,1,{DAY}\n".encode()))
    around.usage("m.jsonl.zst", b"".join(map(zstandard.compress, [*parts, b"\n"])))
    assert around.land().accepted == 7 + 3 + 1 + 3
    assert around.refused() == []


@pytest.mark.parametrize("name", ["m.jsonl.gz", "m.jsonl.zst", "m.csv.gz", "m.csv.zst"])
def test_what_is_not_compressed_though_named_so_is_read_as_what_it_is(around: LandingHome, name: str) -> None:
    text = f"{HEADER}m,1,{DAY}\n" if "csv" in name else json_lines([record("m")])
    around.usage(name, text.encode())
    assert_only(around, name, 1)


@pytest.mark.parametrize("name", ["m.jsonl", "m.csv"])
@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_what_is_compressed_though_not_named_so_is_read_as_what_it_is(
    around: LandingHome, name: str, pack: Callable[[bytes], bytes]
) -> None:
    text = f"{HEADER}m,1,{DAY}\n" if "csv" in name else json_lines([record("m")])
    around.usage(name, pack(text.encode()))
    assert_only(around, name, 1)


@pytest.mark.parametrize("content", [b"PAR1 no parquet PAR1", b"text\n", b"PAR1", bytes(5000)])
def test_what_is_no_parquet_is_refused_whole(around: LandingHome, content: bytes) -> None:
    around.usage("m.parquet", content)
    assert_only(around, "m.parquet", 0, (1, "unreadable_file"))


def test_a_parquet_file_with_broken_pages_is_refused_whole(around: LandingHome) -> None:
    path = around.usage("m.parquet", b"")
    duckdb.connect().execute(
        f"copy (select 'r' || i as resourceId, i as credits, '{DAY}' as createdAt from range(9000) t(i)) to '{path}'"
    )
    content = path.read_bytes()
    path.write_bytes(content[:40] + bytes(byte ^ 0x5A for byte in content[40:4000]) + content[4000:])
    assert_only(around, "m.parquet", 0, *((line, "unreadable_file") for line in range(1, 9_001)))


def test_a_line_longer_than_its_bound_costs_itself_alone(around: LandingHome) -> None:
    rows = [record("before"), record("long", transcript="x" * 20_000_000), record("after")]
    around.usage("m.jsonl", rows)
    assert_only(around, "m.jsonl", 2, (2, "line_too_long"))


def test_the_refused_line_of_a_large_file_is_the_one_that_is_broken(around: LandingHome) -> None:
    # Larger than what DuckDB reads in one piece: its threads finish the pieces in any order.
    rows = [json_lines([record(f"r{number}", note="x" * 16_000)]) for number in range(3500)]
    rows[2500] = rows[2500][:-2] + "\n"
    around.usage("m.jsonl", "".join(rows))
    assert_only(around, "m.jsonl", 3499, (2501, "broken_json"))
    numbers = around.rows("select count(*) from raw.usage_records where resource_id = 'r' || (line_number - 1)")
    assert numbers == [(3499,)]


def test_a_last_line_without_an_end_keeps_its_place(around: LandingHome) -> None:
    for number in range(40):
        around.usage(f"m{number:02}.jsonl", json_lines([record(f"x{number}"), record("bad", -1), record("y")])[:-1])
    around.land()
    assert around.refused() == [(f"m{number:02}.jsonl", 2, "credits_negative") for number in range(40)]


def test_a_carriage_return_alone_ends_no_json_line(around: LandingHome) -> None:
    good = json_lines([record("r1")]).strip()
    around.usage("m.jsonl", f"{good}\r{good}\n{good}\r\n{good}\r")
    assert_only(around, "m.jsonl", 2, (1, "several_objects"))


def test_csv_rows_with_fields_too_few_or_too_many_are_refused_alone(around: LandingHome) -> None:
    around.usage("m.csv", f"{HEADER}r1,1,{DAY}\nr2,1\nr3,1,{DAY},x\nr4,1,{DAY},\n\nr5,1,{DAY}\n")
    assert_only(around, "m.csv", 3, (3, "wrong_number_of_fields"), (4, "wrong_number_of_fields"))


def test_a_quote_that_is_not_closed_costs_its_own_line_only(around: LandingHome) -> None:
    rows = f'r1,1,{DAY}\n"r2,1,{DAY}\nr3,1,{DAY}\nr4,1,"{DAY}"\n"r5,1,{DAY}\nr6,1,{DAY}\n"r""7\n,",1,{DAY}\nr8,"1"x,{DAY}\n'
    around.usage("m.csv", HEADER + rows)
    assert_only(around, "m.csv", 5, (3, "broken_csv"), (6, "broken_csv"), (9, "broken_csv"))


def test_a_header_that_can_not_be_read_is_said(around: LandingHome) -> None:
    around.usage("m.csv", f'"resourceId,creditsConsumed,createdAt\nr1,1,{DAY}\n')
    assert_only(around, "m.csv", 0, (1, "broken_header"), (2, "broken_header"))


def test_nul_characters_cost_nothing(around: LandingHome) -> None:
    around.usage("m.csv", f"{HEADER}r\0,1,{DAY}\nr2,1\0,{DAY}\n")
    around.usage("m.jsonl", [record("r\0")])
    around.land()
    assert around.refused() == [("m.csv", 3, "credits_not_a_number")]
    assert around.rows("select count(*) from raw.usage_records where resource_id = 'r' || chr(0)") == [(2,)]


@pytest.mark.parametrize("name", ["m.jsonl", "m.jsonl.gz", "m.jsonl.zst", "m.csv", "m.csv.gz"])
def test_an_empty_file_holds_no_lines(around: LandingHome, name: str) -> None:
    around.usage(name, b"")
    assert_only(around, name, 0)


def test_a_file_that_can_not_be_opened_is_named_and_tried_again(around: LandingHome, tmp_path: Path) -> None:
    link = around.settings.landing / "usage_records" / "m.jsonl"
    link.symlink_to("/proc/self/mem")  # reading it fails, for every user
    assert [file.path for file in around.land().left_out] == ["usage_records/m.jsonl"]
    assert [file.path for file in around.land().left_out] == ["usage_records/m.jsonl"]
    link.unlink()
    around.usage("m.jsonl", [record("r1")])
    assert around.land().accepted == 1
