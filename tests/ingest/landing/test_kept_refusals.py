"""Of a file with very many refused lines some are kept one by one and the others are counted: the books still balance."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.commands.status import quarantine_lines
from tests.ingest.landing.landing_home import DAY, LandingHome, json_lines, record


@pytest.fixture
def strict(tmp_path: Path) -> LandingHome:
    """A home that keeps 10 refused lines of a file."""
    home = LandingHome.at(tmp_path / "home")
    return LandingHome(replace(home.settings, kept_refusals=10))


LINES = json_lines([record("a"), *[{"n": number} for number in range(25)], record("b")]) + "broken\n" * 3


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.csv"])
def test_the_first_are_kept_and_the_others_counted_by_reason(strict: LandingHome, name: str) -> None:
    bad = "".join(f"x,none,{DAY}\n" for _ in range(28))
    strict.usage(name, f"resourceId,credits,createdAt\na,1,{DAY}\n{bad}b,1,{DAY}\n" if name == "a.csv" else LINES)
    strict.usage("few.jsonl", [{"no": "record"}])
    summary = strict.land()
    assert (summary.lines, summary.accepted, summary.rejected) == (31, 2, 29)
    assert strict.rows("select path, lines, rejected from raw.landed_files order by 1") == [
        (f"usage_records/{name}", 30, 28),
        ("usage_records/few.jsonl", 1, 1),
    ]
    assert strict.rows("select count(*) from raw.rejected_lines") == [(11,)]
    assert strict.rows("select sum(lines) from raw.rejected_counts") == [(18,)]
    got = strict.quarantined()
    assert sum(line.get("lines", 1) for line in got) == 29
    assert [line["line"] for line in got if "lines" in line] == [None] * len(strict.rows("from raw.rejected_counts"))
    assert list(quarantine_lines(strict.settings, 0))[-2].startswith(f"usage_records/{name}: ")


def test_with_no_line_kept_the_quarantine_still_counts_them_by_reason(home: LandingHome) -> None:
    none_kept = LandingHome(replace(home.settings, kept_refusals=0))
    none_kept.usage("a.jsonl", LINES)
    none_kept.land()
    got = none_kept.quarantined()
    assert sum(line["lines"] for line in got) == 28
    assert {line["line"] for line in got} == {None}


def test_a_file_read_again_is_counted_once(strict: LandingHome) -> None:
    strict.usage("a.jsonl", LINES)
    strict.land()
    strict.usage("again.jsonl", LINES)
    assert strict.land().rejected == 28
    assert strict.rows("select sum(lines), count(distinct load_id) from raw.rejected_counts") == [(18, 1)]
