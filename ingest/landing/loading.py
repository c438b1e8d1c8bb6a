"""One dataset's new files: each read the fast way where it can be vouched for, row by row where not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from ingest.errors import MappingError
from ingest.landing.csv_reading import csv_header
from ingest.landing.datasets import Dataset
from ingest.landing.direct_landing import land_directly
from ingest.landing.exact_rows import Row, csv_file_rows, json_rows, judge_rows, parsed_rows
from ingest.landing.file_bytes import InspectedFile
from ingest.landing.ledger import LedgerEntry
from ingest.landing.left_out import Notice
from ingest.landing.parquet_reading import UnreadableParquetError, open_parquet, paths_of
from ingest.landing.raw_writing import RawWriter
from ingest.landing.reading import Annotation, Reader

Progress = Callable[[int], None]
"""Is told how many bytes of input have been read since the last call."""

_BATCH_BYTES = 256 * 1024 * 1024
_BATCH_FILES = 2_000
_JSON = ("jsonl", "json")


@dataclass(frozen=True)
class Loader:
    """Lands the files of one dataset within the caller's transaction; `now` is aware, `probing` is the reader's."""

    connection: duckdb.DuckDBPyConnection
    dataset: Dataset
    writer: RawWriter
    now: datetime
    probing: bool
    faults: dict[int, MappingError] = field(default_factory=dict[int, MappingError])

    def land(self, files: Sequence[InspectedFile], progress: Progress) -> list[LedgerEntry]:
        """Land the files and say what each came to, in the same order; `faults` names those that are set aside.

        Raises:
            OSError: a file can't be read any more.
            ReaderStoppedError: see `Reader`.
        """
        for batch in _batches([each for each in files if each.file.form in _JSON]):
            self._land_json(batch)
            progress(sum(each.file.size for each in batch))
        for each in files:
            if each.file.form not in _JSON:
                try:
                    self._land_table(each)
                except MappingError as error:
                    self.faults[each.file_id] = error
                progress(each.file.size)
        return self.writer.entries(files)

    @property
    def _reader(self) -> Reader:
        annotation = Annotation(self.dataset.instants, self.dataset.vouched, self.now.replace(tzinfo=None))
        return Reader(self.connection, self.dataset.fields, annotation, self.probing)

    def _land_json(self, batch: Sequence[InspectedFile]) -> None:
        row_wise = [each for each in batch if not each.facts.as_it_stands]
        readable = [each for each in batch if each.facts.lines and each not in row_wise]
        if readable and not self.probing:
            wanted = land_directly(self.connection, self.dataset, self.writer.load_id, self._reader, readable)
            if wanted is not None:
                self._judge_lines(readable, wanted)
                readable = []
        left_out = self._reader.show_json(readable) if readable else []
        if len(left_out) == len(readable) > 1:
            for each in readable:
                self._land_json([each])
        else:
            if len(left_out) < len(readable):
                self._judge_lines(readable, self.writer.keep_vouched(readable))
            row_wise += left_out
        for each in row_wise:
            self._judge(each, json_rows(each, self.dataset.fields, None))

    def _judge_lines(self, files: Sequence[InspectedFile], wanted: Mapping[int, set[int]]) -> None:
        for each in files:
            if lines := wanted.get(each.file_id):
                self._judge(each, json_rows(each, self.dataset.fields, lines))

    def _land_table(self, each: InspectedFile) -> None:
        if each.file.form == "parquet":
            try:
                with open_parquet(each.file, self.dataset.fields) as table:
                    self._check_columns(each, table.found)
                    self._reader.show_parquet(each, table)
            except UnreadableParquetError as error:
                self._refuse(each, error)
                return
        else:
            header = csv_header(each.file)
            self._check_columns(each, {field.column for field in self.dataset.fields if paths_of(field, header)})
            if not each.facts.as_it_stands or not self._reader.show_csv(each, header):
                self._judge(each, csv_file_rows(each, self.dataset.fields))
                return
        for lines in self.writer.keep_vouched([each]).values():
            self._judge(each, parsed_rows(self.connection, self.dataset.fields, sorted(lines)))

    def _refuse(self, each: InspectedFile, error: UnreadableParquetError) -> None:
        """Refuse a file whole, each of its rows with the same reason."""
        if self.dataset.keeps_export_time:
            raise MappingError(f"{each.file.path}: {error.detail}.")
        self.writer.notice(each, Notice(error.reason, error.detail, error.rows))
        self.writer.refuse_all(each, error.rows, error.reason)

    def _check_columns(self, each: InspectedFile, found: Collection[str]) -> None:
        for wanted in self.dataset.fields:
            if wanted.column in self.dataset.required and wanted.column not in found:
                raise MappingError(f"{each.file.path}: column {wanted.names[0]!r} is missing; add it to the export.")

    def _judge(self, each: InspectedFile, rows: Iterator[Row]) -> None:
        for portion in judge_rows(rows, self.dataset.judge, self.now):
            self.writer.write(each, portion)


def _batches(files: Sequence[InspectedFile]) -> Iterator[list[InspectedFile]]:
    """Files that spell their names alike, in portions that fit in memory."""
    for spelling in sorted({(each.facts.customer_names, each.facts.snake_case) for each in files}):
        batch: list[InspectedFile] = []
        weight = 0
        for each in files:
            if (each.facts.customer_names, each.facts.snake_case) != spelling:
                continue
            size = each.file.size * (10 if each.file.path.lower().endswith((".gz", ".zst")) else 1)
            if batch and (weight + size > _BATCH_BYTES or len(batch) >= _BATCH_FILES):
                yield batch
                batch, weight = [], 0
            batch.append(each)
            weight += size
        if batch:
            yield batch
