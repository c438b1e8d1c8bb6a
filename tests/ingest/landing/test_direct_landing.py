"""JSON Lines are written as they are read where their numbering is proven, and counted first where it is not."""

from __future__ import annotations

import json
import re

import pytest

from ingest.landing.datasets import DATASETS
from ingest.landing.reading import Reader
from ingest.landing.suspicion import Unusual, unusual
from tests.ingest.landing.landing_home import DAY, LandingHome, record


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many files were shown to be counted, one entry a time."""
    shown: list[int] = []
    show_json = Reader.show_json

    def shows(reader: Reader, files: list) -> list:
        shown.append(len(files))
        return show_json(reader, files)

    monkeypatch.setattr(Reader, "show_json", shows)
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
    assert [each[:2] for each in home.refused()] == [("a.jsonl", 2), ("b.jsonl", 2), ("b.jsonl", 3)]


@pytest.mark.parametrize("odd", ["", " ", "\t\r"])
def test_a_line_that_gives_no_row_shifts_no_number(home: LandingHome, counted: list[int], odd: str) -> None:
    home.usage("a.jsonl", lines("a", "good", odd, "good"))
    home.usage("b.jsonl", lines("b", "{", "good"))
    home.usage("c.jsonl", lines("c", "good", "[]", "good"))
    home.land()
    assert counted
    assert numbers(home) == {"a1": 1, "a3": 3, "b2": 2, "c1": 1, "c3": 3}
    assert {("b.jsonl", 1), ("c.jsonl", 2)} <= {each[:2] for each in home.refused()}


def test_a_last_line_that_is_refused_proves_nothing(home: LandingHome, counted: list[int]) -> None:
    home.usage("a.jsonl", lines("a", "", "good", "{"))
    home.usage("b.jsonl", lines("b", "good", "good", '{"torn": '))
    home.land()
    assert counted
    assert numbers(home) == {"a2": 2, "b1": 1, "b2": 2}
    assert [each[:2] for each in home.refused()] == [("a.jsonl", 3), ("b.jsonl", 3)]


def test_every_name_with_an_underscore_is_looked_for() -> None:
    names = {name for dataset in DATASETS.values() for field in dataset.fields for name in field.names}
    parts = {part for name in names for part in name.split(".")}
    for name in (part for part in parts if "_" in part):
        assert unusual(f'{{"{name}": 1}}\n'.encode()).snake_case, name
    for name in (part for part in parts if "_" not in part and not re.match("customerI", part)):
        assert unusual(f'{{"{name}": "guided_document"}}\n'.encode()) == Unusual(), name


def test_names_spelt_in_two_ways_land_side_by_side(home: LandingHome) -> None:
    camel = {"resourceId": "x", "credits": "1.5", "createdAt": DAY, "userId": "u", "customerId": "c"}
    snake = {"resource_id": "y", "usage_info": {"credits_consumed": "2.5"}, "created_at": DAY, "user_id": "v"}
    home.usage("camel.jsonl", [camel, camel | {"resourceId": "z"}])
    home.usage("snake.jsonl", [snake, snake | {"resource_id": "w", "customer_id": "d"}])
    home.usage("mixed.jsonl", [camel | {"resourceId": "p", "customerId": "e"}, snake | {"resource_id": "q"}])
    assert home.land().rejected == 0
    found = home.rows("select resource_id, credits, user_id, tenant_id from raw.usage_records order by 1")
    assert [(name, f"{credits.normalize()}", user, tenant) for name, credits, user, tenant in found] == [
        ("p", "1.5", "u", "e"),
        ("q", "2.5", "v", None),
        ("w", "2.5", "v", "d"),
        ("x", "1.5", "u", "c"),
        ("y", "2.5", "v", None),
        ("z", "1.5", "u", "c"),
    ]
