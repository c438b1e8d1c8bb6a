"""What was refused is tried again when the file is delivered again, and by a release with other reading rules."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.landing import load
from ingest.landing.ledger import READING_RULES
from tests.ingest.landing.landing_home import DAY, LandingHome, record

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
        ("usage_records/sound.jsonl", READING_RULES),
    ]
    assert home.land().load_id is None


def rows(names: str) -> str:
    return "\n".join(
        f'{"," if place else ""}{{"recordId":"{name}","resourceId":"{name}","creditsConsumed":1,"createdAt":"{DAY}"}}'
        for place, name in enumerate(names)
    )


CASES = [
    f"[\n{rows('AB')}\n]",
    f"[\n{rows('ABAC')}\n]",
    "[\n" + rows("A") + ',\n{"n":1},\n{"n":2}\n]',
    f"\n\n[\n{rows('A')}]",
]


@pytest.mark.parametrize("content", CASES)
def test_a_file_delivered_again_under_the_right_ending_holds_what_it_holds_when_it_is_the_first(
    home: LandingHome, tmp_path: Path, content: str
) -> None:
    path = home.usage("x.jsonl", content)
    home.land()
    before = home.credits()
    home.change("insert into raw.publications values ('v1', 1, now(), 'models')")
    path.rename(path.with_name("x.json"))
    home.land()
    other = LandingHome.at(tmp_path / "other")
    other.usage("x.json", content)
    other.land()
    found = "select line_number, record_id, credits from raw.usage_records order by all"
    assert home.rows(found) == other.rows(found)
    files = "select path, lines, accepted, rejected, credits_accepted from raw.landed_files"
    assert home.rows(files) == other.rows(files)
    assert home.refused() == other.refused()
    shown = [{**line, "load": 0} for line in home.quarantined()]
    assert shown == [{**line, "load": 0} for line in other.quarantined()]
    # Tables built from a row that now has another place are made again.
    assert home.rows("select count(*) from raw.usage_records where load_id = 1") == [(len(before),)]
    assert home.rows("select models from raw.publications") == [("" if before else "models",)]
    assert home.land().load_id is None


def test_rows_that_other_rules_read_otherwise_are_replaced_and_all_tables_are_made_anew(
    home: LandingHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.usage("a.jsonl", CONTENT)
    home.land()
    home.change("update raw.usage_records set user_id = 'earlier rules' where resource_id = 'a'")
    home.change("insert into raw.publications values ('v1', 1, now(), 'models')")
    monkeypatch.setattr("ingest.landing.ledger.READING_RULES", 1_000)
    home.land()
    assert home.rows("select resource_id, user_id, load_id from raw.usage_records order by 1") == [
        ("a", None, 2),
        ("b", None, 1),
    ]
    assert home.rows("select models from raw.publications") == [("",)]


def test_a_reading_with_a_wrong_clock_takes_nothing_back(home: LandingHome, monkeypatch: pytest.MonkeyPatch) -> None:
    home.usage("a.jsonl", CONTENT)
    home.land()
    home.usage("b.jsonl", CONTENT)
    with monkeypatch.context() as patch:
        patch.setattr(load, "datetime", _WrongClock)
        assert home.land().load_id is None
    assert home.credits() == {"a": Decimal(1), "b": Decimal(2)}
