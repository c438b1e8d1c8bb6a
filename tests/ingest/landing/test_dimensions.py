"""Cost dimensions: the same entries are kept however they are delivered, others are dropped and counted."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.landing.warehouse import open_build_database
from tests.ingest.landing.both_paths import assert_json_reads_alike
from tests.ingest.landing.landing_home import LandingHome

MARKER = "Mrs Marker, 71"
KEPT = {"agent": "a-1", "workflow": "ward 7/b"}
TEXT = '{"agent":"a-1","workflow":"ward 7/b"}'


def record(number: int, dimensions: object) -> dict[str, object]:
    return {"recordId": f"r{number}", "creditsConsumed": "1", "createdAt": "2026-03-01", "dimensions": dimensions}


def kept(home: LandingHome) -> list[str | None]:
    with open_build_database(home.settings) as connection:
        rows = connection.execute("select dimensions from raw.usage_records order by record_id").fetchall()
    return [row[0] for row in rows]


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_build_database(LandingHome.at(tmp_path_factory.mktemp("home") / "home").settings) as connection:
        yield connection


def test_entries_in_any_order_and_spelling_are_kept_in_one_form(home: LandingHome) -> None:
    told = [KEPT, {"workflow": " ward 7/b ", "Agent": "a-1"}, TEXT, {**KEPT, "label": None, "template": " "}]
    home.deliver("usage_records/a.jsonl", "".join(json.dumps(record(n, one)) + "\n" for n, one in enumerate(told)))
    assert home.land().notices == ()
    assert kept(home) == [TEXT] * 4


@pytest.mark.parametrize(
    "dimensions",
    [
        {"agent": "a-1", "workflow": "ward 7/b", "patient": MARKER},
        {"agent": "a-1", "workflow": "ward 7/b", "label": MARKER},
        {"agent": "a-1", "workflow": "ward 7/b", "label": "x" * 65},
        {"agent": "a-1", "workflow": "ward 7/b", "label": {"a": MARKER}},
        {"agent": "a-1", "workflow": "ward 7/b", "label": ["x"]},
        {"agent": "a-1", "workflow": "ward 7/b", "label": 7},
        {"agent": "a-1", "workflow": "ward 7/b", "label": 0},
        '{"agent": "a-1", "workflow": "ward 7/b", "label": 1.50}',
    ],
)
def test_what_is_not_listed_or_no_name_is_dropped_and_counted(home: LandingHome, dimensions: object) -> None:
    home.deliver("usage_records/a.jsonl", json.dumps(record(1, dimensions)) + "\n" + json.dumps(record(2, KEPT)) + "\n")
    [notice] = home.land().notices
    assert (notice.notice, notice.rows) == ("dropped_dimensions", 1)
    assert kept(home) == [TEXT, TEXT]
    assert MARKER.encode() not in home.settings.build_database.read_bytes()


@pytest.mark.parametrize("dimensions", [MARKER, 7, ["agent"], True])
def test_what_is_no_object_is_dropped_and_counted(home: LandingHome, dimensions: object) -> None:
    home.deliver("usage_records/a.jsonl", json.dumps(record(1, dimensions)) + "\n")
    assert [notice.rows for notice in home.land().notices] == [1]
    assert kept(home) == [None]


def test_a_struct_a_map_and_a_text_of_a_table_are_kept_alike(home: LandingHome) -> None:
    folder = home.settings.landing / "usage_records"
    folder.mkdir(parents=True, exist_ok=True)
    types: dict[str, pa.DataType] = {
        "numbers": pa.struct([("agent", pa.string()), ("workflow", pa.string()), ("label", pa.float64())]),
        "struct": pa.struct([("agent", pa.string()), ("workflow", pa.string()), ("label", pa.string())]),
        "map": pa.map_(pa.string(), pa.string()),
        "text": pa.string(),
    }
    for number, (name, kind) in enumerate(types.items()):
        value: object = TEXT if name == "text" else [*KEPT.items()] if name == "map" else KEPT
        value = {**KEPT, "label": float("nan")} if name == "numbers" else value
        columns = {
            "recordId": pa.array([f"r{number}"]),
            "creditsConsumed": pa.array(["1"]),
            "createdAt": pa.array(["2026-03-01"]),
            "dimensions": pa.array([value], kind),
        }
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")
    quoted = TEXT.replace('"', '""')
    home.deliver("usage_records/a.csv", f'recordId,creditsConsumed,createdAt,dimensions\nr9,1,2026-03-01,"{quoted}"\n')
    assert [(notice.path, notice.rows) for notice in home.land().notices] == [("usage_records/numbers.parquet", 1)]
    assert kept(home) == [TEXT] * 5


def test_the_setting_decides_which_keys_are_kept(home: LandingHome) -> None:
    other = replace(home, settings=replace(home.settings, dimensions=("ward",)))
    other.deliver("usage_records/a.jsonl", json.dumps(record(1, {"agent": "a-1", "ward": "7"})) + "\n")
    other.land()
    assert kept(other) == ['{"ward":"7"}']


@pytest.mark.parametrize("seed", range(3))
def test_random_dimensions_read_alike_on_both_paths(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    keys = ["agent", "label", "workflow", "Agent", "document-type", "other"]
    values: list[object] = [
        "a",
        "a b",
        " a",
        "a ",
        "é-1",
        "x" * 64,
        "x" * 65,
        "",
        None,
        1,
        1.50,
        True,
        {},
        "a,b",
        'a"b',
    ]

    def line(number: int) -> bytes:
        chosen = {rng.choice(keys): rng.choice(values) for _ in range(rng.randrange(4))}
        told: object = rng.choice([chosen, dict(sorted(chosen.items())), json.dumps(chosen), "x", None])
        text = json.dumps(record(number, told), ensure_ascii=rng.random() < 0.5)
        if rng.random() < 0.1:
            text = text[:-1] + ', "dimensions": {"agent": "second"}}'
        return text.encode()

    assert_json_reads_alike(connection, tmp_path, "usage_records", [line(number) for number in range(200)])
