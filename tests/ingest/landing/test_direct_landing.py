"""JSON Lines are written while they are read if their numbering is certain, and counted first if it is not."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from ingest.landing.file_bytes import InspectedFile
from ingest.landing.inputs import LINE_INPUTS
from ingest.landing.names import field_names
from ingest.landing.reading import ParsedRows, Reader
from ingest.landing.suspicion import Unusual, unusual
from tests.ingest.landing.landing_home import LandingHome, record


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many files were shown to be counted, one entry a time."""
    shown: list[int] = []
    read_json = Reader.read_json

    def reads(reader: Reader, files: list[InspectedFile]) -> tuple[ParsedRows | None, list[InspectedFile]]:
        shown.append(len(files))
        return read_json(reader, files)

    monkeypatch.setattr(Reader, "read_json", reads)
    return shown


def lines(name: str, *places: str) -> str:
    """A file of records; each is named by its file and line."""
    good = (json.dumps(record(f"{name}{n}")) if place == "good" else place for n, place in enumerate(places, start=1))
    return "\n".join(good) + "\n"


def numbers(home: LandingHome) -> dict[str, int]:
    return dict(home.rows("select resource_id, line_number from raw.usage_records"))


def test_files_that_end_in_a_sound_line_are_not_counted_first(home: LandingHome, counted: list[int]) -> None:
    home.usage("a.jsonl", lines("a", "good", "{", "good"))
    home.usage("b.jsonl", lines("b", "good", "null", '{"no": "record"}', "good"))
    assert home.land().accepted == 4
    assert counted == []
    assert numbers(home) == {"a1": 1, "a3": 3, "b1": 1, "b4": 4}
    assert [inspected[:2] for inspected in home.refused()] == [("a.jsonl", 2), ("b.jsonl", 2), ("b.jsonl", 3)]


@pytest.mark.parametrize("odd", ["", " ", "\t\r"])
def test_a_line_that_gives_no_row_shifts_no_number(home: LandingHome, counted: list[int], odd: str) -> None:
    home.usage("a.jsonl", lines("a", "good", odd, "good"))
    home.usage("b.jsonl", lines("b", "{", "good"))
    home.usage("c.jsonl", lines("c", "good", "[]", "good"))
    home.land()
    assert counted
    assert numbers(home) == {"a1": 1, "a3": 3, "b2": 2, "c1": 1, "c3": 3}
    assert {("b.jsonl", 1), ("c.jsonl", 2)} <= {inspected[:2] for inspected in home.refused()}


def test_a_last_line_that_is_refused_proves_nothing(home: LandingHome, counted: list[int]) -> None:
    home.usage("a.jsonl", lines("a", "", "good", "{"))
    home.usage("b.jsonl", lines("b", "good", "good", '{"torn": '))
    home.land()
    assert counted
    assert numbers(home) == {"a2": 2, "b1": 1, "b2": 2}
    assert [inspected[:2] for inspected in home.refused()] == [("a.jsonl", 3), ("b.jsonl", 3)]


def _spellings(name: str) -> list[str]:
    snake = re.sub("(?<=[a-z])(?=[A-Z])", "_", name).lower()
    kebab = snake.replace("_", "-")
    return [
        name.upper(),
        name[0].upper() + name[1:],
        snake.upper(),
        kebab,
        f" {name}",
        f"{name}_",
        f"{name[0]} {name[1:]}",
    ]


@pytest.mark.parametrize("block", [1, 20_000])
@pytest.mark.parametrize("dataset", LINE_INPUTS)
def test_every_other_spelling_of_a_field_is_seen(dataset: str, block: int) -> None:
    fields = LINE_INPUTS[dataset].fields
    parts = sorted(field_names(fields).usual)
    for usual in parts if block == 1 else parts[:2]:
        filler = f'{{"{usual}": 1, "kind": "guided_document", "x{usual}": 1, "{usual}y": "{usual.upper()}"}}\n' * block
        assert replace(unusual(filler.encode(), fields), unquoted=False) == Unusual(), usual
        for spelling in {*_spellings(usual)} - {usual}:
            found = unusual(f'{filler}{{"{spelling}"\t: 1}}\n'.encode(), fields)
            assert found.spellings == {spelling}
            assert unusual(f'{filler}{{"{spelling}": 1}}\n'.encode(), fields, found.spellings).spellings <= {spelling}


def test_names_that_differ_in_case_alone_are_looked_for_and_all_others_are_usual() -> None:
    names = {name: field_names(entry.fields) for name, entry in LINE_INPUTS.items()}
    assert names["usage_records"].parts - names["usage_records"].usual == {"customerID", "customerId"}
    assert all(found.usual == found.parts for name, found in names.items() if name != "usage_records")


def test_a_name_that_is_written_with_escapes_is_suspect() -> None:
    lines = b'{"a": 1}\n{"user\\u0049d": 1}\n{"b": "line\\nend", "c": "\\"d\\": 1"}\n'
    assert unusual(lines, LINE_INPUTS["usage_records"].fields).suspect_lines == (1,)


@pytest.mark.parametrize("lines", [1, 20_000])
def test_a_text_field_with_another_kind_of_value_is_seen(lines: int) -> None:
    fields = LINE_INPUTS["usage_records"].fields
    quoted = b'{"userId": "7", "id" :\t"true", "model": null, "inputTokens": 3, "credits": 1, "x": 5}\n' * lines
    assert not unusual(quoted, fields).unquoted
    for value in (b"7", b"-1", b"true", b"false", b"{}", b"[1]", b"\t 7"):
        assert unusual(quoted + b'{"userId" : %b}\n' % value, fields).unquoted, value
    assert unusual(quoted, fields, unquoted=True).unquoted


def test_an_object_that_is_written_as_a_text_is_suspect() -> None:
    lines = b'{"usageInfo": {}}\n{"usageInfo": "{}"}\n{"usage_info" : ""}\n{"info": "x"}\n{"USAGE INFO":\t"x"}\n'
    assert unusual(lines, LINE_INPUTS["usage_records"].fields).suspect_lines == (1, 2, 4)
