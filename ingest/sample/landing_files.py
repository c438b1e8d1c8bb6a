"""Writes the sample's files: visible only when complete, the same bytes every time, and counted."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from ingest.contract.landing_writer import PartialFile
from ingest.sql_text import literal

COMPRESSION_LEVEL = 2
"""The level of gzip: bulk files shrink to a third at a fraction of the default level's cost."""


@dataclass(frozen=True)
class SampleSummary:
    """What was written.

    `lines` counts all lines or rows of usage records (without headers): `records` good ones, including duplicates, and
    `broken` ones that every reader must refuse. `export_files` are neither usage nor mappings. `paths` has every file
    in the order of writing.
    """

    files: int
    usage_files: int
    mapping_files: int
    export_files: int
    lines: int
    records: int
    broken: int
    mapping_rows: int
    size_bytes: int
    paths: tuple[Path, ...]


class LandingFiles:
    """Writes below one `landing` folder and counts."""

    def __init__(self, landing: Path) -> None:
        """`landing` is created with the first file."""
        self._landing = landing
        self._connection = duckdb.connect(config={"threads": 1})
        self._usage_paths: list[Path] = []
        self._mapping_paths: list[Path] = []
        self._export_paths: list[Path] = []
        self._lines = 0
        self._broken = 0
        self._mapping_rows = 0

    def query_lines(self, frame: pd.DataFrame, sql: str) -> list[str]:
        """Column `line` of a query over one table, which it names `frame`; rows keep their order."""
        self._connection.register("frame", frame)
        try:
            return [str(line) for line in self._connection.execute(sql).fetchnumpy()["line"]]
        finally:
            self._connection.unregister("frame")

    def usage_lines(self, name: str, lines: Sequence[str]) -> None:
        """Write JSON Lines, compressed if the name says so; no file if there are no lines."""
        if lines:
            self.usage_text(name, ("\n".join(lines) + "\n").encode(), lines=len(lines))

    def usage_text(self, name: str, text: bytes, *, lines: int, broken: int = 0) -> None:
        """Write bytes with this number of lines of records unchanged, compressed if the name says so."""
        self._write(self._usage_path(name, lines, broken), text)

    def usage_table(self, name: str, table: pd.DataFrame, sql: str) -> None:
        """Write a query's rows as CSV, Parquet or JSON Lines, by the file's name; no file for no rows."""
        if len(table):
            self._write_table(self._usage_path(name, len(table), 0), table, sql)

    def mapping_table(self, name: str, table: pd.DataFrame, sql: str = "select * from frame") -> None:
        """Write one mapping export as CSV, JSON Lines or Parquet, by its name; no file for no rows."""
        if len(table):
            path = self._landing / "mappings" / name
            self._mapping_paths.append(path)
            self._mapping_rows += len(table)
            self._write_table(path, table, sql)

    def export_table(self, name: str, table: pd.DataFrame) -> None:
        """Write an export of another sort; its name is the whole path below landing."""
        path = self._landing / name
        self._export_paths.append(path)
        self._write_table(path, table, "select * from frame")

    def summary(self) -> SampleSummary:
        """Counts so far; closes the connection, so call it last."""
        self._connection.close()
        paths = (*self._usage_paths, *self._mapping_paths, *self._export_paths)
        return SampleSummary(
            files=len(paths),
            usage_files=len(self._usage_paths),
            mapping_files=len(self._mapping_paths),
            export_files=len(self._export_paths),
            lines=self._lines,
            records=self._lines - self._broken,
            broken=self._broken,
            mapping_rows=self._mapping_rows,
            size_bytes=sum(path.stat().st_size for path in paths),
            paths=paths,
        )

    def _usage_path(self, name: str, lines: int, broken: int) -> Path:
        path = self._landing / "usage_records" / name
        self._usage_paths.append(path)
        self._lines += lines
        self._broken += broken
        return path

    def _write_table(self, path: Path, table: pd.DataFrame, sql: str) -> None:
        self._landing.mkdir(parents=True, exist_ok=True)
        zipped = path.name.endswith(".gz")
        partial = PartialFile(path.parent, path.stem if zipped else path.name)
        self._connection.register("frame", table)
        try:
            self._connection.execute(f"copy ({sql}) to {literal(partial.path)} ({_copy_options(path.name)})")
            if zipped:
                self._write(path, partial.path.read_bytes())
            else:
                partial.appear()
        finally:
            self._connection.unregister("frame")
            partial.discard()

    def _write(self, path: Path, text: bytes) -> None:
        self._landing.mkdir(parents=True, exist_ok=True)
        partial = PartialFile(path.parent, path.name)
        with partial.open() as file:
            file.write(gzip.compress(text, COMPRESSION_LEVEL, mtime=0) if path.name.endswith(".gz") else text)
        partial.appear()


def text_table(rows: Sequence[tuple[str | None, ...]], names: tuple[str, ...]) -> pd.DataFrame:
    """A table of texts, for an export."""
    return pd.DataFrame(rows, columns=list(names), dtype=object)


def _copy_options(name: str) -> str:
    if name.endswith(".parquet"):
        return "format parquet, compression zstd"
    if ".jsonl" in name:
        return f"format json, compression {'zstd' if name.endswith('.zst') else 'none'}"
    return "format csv, header true, compression none"
