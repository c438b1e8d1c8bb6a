"""Files that land by tasks. A task may run in another process or on another machine.

A task gets whole files, never lines: places, refusals and the rules for a changed file are per file. It runs the same
code as a landing without tasks, in a DuckDB of its own, and answers with the rows of the raw tables. The coordinator
alone gives ids, decides which contents are new, and writes: nothing of a task is kept before the ledger has the load.
A task opens the files at the paths that the coordinator has.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

import duckdb

from ingest.contract.landing_files import LandingFile
from ingest.errors import MappingError
from ingest.landing.file_bytes import FileFacts, InspectedFile, inspect
from ingest.landing.inputs import LINE_INPUTS, line_inputs
from ingest.landing.ledger import LedgerEntry
from ingest.landing.loading import Loader, Progress
from ingest.landing.raw_tables import RAW_TABLES
from ingest.landing.raw_writing import RawWriter
from ingest.landing.reading import FileStoppedError, ReaderStoppedError, naming
from ingest.settings import Bounds

Inspected = FileFacts | OSError | FileStoppedError
"""What one pass over a file's bytes says, or the error that ended it."""
_Answer = TypeVar("_Answer")
_MOST_BYTES = 256 * 1024 * 1024
"""The most bytes of files in a task, unless one file alone has more: its rows go through memory."""
_MOST_FILES = 2_000
_TABLES = ("rejected_lines", "rejected_counts")
_OWN_MEMORY = "1GB"


class Tasks(Protocol):
    """Runs functions elsewhere, at most `at_once` at a time. Function, argument and answer are pickled."""

    at_once: int

    def submit(self, function: Callable[[Any], _Answer], argument: Any, /) -> Future[_Answer]:
        """Run `function(argument)`; the future also gets what it raises."""
        ...


@dataclass(frozen=True)
class _Inspection:
    files: tuple[LandingFile, ...]
    bounds: Bounds


@dataclass(frozen=True)
class _Landing:
    dataset: str
    load_id: int
    files: tuple[InspectedFile, ...]
    now: datetime
    kept_refusals: int
    bounds: Bounds
    dimensions: tuple[str, ...]


@dataclass(frozen=True)
class _Landed:
    """What a task has read. `tables` has the rows of each raw table, as a stream of Arrow; `entries` has those of the
    files that landed, by file id.
    """

    tables: Mapping[str, bytes]
    entries: Mapping[int, LedgerEntry]
    noticed: Mapping[tuple[int, str, str], int]
    faults: Mapping[int, MappingError]
    unread: Mapping[int, FileStoppedError]


def facts_of(file: LandingFile, bounds: Bounds) -> Inspected:
    """What one pass over the bytes of a file says."""
    lines = LINE_INPUTS.get(file.dataset)
    try:
        with naming(file):
            return inspect(file, lines.fields if lines else (), bounds)
    except (OSError, FileStoppedError) as error:
        return error


def inspect_by_tasks(tasks: Tasks, files: Sequence[LandingFile], bounds: Bounds) -> dict[LandingFile, Inspected]:
    """What one pass over the bytes of each file says. A member of a bundle may have the path of another file."""
    found: dict[LandingFile, Inspected] = {}
    parts = [_Inspection(tuple(part), bounds) for part in _parts(tasks, files, lambda file: file.size)]
    for part, answers in zip(parts, _run(tasks, _inspect, parts), strict=True):
        found |= dict(zip(part.files, answers, strict=True))
    return found


def _inspect(asked: _Inspection) -> list[Inspected]:
    return [facts_of(file, asked.bounds) for file in asked.files]


def land_by_tasks(
    tasks: Tasks, loader: Loader, files: Sequence[InspectedFile], progress: Progress, dimensions: tuple[str, ...]
) -> list[LedgerEntry]:
    """As `Loader.land`, with tasks, which keep these keys of dimensions. A file that landed before is read here, since
    its earlier rows are.
    """
    here = [one for one in files if one.file_id in loader.writer.reread or not one.file.has_own_path]
    kept = {one.file_id for one in here}
    away = [one for one in files if one.file_id not in kept]
    asked = [
        _Landing(
            loader.dataset.name,
            loader.writer.load_id,
            tuple(part),
            loader.now,
            loader.writer.kept_refusals,
            loader.bounds,
            dimensions,
        )
        for part in _parts(tasks, away, lambda one: one.file.size)
    ]
    entries = dict(zip([one.file_id for one in here], loader.land(here, progress) if here else [], strict=True))
    for part, landed in zip(asked, _run(tasks, _land, asked), strict=True):
        _write(loader.connection, landed.tables)
        loader.writer.noticed.update(landed.noticed)
        loader.faults.update(landed.faults)
        loader.unread.update(landed.unread)
        entries |= landed.entries
        progress(sum(one.file.size for one in part.files))
    nothing = LedgerEntry(0, 0, 0, "0", 0)
    return [entries.get(one.file_id, nothing) for one in files]


def _land(asked: _Landing) -> _Landed:
    """Read the files. One that stops the reader is left out, or all are probed, as in a landing without tasks."""
    files, unread, probing = list(asked.files), dict[int, FileStoppedError](), False
    while True:
        try:
            landed = _attempt(replace(asked, files=tuple(files)), probing)
            return replace(landed, unread={**landed.unread, **unread})
        except FileStoppedError as error:
            unread |= {one.file_id: error for one in files if one.file == error.file}
            files = [one for one in files if one.file != error.file]
        except ReaderStoppedError:
            if probing:
                raise
            probing = True


def _attempt(asked: _Landing, probing: bool) -> _Landed:
    dataset = line_inputs(asked.dimensions)[asked.dataset]
    with duckdb.connect(config={"threads": 1, "memory_limit": _OWN_MEMORY}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(RAW_TABLES)
        connection.begin()
        writer = RawWriter(connection, dataset, asked.load_id, kept_refusals=asked.kept_refusals)
        loader = Loader(connection, dataset, writer, asked.now, probing, asked.bounds)
        entries = loader.land(asked.files, lambda _: None)
        tables = {table: _rows(connection, table) for table in (dataset.table.rpartition(".")[2], *_TABLES)}
        ids = [one.file_id for one in asked.files]
        return _Landed(tables, dict(zip(ids, entries, strict=True)), writer.noticed, loader.faults, loader.unread)


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> bytes:
    import pyarrow as pa

    rows: pa.Table = connection.table(f"raw.{table}").to_arrow_table()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(rows)
    return sink.getvalue().to_pybytes()


def _write(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, bytes]) -> None:
    import pyarrow as pa

    for table, content in tables.items():
        rows = pa.ipc.open_stream(content).read_all()
        # A name is not registered while an earlier statement has rows that nobody fetched.
        connection.execute("select 1").fetchall()
        connection.register("rows_of_task", rows)
        try:
            connection.execute(f"insert into raw.{table} by name select * from rows_of_task").fetchall()
        finally:
            connection.unregister("rows_of_task")


def _parts(tasks: Tasks, files: Sequence[Any], size_of: Callable[[Any], int]) -> list[list[Any]]:
    """The files in parts of about the same size, as many as can run at once or more."""
    most = min(_MOST_BYTES, -(-sum(map(size_of, files)) // max(tasks.at_once, 1)))
    parts: list[list[Any]] = []
    weight = 0
    for file in files:
        if not parts or weight + size_of(file) > most or len(parts[-1]) >= _MOST_FILES:
            parts.append([])
            weight = 0
        parts[-1].append(file)
        weight += size_of(file)
    return parts


def _run(tasks: Tasks, function: Callable[[Any], _Answer], arguments: Sequence[Any]) -> Iterator[_Answer]:
    """The answers in the order of the arguments. Few more are under way than run at once, to bound the memory."""
    waiting: list[Future[_Answer]] = []
    submit = functools.partial(tasks.submit, function)
    try:
        for argument in arguments:
            waiting.append(submit(argument))
            if len(waiting) > tasks.at_once:
                yield waiting.pop(0).result()
        while waiting:
            yield waiting.pop(0).result()
    finally:
        for future in waiting:
            future.cancel()
