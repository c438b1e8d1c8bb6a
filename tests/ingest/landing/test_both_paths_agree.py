"""The vectorised path and the exact path read every line alike, however it is written."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.landing.inputs import LINE_INPUTS
from ingest.landing.suspicion import unusual
from ingest.landing.warehouse import open_build_database
from tests.ingest.landing.both_paths import assert_csv_reads_alike, assert_json_reads_alike
from tests.ingest.landing.hostile_lines import hostile_lines, odd_texts
from tests.ingest.landing.landing_home import LandingHome

_LINES = 300
_CSV_PARTS = [
    b",",
    b",",
    b'"',
    b'""',
    b"\n",
    b"\r",
    b"\r\n",
    b" ",
    b"a",
    b"1",
    b"\0",
    b"\xff",
    b"\xc3\xa9",
    b"\\",
    b"#",
]
seeds = st.integers(0, 2**32)


def thorough(examples: int) -> settings:
    return settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lines")


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_build_database(LandingHome.at(tmp_path_factory.mktemp("home") / "home").settings) as connection:
        yield connection


@thorough(12)
@given(seed=seeds)
def test_a_usage_record_reads_alike_on_both_paths(
    connection: duckdb.DuckDBPyConnection, folder: Path, seed: int
) -> None:
    lines = hostile_lines(seed, LINE_INPUTS["usage_records"].fields, _LINES)
    assert_json_reads_alike(connection, folder, "usage_records", lines)


@pytest.mark.parametrize("column", ["record_id", "kind", "model", "user_id", "tenant_id"])
def test_a_text_in_a_file_of_quoted_texts_reads_alike_on_both_paths(
    connection: duckdb.DuckDBPyConnection, folder: Path, column: str
) -> None:
    fields = LINE_INPUTS["usage_records"].fields
    lines = odd_texts(next(field for field in fields if field.column == column))
    assert not unusual(b"\n".join(lines), fields).unquoted
    assert_json_reads_alike(connection, folder, "usage_records", lines)


@thorough(12)
@given(seed=seeds)
def test_a_row_of_an_interactions_export_reads_alike_on_both_paths(
    connection: duckdb.DuckDBPyConnection, folder: Path, seed: int
) -> None:
    lines = hostile_lines(seed, LINE_INPUTS["interactions"].fields, _LINES)
    assert_json_reads_alike(connection, folder, "interactions", lines)


@pytest.mark.parametrize("dataset", sorted(LINE_INPUTS.keys() - {"usage_records", "interactions"}))
@thorough(4)
@given(seed=seeds)
def test_a_row_of_another_machine_written_input_reads_alike_on_both_paths(
    connection: duckdb.DuckDBPyConnection, folder: Path, dataset: str, seed: int
) -> None:
    assert_json_reads_alike(connection, folder, dataset, hostile_lines(seed, LINE_INPUTS[dataset].fields, _LINES))


@pytest.mark.parametrize(
    "pairs",
    [
        '"customer\\u0049d": "escaped", "customerID": ""',
        '"inputTokens": -0, "outputTokens": 0',
        '"resourceId": -0',
        '"resourceId": 0.1000000000000000055511151231257827',
        '"resourceId": "{}", "recordId": {}',
        '"creditsConsumed": 123456789.123456789',
        '"creditsConsumed": 0.1000000000000000055511151231257827',
        '"usageInfo.creditsConsumed": 5, "creditsConsumed": null',
        '"kind": "a\\u00a0b"',
        '"n": [1, 2, nan ]',
        '"n": {"x":\t-Inf}',
        '"n": [1 , ]',
    ],
)
def test_what_the_vectorised_reader_shows_otherwise_reads_alike_on_both_paths(
    connection: duckdb.DuckDBPyConnection, folder: Path, pairs: str
) -> None:
    rest = '"credits": 3, "userId": "u", "interactionId": "i", "createdAt": "2025-03-01"'
    lines = [f"{{{rest}, {pairs}}}".encode(), f"{{{pairs}, {rest}}}".encode(), f"{{{rest}}}".encode()]
    assert_json_reads_alike(connection, folder, "usage_records", lines)


@thorough(80)
@given(seed=seeds)
def test_a_csv_row_reads_alike_on_both_paths(connection: duckdb.DuckDBPyConnection, folder: Path, seed: int) -> None:
    rng = random.Random(seed)
    end = rng.choice([b"\n", b"\n", b"\r\n"])
    rows = [_csv_row(rng) if rng.random() < 0.4 else b"2025-03-01,1,a,b" for _ in range(rng.randint(1, 4))]
    header = b"createdAt,credits,resourceId,userId" + end
    assert_csv_reads_alike(connection, folder, "usage_records", header, end.join(rows) + rng.choice([end, b""]))


def _csv_row(rng: random.Random) -> bytes:
    cells = [b"2025-03-01", b"1"]
    for _ in range(rng.choice([2, 2, 2, 2, 1, 3])):
        cell = b"".join(rng.choice(_CSV_PARTS) for _ in range(rng.randint(0, 3)))
        cells.append(rng.choice([cell, b'"' + cell + b'"']))
    return b",".join(cells)


@pytest.mark.parametrize(
    "rows",
    [
        '2025-03-01,1,{},"{""a"": 1}"\n',
        "2025-03-01,1,a,b,\n",
        '2025-03-01,1,a,b,"",\n',
        '2025-03-01,1,a, "b"\n',
        '2025-03-01,1,a,"b" \n',
        "2025-03-01,1,a,b\r2025-03-01,1,a,c\r",
        "2025-03-01,1,007,1.50\n2025-03-01,007,0,-0\n",
        "2025-03-01,1e-7,true,null\n2025-03-01, 0.1 ,NaN,inf\n",
    ],
)
def test_a_csv_dialect_reads_alike_on_both_paths(
    connection: duckdb.DuckDBPyConnection, folder: Path, rows: str
) -> None:
    header = b"createdAt,credits,resourceId,userId\n"
    assert_csv_reads_alike(connection, folder, "usage_records", header, rows.encode())
