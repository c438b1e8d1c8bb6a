"""What was refused is tried again when the file is delivered again, and by a release with other reading rules."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ingest.landing import load
from tests.ingest.landing.landing_home import LandingHome, record

CONTENT = [record("a", 1), record("b", 2, createdAt="2025-03-02T10:00:00Z"), {"no": "record"}]


class _WrongClock(datetime):
    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        return datetime(2019, 1, 1, tzinfo=UTC)


def land_with_a_wrong_clock(home: LandingHome, monkeypatch: pytest.MonkeyPatch, name: str = "a.jsonl") -> None:
    home.usage(name, CONTENT)
    with monkeypatch.context() as patch:
        patch.setattr(load, "datetime", _WrongClock)
        assert home.land().rejected == 3
    assert home.credits() == {}


@pytest.mark.parametrize("again", ["a.jsonl", "deep/copy.jsonl"])
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_record_refused_for_a_wrong_clock_lands_when_its_file_is_delivered_again(
    home: LandingHome, monkeypatch: pytest.MonkeyPatch, again: str, ending: str
) -> None:
    land_with_a_wrong_clock(home, monkeypatch, f"a.jsonl{ending}")
    first = home.settings.landing / "usage_records" / f"a.jsonl{ending}"
    home.usage(again + ending, first.read_bytes())
    os.utime(home.settings.landing / "usage_records" / (again + ending), (1, 1))
    summary = home.land()
    assert (summary.load_id, summary.accepted, summary.rejected) == (2, 2, 1)
    assert home.credits() == {"a": Decimal(1), "b": Decimal(2)}
    assert home.refused() == [(f"a.jsonl{ending}", 3, "time_missing")] or len(home.refused()) == 1
    assert home.rows("select load_id, lines, accepted, rejected, credits_accepted from raw.landed_files") == [
        (2, 3, 2, 1, Decimal(3))
    ]
    assert home.land().load_id is None


def test_rows_that_landed_before_stay_as_they_are(home: LandingHome) -> None:
    home.usage("a.jsonl", CONTENT)
    home.land()
    home.usage("b.jsonl", CONTENT)
    assert home.land().load_id == 2
    assert home.rows("select load_id, file_id, line_number from raw.usage_records order by 3") == [(1, 1, 1), (1, 1, 2)]
    assert home.rows("select load_id, line_number from raw.rejected_lines") == [(2, 3)]


def test_a_release_with_other_rules_reads_again_only_what_was_refused(
    home: LandingHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    land_with_a_wrong_clock(home, monkeypatch)
    home.usage("sound.jsonl", [record("sound")])
    home.land()
    monkeypatch.setattr("ingest.landing.ledger.READING_RULES", 1_000)
    assert home.land().accepted == 2
    assert home.rows("select path, reading_rules from raw.landed_files order by 1") == [
        ("usage_records/a.jsonl", 1_000),
        ("usage_records/sound.jsonl", 2),
    ]
    assert home.land().load_id is None
