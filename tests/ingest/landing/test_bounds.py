"""What is larger than its bound is refused by name, without being held or unpacked further."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard

from ingest.contract.landing_listing import ready_files
from ingest.landing.file_bytes import inspect
from ingest.landing.file_text import numbered_lines
from ingest.settings import Bounds
from tests.ingest.landing.landing_home import DAY, LandingHome, json_lines, record

SMALL = Bounds(line=1000, unpacked_free=20_000, unpacked_ratio=10, unpacked_most=400_000)
HEADER = "id,createdAt,credits,note\n"


@pytest.fixture
def bounded(tmp_path: Path) -> LandingHome:
    """A home with small bounds."""
    home = LandingHome.at(tmp_path / "home")
    return LandingHome(replace(home.settings, bounds=SMALL))


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.jsonl.gz", "a.csv.zst"])
@pytest.mark.parametrize("long", [1001, 5_000, 9_000_000])
def test_a_long_line_costs_itself_alone(home: LandingHome, name: str, long: int) -> None:
    settings = replace(home.settings, bounds=Bounds(line=SMALL.line))
    note = ["x", "x" * long, "x"]
    rows = [record(f"r{number}", note=text) for number, text in enumerate(note)]
    text = HEADER + "".join(f"r{number},{DAY},1,{text}\n" for number, text in enumerate(note))
    home.usage(name, text if "csv" in name else rows)
    LandingHome(settings).land()
    assert home.refused() == [(name, 3 if "csv" in name else 2, "line_too_long")]
    assert set(home.credits()) == {"r0", "r2"}


@pytest.mark.parametrize("end", ["", "\n"])
def test_the_longest_line_that_may_be_is_read(bounded: LandingHome, end: str) -> None:
    line = json_lines([record("r", note="")])[:-1]
    longest = line.replace('""', f'"{"x" * (1000 - len(line))}"')
    bounded.usage("a.jsonl", f"{longest}{end}")
    bounded.usage("b.jsonl", f"{longest} {end}")
    bounded.land()
    assert bounded.refused() == [("b.jsonl", 1, "line_too_long")]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.json.gz", "a.csv.zst"])
def test_what_unpacks_to_too_much_is_refused_whole(
    bounded: LandingHome, name: str, pack: Callable[[bytes], bytes]
) -> None:
    text = HEADER + f"r,{DAY},1,\n" * 3000 if "csv" in name else json_lines([record("r")] * 1000)
    bounded.usage(name, pack(text.encode()))
    bounded.usage("b.jsonl", [record("other")])
    summary = bounded.land()
    assert summary.accepted == 1
    assert {reason for _, _, reason in bounded.refused()} == {"unpacked_too_large"}
    (notice,) = summary.notices
    assert (notice.notice, notice.rows) == ("unpacked_too_large", summary.rejected)


def test_a_small_file_may_unpack_to_any_number_of_times_its_size(bounded: LandingHome) -> None:
    bounded.usage("a.jsonl.gz", gzip.compress(json_lines([record("r")] * 200).encode()))
    assert bounded.land().accepted == 200


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_one_endless_line_is_never_held(home: LandingHome, ending: str) -> None:
    """Its reading would take minutes if it cost more than in proportion to its length."""
    pieces = [b"0" * 1_000_000] * 300
    if ending == "gz":
        packer = gzip.GzipFile(home.usage("a.jsonl.gz", b""), "wb", 1)
        with packer:
            packer.writelines(pieces)
    else:
        with zstandard.open(home.usage("a.jsonl.zst", b""), "wb") as stream:
            for piece in pieces:
                stream.write(piece)
    (file,) = ready_files(home.settings.landing, "usage_records")
    facts = inspect(file, ())
    assert (facts.lines, facts.row_wise, facts.refusal) == (1, True, None)
    assert list(numbered_lines(file)) == [(1, "line_too_long")]
