"""The vectorised path and the exact path read every line alike, however it is written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.landing.datasets import DATASETS
from ingest.landing.fields import INTERACTION_FIELDS, USAGE_RECORD_FIELDS
from ingest.landing.file_bytes import InspectedFile, inspect
from ingest.landing.files import LandingFile
from ingest.landing.loading import Loader
from ingest.landing.raw_writing import RawWriter
from ingest.landing.warehouse import open_build_database
from tests.ingest.landing.hostile_lines import hostile_lines
from tests.ingest.landing.landing_home import LandingHome

Outcome = tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], int]
_LINES = 300
thorough = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
seeds = st.integers(0, 2**32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lines")


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_build_database(LandingHome.at(tmp_path_factory.mktemp("home") / "home").settings) as connection:
        yield connection


def landed(connection: duckdb.DuckDBPyConnection, dataset: str, *paths: Path) -> list[Outcome]:
    """What landing makes of each file: its records and its refused lines by line number, and how many were rounded."""
    stats = [(path, path.stat()) for path in paths]
    files = [LandingFile(dataset, path.name, path, stat.st_size, stat.st_mtime_ns) for path, stat in stats]
    news = [InspectedFile(number, file, inspect(file)) for number, file in enumerate(files, start=1)]
    connection.begin()
    try:
        writer = RawWriter(connection, DATASETS[dataset], 1)
        entries = Loader(connection, DATASETS[dataset], writer, datetime.now(UTC), False).land(news, lambda _: None)
        outcomes = []
        for each, entry in zip(news, entries, strict=True):
            exported = "exclude (exported_at)" if dataset == "interactions" else ""
            accepted = connection.execute(
                f"select line_number, * exclude (load_id, file_id, line_number) from (select * {exported} "
                f"from raw.{dataset} where file_id = ?) order by 1",
                [each.file_id],
            ).fetchall()
            refused = connection.execute(
                "select line_number, reason, fields from raw.rejected_lines where file_id = ? order by 1",
                [each.file_id],
            ).fetchall()
            outcomes.append((accepted, refused, entry.credits_rounded))
        return outcomes
    finally:
        connection.rollback()


def by_line(outcome: Outcome, offset: int = 0) -> dict[int, tuple[Any, ...]]:
    rows = [*outcome[0], *outcome[1]]
    assert len({row[0] for row in rows}) == len(rows), "a line with two outcomes"
    return {row[0] + offset: row[1:] for row in rows}


def check(connection: duckdb.DuckDBPyConnection, folder: Path, dataset: str, lines: list[bytes]) -> None:
    plain, row_wise = folder / "plain.jsonl", folder / "row_wise.jsonl"
    plain.write_bytes(b"\n".join(lines) + b"\n")
    # A blank line between others hides from the vectorised reader which line is which: every line is judged by itself.
    row_wise.write_bytes(b"\n" + b"\n".join(lines) + b"\n")
    fast, exact = landed(connection, dataset, plain, row_wise)
    found, expected = by_line(fast), by_line(exact, offset=-1)
    assert found.keys() == expected.keys() == set(range(1, len(lines) + 1))
    differing = {lines[n - 1]: (found[n], expected[n]) for n in found if found[n] != expected[n]}
    assert differing == {}
    assert fast[2] == exact[2]


@thorough
@given(seed=seeds)
def test_a_usage_record_reads_alike_on_both_paths(
    connection: duckdb.DuckDBPyConnection, folder: Path, seed: int
) -> None:
    check(connection, folder, "usage_records", hostile_lines(seed, USAGE_RECORD_FIELDS, _LINES))


@thorough
@given(seed=seeds)
def test_a_row_of_an_interactions_export_reads_alike_on_both_paths(
    connection: duckdb.DuckDBPyConnection, folder: Path, seed: int
) -> None:
    check(connection, folder, "interactions", hostile_lines(seed, INTERACTION_FIELDS, _LINES))


@pytest.mark.parametrize(
    "pairs",
    [
        '"customer\\u0049d": "escaped", "customerID": ""',
        '"inputTokens": -0, "outputTokens": 0',
        '"resourceId": -0',
        '"resourceId": 0.1000000000000000055511151231257827',
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
    check(connection, folder, "usage_records", lines)
