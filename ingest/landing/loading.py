"""One dataset's new files: each read the fast way where it can be vouched for, row by row where not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from ingest.errors import MappingError
from ingest.landing.csv_reading import csv_header, csv_rows
from ingest.landing.direct_landing import land_directly
from ingest.landing.exact_rows import Row, csv_file_rows, json_rows, judge_rows, parsed_rows
from ingest.landing.excel_reading import UnreadableWorkbookError, read_sheet
from ingest.landing.file_bytes import InspectedFile
from ingest.landing.input_types import LineInput
from ingest.landing.ledger import LedgerEntry
from ingest.landing.left_out import Notice
from ingest.landing.line_reading import pick_fields
from ingest.landing.mapping_reading import unknown_columns
from ingest.landing.names import field_names, folder_columns
from ingest.landing.odd_ids import note_odd_ids
from ingest.landing.parquet_reading import UnreadableParquetError, open_parquet
from ingest.landing.raw_writing import RawWriter
from ingest.landing.reading import Annotation, FileStoppedError, Reader, ReaderStoppedError, naming
from ingest.settings import BOUNDS, Bounds

Progress = Callable[[int], None]
"""Is told how many bytes of input have been read since the last call."""

_HEADER_FAULTS = {
    "unknown_header": "its first line has no name that is known, but {saw}; give it a header with names of fields",
    "broken_header": "a quote in its first line is not closed; export it again",
    "line_too_long": "its first line is longer than a line may be; export it again",
}
"""What is wrong with the header of a CSV file, and what to do."""
_BATCH_BYTES = 256 * 1024 * 1024
_BATCH_FILES = 2_000
_JSON = ("jsonl", "json")


@dataclass(frozen=True)
class Loader:
    """Lands the files of one dataset within the caller's transaction; `now` is aware, `probing` is the reader's."""

    connection: duckdb.DuckDBPyConnection
    dataset: LineInput
    writer: RawWriter
    now: datetime
    probing: bool
    bounds: Bounds = BOUNDS
    faults: dict[int, MappingError] = field(default_factory=dict[int, MappingError])
    unread: dict[int, FileStoppedError] = field(default_factory=dict[int, FileStoppedError])

    def land(self, files: Sequence[InspectedFile], progress: Progress) -> list[LedgerEntry]:
        """Land the files and say what each came to, in the same order; `faults` names those that are set aside,
        `unread` those whose reading failed in an unforeseen way.

        Raises:
            FileStoppedError: so did the reading of one, and the transaction can't go on without it.
            OSError: a file can't be read any more.
            ReaderStoppedError: see `Reader`.
        """
        if self.dataset.keeps_export_time:
            for each in files:
                if fault := each.file.export_time_fault:
                    self.faults[each.file_id] = MappingError(f"{each.file.path}: {fault}.")
        sound = [each for each in files if each.file_id not in self.faults]
        for each in (each for each in sound if each.facts.refusal):
            self._refuse_unread(each)
            progress(each.file.size)
        sound = [each for each in sound if not each.facts.refusal]
        for batch in _batches([each for each in sound if each.file.form in _JSON]):
            with self._naming(batch[0] if len(batch) == 1 else None):
                self._land_json(batch)
            progress(sum(each.file.size for each in batch))
        for each in sound:
            if each.file.form not in _JSON:
                try:
                    with self._naming(each):
                        self._land_table(each)
                except MappingError as error:
                    self.faults[each.file_id] = error
                progress(each.file.size)
        note_odd_ids(
            self.connection, self.dataset, self.writer, [each for each in files if each.file.form not in _JSON]
        )
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
            with self._naming(each):
                self._judge(each, json_rows(each, self.dataset.fields, None, self.bounds))

    def _judge_lines(self, files: Sequence[InspectedFile], wanted: Mapping[int, set[int]]) -> None:
        for each in files:
            if lines := wanted.get(each.file_id):
                with self._naming(each):
                    self._judge(each, json_rows(each, self.dataset.fields, lines, self.bounds))

    @contextmanager
    def _naming(self, each: InspectedFile | None) -> Iterator[None]:
        """Go on without a file whose reading fails in an unforeseen way, as far as the transaction can. Of several
        files at once (None) any may be the one: they are probed the next time.
        """
        try:
            if each is None:
                yield
            else:
                with naming(each.file):
                    yield
        except FileStoppedError as error:
            if each is None or each.file_id in self.writer.reread or not self._goes_on(error):
                raise
            self.unread[each.file_id] = error
        except (RuntimeError, ValueError, TypeError, LookupError, ArithmeticError) as error:
            if self.probing:
                raise
            raise ReaderStoppedError from error

    def _goes_on(self, error: FileStoppedError) -> bool:
        if isinstance(error.__cause__, duckdb.Error):
            return False
        try:
            self.connection.execute("select 1").fetchall()
        except duckdb.Error:
            return False
        return True

    def _land_table(self, each: InspectedFile) -> None:
        if each.file.form == "parquet":
            try:
                with open_parquet(each.file, self.dataset.fields) as table:
                    self._check_columns(each, table.found, table.names)
                    self._reader.show_parquet(each, table)
            except UnreadableParquetError as error:
                self._refuse(each, error.reason, error.detail, error.rows)
                return
        elif each.file.form == "xlsx":
            self._land_sheet(each)
            return
        else:
            header = csv_header(each.file, self.dataset.fields, self.bounds)
            if header.fault:
                rows = sum(1 for _ in csv_rows(each.file, header, self.bounds))
                self._refuse(each, header.fault, _HEADER_FAULTS[header.fault].format(saw=header.saw), rows)
                return
            self._check_columns(each, field_names(self.dataset.fields).strongest_first(header.names), header.names)
            if not each.facts.as_it_stands or not self._reader.show_csv(each, header):
                self._judge(each, csv_file_rows(each, header, self.dataset.fields, self.bounds))
                return
        for lines in self.writer.keep_vouched([each]).values():
            self._judge(each, parsed_rows(self.connection, self.dataset.fields, sorted(lines)))

    def _land_sheet(self, each: InspectedFile) -> None:
        try:
            sheet = read_sheet(each.file, self.dataset.fields)
        except UnreadableWorkbookError as error:
            raise MappingError(f"{each.file.path}: {error}.") from None
        self._check_columns(each, field_names(self.dataset.fields).strongest_first(sheet.names), sheet.names)
        stated = folder_columns(self.dataset.fields, each.file.folder_values)
        rows = ((number, {**stated, **pick_fields(row, self.dataset.fields, flat=True)}) for number, row in sheet.rows)
        self._judge(each, rows)

    def _refuse_unread(self, each: InspectedFile) -> None:
        """Refuse a file of which nothing is read, for what its bytes told."""
        detail = f"it unpacks to more than {self.bounds.unpacked_most_of(each.file.size)} bytes; deliver it in parts"
        try:
            self._refuse(each, each.facts.refusal or "", detail, max(each.facts.lines, 1))
        except MappingError as error:
            self.faults[each.file_id] = error

    def _refuse(self, each: InspectedFile, reason: str, detail: str, rows: int) -> None:
        """Refuse a file whole, each of its rows with the same reason."""
        if self.dataset.keeps_export_time:
            raise MappingError(f"{each.file.path}: {detail}.")
        self.writer.notice(each, Notice(reason, detail, rows))
        self.writer.refuse_all(each, rows, reason)

    def _check_columns(self, each: InspectedFile, found: Collection[str], names: Sequence[str]) -> None:
        stated = folder_columns(self.dataset.fields, each.file.folder_values)
        for column in self.dataset.columns:
            if column.required and column.name not in {*found, *stated}:
                raise MappingError(f"{each.file.path}: column {column.header!r} is missing; add it to the export.")
        if self.dataset.keeps_export_time:
            for notice in unknown_columns(names, self.dataset.fields):
                self.writer.notice(each, notice)

    def _judge(self, each: InspectedFile, rows: Iterator[Row]) -> None:
        for portion in judge_rows(rows, self.dataset.judge, self.now):
            self.writer.write(each, portion)


def _written(each: InspectedFile) -> tuple[object, ...]:
    stated = tuple(sorted(each.file.folder_values.items()))
    return stated, each.facts.spellings, each.facts.absent, each.facts.compression


def _batches(files: Sequence[InspectedFile]) -> Iterator[list[InspectedFile]]:
    """Files that are written alike, in portions that fit in memory."""
    alike: dict[tuple[object, ...], list[InspectedFile]] = {}
    for each in files:
        alike.setdefault(_written(each), []).append(each)
    for compression, group in ((key[-1], alike[key]) for key in sorted(alike)):
        batch: list[InspectedFile] = []
        weight = 0
        for each in group:
            size = each.file.size * (1 if compression == "uncompressed" else 10)
            if batch and (weight + size > _BATCH_BYTES or len(batch) >= _BATCH_FILES):
                yield batch
                batch, weight = [], 0
            batch.append(each)
            weight += size
        if batch:
            yield batch
