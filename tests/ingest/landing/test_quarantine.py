"""The quarantine says what was refused, why and where, and contains nothing that must not be kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.errors import HomeError
from tests.ingest.landing.landing_home import DAY, LandingHome, record

MARK = "Patient Doe"
RESPONSE = {
    "transcripts": [{"text": MARK, "participant": {"name": MARK}}],
    "sections": [{"key": MARK, "text": MARK}],
    "metadata": {"token": MARK},
    "text": MARK,
    "usageInfo": {"note": MARK},
    MARK: MARK,
}


def assert_nowhere(home: LandingHome, mark: str) -> None:
    files = [path for folder in (home.settings.warehouse, home.settings.quarantine) for path in folder.rglob("*")]
    found = [path.name for path in files if path.is_file() and mark.encode() in path.read_bytes()]
    assert found == []
    tables = [name for (name,) in home.rows("select table_name from duckdb_tables() where schema_name = 'raw'")]
    held = [name for name in tables if mark in str(home.rows(f"from raw.{name}"))]
    assert held == []


def test_a_refused_line_is_told_with_its_sound_fields_alone(home: LandingHome) -> None:
    home.usage(
        "deep/a.jsonl", [record("good"), record("bad", -1, kind="Facts", userId="u", inputTokens=5), record("ok")]
    )
    home.land()
    fields = {"resource_id": "bad", "created_at": f"{DAY} 00:00:00.000000", "kind": "Facts", "user_id": "u"}
    assert home.quarantined() == [
        {
            "load": 1,
            "dataset": "usage_records",
            "file": "usage_records/deep/a.jsonl",
            "line": 2,
            "reason": "credits_negative",
            "fields": {**fields, "input_tokens": "5"},
        }
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"creditsConsumed": MARK},
        {"creditsConsumed": -1, "status": MARK},
        {"creditsConsumed": -1, "source": MARK},
        {"creditsConsumed": -1, "type": MARK},
        {"creditsConsumed": -1, "kind": MARK},
        {"creditsConsumed": -1, "createdAt": MARK},
        {"creditsConsumed": -1, "capturedAt": MARK},
        {"creditsConsumed": -1, "inputTokens": MARK},
        {"recordId": MARK * 20},
        {"interactionId": MARK * 20},
        {"resourceId": MARK * 20},
        {"operationId": MARK * 20},
        {"userId": {"name": MARK}, "creditsConsumed": -1},
        {"model": [MARK], "creditsConsumed": -1},
    ],
)
def test_free_text_of_a_refused_line_is_kept_nowhere(home: LandingHome, fields: dict[str, object]) -> None:
    home.usage("a.jsonl", [{**RESPONSE, **record("bad"), **fields}])
    assert home.land().rejected == 1
    assert_nowhere(home, MARK)


@pytest.mark.parametrize("form", ["jsonl", "blank lines", "csv", "short row"])
def test_free_text_beside_a_record_is_kept_nowhere(home: LandingHome, form: str) -> None:
    accepted = {
        **RESPONSE,
        **record("r"),
        "status": MARK,
        "source": MARK,
        "type": MARK,
        "kind": MARK,
        "inputTokens": MARK,
    }
    if form in ("jsonl", "blank lines"):
        lines = [json.dumps({**accepted, "createdAt": DAY}), f"{MARK} {{", f'{{"a": "{MARK}"']
        home.usage("a.jsonl", ("\n\n" if form == "blank lines" else "\n").join(lines))
    else:
        rows = f"r,1,{DAY},{MARK},{MARK},{MARK}\nr,{MARK},{DAY},{MARK},{MARK},{MARK}\n"
        rows += f"{MARK},{MARK}\n{MARK}\n" if form == "short row" else ""
        home.usage("a.csv", f"resourceId,credits,createdAt,kind,status,{MARK}\n{rows}")
    assert home.land().accepted == 1
    assert home.quarantined()
    assert_nowhere(home, MARK)


def test_a_quarantine_file_that_was_deleted_is_written_again(home: LandingHome) -> None:
    home.usage("a.jsonl", [record("bad", -1)])
    home.land()
    (path,) = home.settings.quarantine.iterdir()
    before = path.read_bytes()
    path.unlink()
    home.land()
    assert path.read_bytes() == before


def test_each_load_has_a_file_of_its_own_where_it_refused_lines(home: LandingHome) -> None:
    for number, credits in enumerate((-1, 1, -2)):
        home.usage(f"{number}.jsonl", [record(str(number), credits)])
        home.land()
    assert [(line["load"], line["file"]) for line in home.quarantined()] == [
        (1, "usage_records/0.jsonl"),
        (3, "usage_records/2.jsonl"),
    ]


def test_a_database_made_anew_leaves_no_quarantine_of_the_old_one(home: LandingHome) -> None:
    paths = [home.usage(f"{number}.jsonl", [record(str(number), -1)]) for number in range(2)]
    home.land()
    home.usage("2.jsonl", [record("2", -1)])
    home.land()
    for path in [*paths, home.settings.build_database]:
        path.unlink()
    home.land()
    assert [(line["load"], line["file"]) for line in home.quarantined()] == [(1, "usage_records/2.jsonl")]


def test_a_quarantine_that_can_not_be_written_is_named_and_the_load_is_kept(home: LandingHome) -> None:
    blocked = Path(home.settings.quarantine / "load-000001.partial")
    blocked.mkdir()
    home.usage("a.jsonl", [record("bad", -1), record("good")])
    with pytest.raises(HomeError, match=r"load-000001\.jsonl cannot be written"):
        home.land()
    blocked.rmdir()
    assert home.land().load_id is None
    assert [line["reason"] for line in home.quarantined()] == ["credits_negative"]
