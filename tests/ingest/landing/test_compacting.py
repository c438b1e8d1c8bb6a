"""Files that are joined into a bundle stay the landing files that they were."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.contract.bundles import bundle_members
from ingest.contract.landing_listing import list_landing, listing_fingerprint
from ingest.landing import ledger
from tests.ingest.landing.compacting_home import (
    APRIL,
    BUNDLE,
    MARCH,
    bundle_of,
    compacted,
    files_below,
    landed_and_compacted,
    left_out,
    outcome,
    published,
    rebuilt,
)
from tests.ingest.landing.landing_home import LandingHome, record
from tests.ingest.landing.test_small_files import BLANK, ODD

NO_RECORDS = ("digits.jsonl", "empty.jsonl", "not utf8.jsonl", "only broken.jsonl", "open text.jsonl")
LATER = "2025-04-02T10:00:00Z"


def parquet(path: Path, *rows: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows]), path)


def deliver_all_forms(home: LandingHome) -> None:
    for number in range(30):
        home.usage(f"{number % 3}/{number}.jsonl", [record(f"{number}-{line}") for line in range(number % 4 + 1)])
    for name, content in {**ODD, **BLANK}.items():
        home.usage(name, content)
    home.usage("a\nb's é %20=(1)/a=b/*[1].JSONL", [record("odd name")])
    rows = [record("packed 1"), record("packed 2", "x"), record("packed 3", "0.1234567891")]
    home.usage("packed.jsonl.gz", rows)
    home.usage("packed.json.zst", rows[:1])
    home.usage("cut.jsonl.gz", (home.settings.landing / "usage_records/packed.jsonl.gz").read_bytes()[:-9])
    csv = "resourceId,creditsConsumed,createdAt\nc1,1.5,2025-03-01\nc2,-1,2025-03-02\n,,\nc3,1e2,2025-03-03\n"
    home.usage("a.csv", csv)
    home.usage("b.csv.gz", csv.replace("\nc", "\nd"))
    home.usage("odd.csv", csv.replace("c1", '"c\n1"'))
    os.utime(home.settings.landing / "usage_records/a.csv", ns=(1, -1_250_000_001))
    home.usage("same bytes.jsonl", [record("0-0")])
    home.usage("utf16.jsonl", json.dumps(record("sixteen")).encode("utf-16"))
    parquet(home.settings.landing / "usage_records/p.parquet", record("p1", 1.5), record("p2", -1.0))
    beats = [{"source": "host/a", "at": f"2025-03-01T10:0{minute}:00Z", "records": minute} for minute in range(5)]
    for number, beat in enumerate(beats):
        home.deliver(f"heartbeats/{number}.jsonl", [beat])


@pytest.mark.parametrize("has_memory_files", [True, False], ids=["joined", "row by row"])
def test_a_rebuild_from_bundles_gives_what_the_files_gave(
    home: LandingHome, monkeypatch: pytest.MonkeyPatch, has_memory_files: bool
) -> None:
    deliver_all_forms(home)
    home.land()
    before = outcome(home)
    files = len(files_below(home))
    done = landed_and_compacted(home)
    assert outcome(home) == before
    left = files_below(home)
    # Files without a record that counts have no month.
    assert left == [BUNDLE, *(f"usage_records/{name}" for name in NO_RECORDS)]
    assert (done.files, set(done.bundles)) == (files - len(left) + 1 + 5, {BUNDLE, "heartbeats/2025-03.bundle.tar"})
    if not has_memory_files:
        monkeypatch.delattr(os, "memfd_create")
    assert rebuilt(home) == before


def test_the_next_look_lands_nothing_and_reads_no_bundle(home: LandingHome, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver_all_forms(home)
    done = landed_and_compacted(home)
    assert done.fingerprint_after == listing_fingerprint(home.settings.landing)

    def refuse(*_: Any) -> None:
        raise AssertionError("a bundle was read")

    monkeypatch.setattr("ingest.landing.bundled_files.bundle_members", refuse)
    home.usage("new.jsonl", [record("new")])
    assert home.land().files == 1
    assert home.land().load_id is None


def test_a_bundle_unpacks_to_the_files_with_their_times(home: LandingHome, tmp_path: Path) -> None:
    paths = [home.usage(f"{name}.jsonl", [record(name)]) for name in ("a", "é" * 60, "b" * 120)]
    os.utime(paths[0], ns=(1, 1_600_000_000_123_456_789))
    paths[0].chmod(0o640)
    known = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in paths}
    assert landed_and_compacted(home).files == 3
    assert files_below(home) == [BUNDLE]
    assert bundle_of(home).stat().st_mode & 0o777 == 0o600
    unpacked = subprocess.run(
        ["tar", "-xf", bundle_of(home), "-C", tmp_path], capture_output=True, text=True, check=True
    )
    assert unpacked.stderr == ""
    found = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.glob("usage_records/*")}
    assert found == known
    assert (tmp_path / "usage_records/a.jsonl").stat().st_mode & 0o777 == 0o640


def test_tar_can_take_a_file_out_of_a_bundle(home: LandingHome) -> None:
    for name in ("a", "b", "c"):
        home.usage(f"{name}.jsonl", [record(name)])
    landed_and_compacted(home)
    subprocess.run(["tar", "--delete", "-f", bundle_of(home), "usage_records/b.jsonl"], check=True)
    assert (home.land().load_id, len(home.credits())) == (None, 3)
    rebuilt(home)
    assert {*home.credits()} == {"a", "c"}


def test_only_published_small_unchanged_files_of_closed_months_are_joined(home: LandingHome) -> None:
    kept = {
        "later.jsonl": [record("l", createdAt=LATER)],
        "both.jsonl": [record("b1"), record("b2", createdAt=LATER)],
        "large.jsonl": [record(f"large {n}", note="x" * 1000) for n in range(400)],
        "broken.jsonl": "nonsense",
    }
    for name, content in kept.items():
        home.usage(name, content)
    for name in ("a", "b", "touched", "linked"):
        home.usage(f"{name}.jsonl", [record(name)])
    home.land()
    assert compacted(home).files == 0, "nothing is published"
    published(home)
    os.utime(home.settings.landing / "usage_records/touched.jsonl", ns=(1, 1))
    linked = home.settings.landing / "usage_records/linked.jsonl"
    linked.rename(linked.parent / "_elsewhere.jsonl")
    linked.symlink_to("_elsewhere.jsonl")
    home.usage("unlanded.jsonl", [record("u")])
    assert compacted(home, APRIL).files == 1 - 1, "one file alone is no reason for a bundle"
    assert compacted(home).files == 2
    names = {*kept, "touched.jsonl", "linked.jsonl", "_elsewhere.jsonl", "unlanded.jsonl"}
    assert files_below(home) == sorted([BUNDLE, *(f"usage_records/{name}" for name in names)])


def test_a_file_with_records_of_two_closed_months_is_in_the_later_ones_bundle(home: LandingHome) -> None:
    home.usage("a.jsonl", [record("a1"), record("a2", createdAt=LATER)])
    home.usage("b.jsonl", [record("b", createdAt=None, capturedAt=LATER)])
    assert landed_and_compacted(home, MARCH, APRIL).months == {APRIL}
    assert files_below(home) == ["usage_records/2025-04.bundle.tar"]


def test_a_late_file_makes_the_bundle_grow(home: LandingHome) -> None:
    for name in ("a", "c"):
        home.usage(f"{name}.jsonl", [record(name)])
    landed_and_compacted(home)
    home.usage("b.jsonl", [record("late"), record("broken", "x")])
    assert home.land().lines == 2
    before = outcome(home)
    assert landed_and_compacted(home).files == 1
    assert files_below(home) == [BUNDLE]
    (bundle,) = list_landing(home.settings.landing).bundles
    assert [member.path[-7:] for member in bundle_members(bundle)] == ["a.jsonl", "c.jsonl", "b.jsonl"]
    assert home.land().load_id is None
    assert sorted(map(repr, rebuilt(home)[0])) == sorted(map(repr, before[0]))
    assert landed_and_compacted(home).files == 0


def test_a_release_with_other_reading_rules_reads_refused_lines_of_a_bundle_again(
    home: LandingHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.usage("a.jsonl", [record("a"), record("refused", "x")])
    home.usage("b.jsonl", [record("b")])
    landed_and_compacted(home)
    before = outcome(home)
    monkeypatch.setattr(ledger, "READING_RULES", ledger.READING_RULES + 1)
    assert home.land().files == 1
    assert outcome(home)[:-1] == before[:-1]
    assert home.land().load_id is None
    assert home.rows("select reading_rules from raw.seen_bundles") == [(ledger.READING_RULES,)]


def test_a_bundle_that_can_not_be_opened_is_named_and_tried_again(home: LandingHome) -> None:
    for name in ("a", "b"):
        home.usage(f"{name}.jsonl", [record(name)])
    landed_and_compacted(home)
    home.settings.build_database.unlink()
    bundle = bundle_of(home)
    bundle.rename(bundle.with_name("kept.partial"))
    bundle.symlink_to("gone.bundle.tar")
    assert left_out(home) == [(BUNDLE, "unreadable")]
    bundle.unlink()
    bundle.with_name("kept.partial").rename(bundle)
    assert home.land().files == 2


def test_a_file_that_is_open_for_writing_is_joined_when_it_is_closed(home: LandingHome) -> None:
    for name in ("a", "b", "c"):
        home.usage(f"{name}.jsonl", [record(name)])
    with (home.settings.landing / "usage_records" / "a.jsonl").open("ab") as open_file:
        landed_and_compacted(home)
        assert files_below(home) == [BUNDLE, "usage_records/a.jsonl"]
        open_file.write(json.dumps(record("later")).encode() + b"\n")
    assert home.land().accepted == 2  # the grown file is another content; the models see the same record again
    assert {"a", "b", "c", "later"} == set(home.credits())
