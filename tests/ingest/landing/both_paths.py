"""Lands the same lines by the vectorised path and by the exact path, and holds the outcomes against each other."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from ingest.contract.landing_files import LandingFile
from ingest.landing.file_bytes import InspectedFile, inspect
from ingest.landing.inputs import LINE_INPUTS
from ingest.landing.loading import Loader
from ingest.landing.raw_writing import RawWriter

SOUND_LINES = {
    "usage_records": b'{"recordId": "the last one", "creditsConsumed": 1, "createdAt": "2025-03-01T00:00:00Z"}',
    "interactions": b'{"interactionId": "the last one", "userId": "a user"}',
    "corti_interactions": b'{"interactionId": "the last one", "pulledAt": "2025-03-01T00:00:00Z"}',
    "corti_resources": b'{"kind": "document", "resourceId": "the last one", "pulledAt": "2025-03-01T00:00:00Z"}',
    "corti_pulls": b'{"day": "2025-03-01", "outcome": "complete", "endedAt": "2025-03-01T00:00:00Z"}',
    "heartbeats": b'{"source": "the last one", "at": "2025-03-01T00:00:00Z"}',
    "provider_consumption": b'{"from": "2025-03-01", "to": "2025-03-02", "credits": "1"}',
}
Outcome = tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], int]


def landed(connection: duckdb.DuckDBPyConnection, dataset: str, *paths: Path) -> list[Outcome]:
    """What landing makes of each file: its records and its refused lines by line number, and how many were rounded."""
    stats = [(path, path.stat()) for path in paths]
    files = [LandingFile(dataset, path.name, path, stat.st_size, stat.st_mtime_ns) for path, stat in stats]
    entry = LINE_INPUTS[dataset]
    news = [InspectedFile(number, file, inspect(file, entry.fields)) for number, file in enumerate(files, start=1)]
    connection.begin()
    try:
        writer = RawWriter(connection, entry, 1)
        entries = Loader(connection, entry, writer, datetime.now(UTC), False).land(news, lambda _: None)
        outcomes: list[Outcome] = []
        for inspected, outcome in zip(news, entries, strict=True):
            columns = ", ".join(f'"{field.column}"' for field in entry.fields)
            accepted = connection.execute(
                f"select line_number, {columns} from raw.{dataset} where file_id = ? order by 1", [inspected.file_id]
            ).fetchall()
            refused = connection.execute(
                "select line_number, reason, fields from raw.rejected_lines where file_id = ? order by 1",
                [inspected.file_id],
            ).fetchall()
            outcomes.append((accepted, refused, outcome.credits_rounded))
        return outcomes
    finally:
        connection.rollback()


def assert_json_reads_alike(
    connection: duckdb.DuckDBPyConnection, folder: Path, dataset: str, lines: list[bytes]
) -> None:
    """Lines that are not blank, without their line ends."""
    # A byte order mark is one at the very beginning of a file only, and each file begins otherwise.
    lines = [lines[0].removeprefix(b"\xef\xbb\xbf") or b"{}", *lines[1:]]
    direct, plain, row_wise = (folder / f"{name}.jsonl" for name in ("direct", "plain", "row_wise"))
    # A sound last line proves the numbering, so that the sound lines before it are written as they are read.
    direct.write_bytes(b"\n".join([*lines, SOUND_LINES[dataset]]) + b"\n")
    plain.write_bytes(b"\n".join(lines) + b"\n")
    # With a blank line between others the vectorised reader can't number the lines: each is validated by itself.
    row_wise.write_bytes(b"\n" + b"\n".join(lines) + b"\n")
    fast, exact = landed(connection, dataset, plain, row_wise)
    found, expected = _by_line(fast), _by_line(exact, offset=-1)
    assert found.keys() == expected.keys() == set(range(1, len(lines) + 1))
    differing = {lines[n - 1]: (found[n], expected[n]) for n in found if found[n] != expected[n]}
    assert differing == {}
    assert fast[2] == exact[2]
    [straight] = landed(connection, dataset, direct)
    at_once = _by_line(straight)
    del at_once[len(lines) + 1]
    assert (at_once, straight[2]) == (found, fast[2])


def assert_csv_reads_alike(
    connection: duckdb.DuckDBPyConnection, folder: Path, dataset: str, header: bytes, rows: bytes
) -> None:
    plain, row_wise = folder / "plain.csv", folder / "row_wise.csv"
    plain.write_bytes(header + rows)
    # A blank line sends the whole file the exact way; blank lines have no number.
    row_wise.write_bytes(header + b"\n" + rows)
    fast, exact = landed(connection, dataset, plain, row_wise)
    assert fast == exact, rows


def _by_line(outcome: Outcome, offset: int = 0) -> dict[int, tuple[Any, ...]]:
    rows = [*outcome[0], *outcome[1]]
    assert len({row[0] for row in rows}) == len(rows), "a line with two outcomes"
    return {row[0] + offset: row[1:] for row in rows}
