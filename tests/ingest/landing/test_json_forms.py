"""JSON in the forms in which programs write it: arrays, UTF-16, other spellings, values that are texts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

import pytest

from ingest.landing import line_reading
from tests.ingest.landing.landing_home import DAY, LandingHome, json_lines, packed, record

ROWS = [record(f"r{number}", "1.5") for number in (1, 2, 3)]


def landed(home: LandingHome) -> list[tuple[str, int]]:
    """Resource and line of what has landed."""
    home.land()
    return home.rows("select resource_id, line_number from raw.usage_records order by all")


@pytest.mark.parametrize("name", ["a.json", "a.json.gz", "a.JSON.zst"])
@pytest.mark.parametrize("indent", [None, 2])
def test_an_array_in_a_json_file_holds_rows(home: LandingHome, name: str, indent: int | None) -> None:
    home.usage(name, packed(name.lower(), f" \n{json.dumps(ROWS, indent=indent)}\n"))
    assert landed(home) == [("r1", 1), ("r2", 2), ("r3", 3)]
    assert home.refused() == []


def test_a_json_file_may_hold_lines_as_well(home: LandingHome) -> None:
    home.usage("a.json", ROWS)
    home.usage("b.ndjson", [record("r4")])
    home.usage("c.json", "[]")
    assert landed(home) == [("r1", 1), ("r2", 2), ("r3", 3), ("r4", 1)]


def test_an_array_elsewhere_is_refused_by_its_name(home: LandingHome) -> None:
    home.usage("a.jsonl", json.dumps(ROWS))
    home.usage("b.ndjson", json.dumps(ROWS, indent=1))
    home.land()
    assert [(file, line, reason) for file, line, reason in home.refused() if line == 1] == [
        ("a.jsonl", 1, "json_array"),
        ("b.ndjson", 1, "json_array"),
    ]


GOOD = json.dumps(record("good"))


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        (f"[{GOOD}, 7, [1], null]", [(2, "not_an_object"), (3, "not_an_object"), (4, "not_an_object")]),
        (f"[{GOOD}, {{]", [(2, "broken_json")]),
        (f"[{GOOD},]", [(2, "broken_json")]),
        (f"[{GOOD}", [(2, "broken_json")]),
        (f"[{GOOD}, " + '{"a": "', [(2, "broken_json")]),
        (f"[{GOOD}] x", [(2, "broken_json")]),
        ("[", [(1, "broken_json")]),
        (f"[{GOOD}, " + "[" * 100_000, [(2, "broken_json")]),
    ],
)
def test_what_is_no_row_of_an_array_is_refused_by_its_place(
    home: LandingHome, text: str, refused: list[tuple[int, str]]
) -> None:
    home.usage("a.json", text)
    home.land()
    assert [(line, reason) for _, line, reason in home.refused()] == refused
    assert len(home.credits()) == (1 if GOOD in text else 0)


BROKEN = ['{"n": NaN}', '{"n": [{"m": -Infinity}]}', "{bad}", '{"a": "x" "y"}', "7x", "nul"]
BROKEN += [
    '{"a": 1,}',
    '{"a": "],}\\"" "\\\\"}',
    "[" * 2_000 + "]" * 2_000,
    "'a'",
    '{"a": [1, {"b": }, "}, {"]}',
    "NaN",
]


@pytest.mark.parametrize("part", [7, 256 * 1024])
@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_row_of_an_array_costs_no_other(
    home: LandingHome, monkeypatch: pytest.MonkeyPatch, broken: str, part: int
) -> None:
    monkeypatch.setattr(line_reading, "_PART", part)
    rows = [json.dumps(record(f"r{n}", note="], }")) for n in (1, 2, 3, 4)]
    home.usage("a.json", f"[{rows[0]} , {broken} , {rows[1]}, {rows[2]},{broken},\n{rows[3]}\n]")
    home.land()
    assert set(home.credits()) == {"r1", "r2", "r3", "r4"}
    refused = [line for _, line, _ in home.refused()]
    assert refused in ([2, 5], [2, 3, 6, 7])
    assert {reason for _, _, reason in home.refused()} <= {"broken_json", "not_an_object"}


def test_a_missing_comma_costs_no_row_before_or_after(home: LandingHome) -> None:
    first, second, third = (json.dumps(record(f"r{n}")) for n in (1, 2, 3))
    home.usage("a.json", f"[{first} {second}, {third}]")
    assert landed(home) == [("r1", 1), ("r3", 3)]
    assert home.refused() == [("a.json", 2, "broken_json")]


def test_an_array_is_read_piece_by_piece(home: LandingHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_reading, "_PART", 7)
    rows = [record(f"r{n}", "0.10", note='\u00e9\U0001f600\\"' * n) for n in range(200)]
    home.usage("a.json", json.dumps(rows, ensure_ascii=False).encode()[:-1] + b', {"a": "\xff"}]')
    assert len(landed(home)) == 200
    assert home.refused() == [("a.json", 201, "invalid_utf8")]


def test_a_row_of_an_array_that_is_too_long_is_refused_alone(home: LandingHome) -> None:
    home.usage("a.json", json.dumps([record("r1"), record("r2", note="x" * 17 * 1024 * 1024), record("r3")]))
    home.land()
    assert home.refused()[0] == ("a.json", 2, "line_too_long")
    assert "r1" in home.credits()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_utf16_with_a_mark_is_recognised(home: LandingHome, encoding: str, name: str) -> None:
    text = ("" if encoding == "utf-16" else "\ufeff") + json_lines(ROWS)
    home.usage(name, text.replace("\n", "\r\n").encode(encoding))
    assert landed(home) == [("r1", 1), ("r2", 2), ("r3", 3)]


def test_a_mark_at_the_beginning_of_any_line_is_passed_over(home: LandingHome) -> None:
    home.usage("a.jsonl", "".join("\ufeff" + json_lines([row]) for row in ROWS))
    home.usage("a.csv", f"\ufeffid,createdAt,credits\nr4,{DAY},1\n\ufeffr5,{DAY},1\n")
    assert [resource for resource, _ in landed(home)] == ["r1", "r2", "r3", "r4", "r5"]


SPELT = {
    "camel": {"interactionId": "i", "creditsConsumed": 1, "createdAt": DAY, "userId": "u"},
    "snake": {"interaction_id": "i", "credits_consumed": 1, "created_at": DAY, "user_id": "u"},
    "pascal": {"InteractionId": "i", "CreditsConsumed": 1, "CreatedAt": DAY, "UserId": "u"},
    "upper": {"INTERACTION_ID": "i", "USAGE_INFO": {"CREDITS_CONSUMED": 1}, "CREATED_AT": DAY, "ASSIGNED_USER_ID": "u"},
    "kebab": {"interaction-id": "i", "usage-info": {"credits-consumed": 1}, "created at": DAY, "User Id": "u"},
    "text": {"interactionId": "i", "usageInfo": '{"creditsConsumed": 1}', "createdAt": DAY, "userId": "u"},
    "odd text": {"interactionId": "i", "Usage_Info": '{"Credits_Consumed": "1"}', "createdAt": DAY, "userId": "u"},
    "exact first": {"USERID": "x", "userId": "u", "interactionId": "i", "credits": 1, "createdAt": DAY},
    "exact inside": {
        "usageInfo": {"CREDITSCONSUMED": 2, "creditsConsumed": 1},
        "interactionId": "i",
        "createdAt": DAY,
        "userId": "u",
    },
}


@pytest.mark.parametrize("names", [[name] for name in SPELT] + [[*SPELT], ["pascal", "upper"], ["camel", "pascal"]])
def test_names_match_in_any_spelling(home: LandingHome, names: list[str]) -> None:
    rows: list[Mapping[str, object]] = [{**SPELT[name], "recordId": name} for name in names]
    home.usage("a.jsonl", rows * 3)
    home.land()
    found = home.rows("select record_id, interaction_id, user_id, credits::integer from raw.usage_records")
    assert sorted(found) == sorted([(name, "i", "u", 1) for name in names] * 3)
    assert home.refused() == []


def test_words_compare_without_case_and_blanks(home: LandingHome) -> None:
    words = {"Completed": "completed", " PROCESSING ": "processing", "FINAL": "final", "Done": "other"}
    home.usage("a.jsonl", [record(word, status=word, source="READ", type="Usage") for word in words])
    home.land()
    found = home.rows("select resource_id, status, source, type from raw.usage_records")
    assert sorted(found) == sorted((word, status, "read", "usage") for word, status in words.items())


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_times_are_read_in_every_form_of_iso_8601(home: LandingHome, name: str) -> None:
    times = {
        **dict.fromkeys(
            ["2026-03-01 10:00:00.123+00", "2026-03-01T10:00:00.123Z"], datetime(2026, 3, 1, 10, 0, 0, 123000)
        ),
        **dict.fromkeys(["2026-03-01T12:00:00.123456999+0200"], datetime(2026, 3, 1, 10, 0, 0, 123456)),
        **dict.fromkeys(
            ["2026-03-01 10:00:00 UTC", "2026-03-01T10:00Z", "2026-03-01 05:30-04:30"], datetime(2026, 3, 1, 10)
        ),
        "2016-12-31T23:59:60Z": datetime(2016, 12, 31, 23, 59, 59, 999999),
        "2026-03-01": datetime(2026, 3, 1),
    }
    rows = [{"id": text, "createdAt": text, "credits": 1} for text in times]
    text = "id,createdAt,credits\n" + "".join(f"{text},{text},1\n" for text in times)
    home.usage(name, rows if name == "a.jsonl" else text)
    home.land()
    assert dict(home.rows("select resource_id, created_at from raw.usage_records")) == times


def test_ids_of_numbers_are_texts_of_whole_numbers(home: LandingHome) -> None:
    numbers = {"7": "7", "1.0": "1", "-0": "0", "1e3": "1000", "9007199254740992.0": "9007199254740992"}
    numbers["123456789012345678901234567890"] = "123456789012345678901234567890"
    lines = [f'{{"id": {number}, "createdAt": "{DAY}", "credits": 1}}\n' for number in numbers]
    home.usage("a.jsonl", "".join(lines))
    home.land()
    assert set(home.credits()) == set(numbers.values())
    assert home.refused() == []


def test_a_metered_record_tells_tokens_in_place_of_credits(home: LandingHome) -> None:
    home.usage("a.jsonl", [{"status": "Metered", "model": "m", "inputTokens": 3, "createdAt": DAY}])
    home.land()
    assert home.rows("select status, credits, model, input_tokens from raw.usage_records") == [
        ("metered", None, "m", 3)
    ]
