"""Lands one dataset's new files: each is read the fast way if that is exact, else row by row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from ingest.contract.left_out import Notice
from ingest.errors import MappingError
from ingest.landing.csv_reading import csv_header, csv_rows
from ingest.landing.direct_landing import land_directly
from ingest.landing.exact_rows import Row, csv_file_rows, json_rows, rows_as_parsed, validate_rows
from ingest.landing.excel_reading import UnreadableWorkbookError, read_sheet
from ingest.landing.file_bytes import InspectedFile
from ingest.landing.input_types import LineInput
from ingest.landing.joined_files import are_joined, is_small
from ingest.landing.ledger import LedgerEntry
from ingest.landing.line_reading import pick_fields
from ingest.landing.mapping_reading import unknown_columns
from ingest.landing.names import field_names, folder_columns
from ingest.landing.odd_ids import note_odd_ids
from ingest.landing.parquet_reading import UnreadableParquetError, open_parquet
from ingest.landing.raw_writing import RawWriter
from ingest.landing.reading import Annotation, FileStoppedError, Reader, ReaderStoppedError, naming
from ingest.settings import BOUNDS, Bounds

Progress = Callable[[int], None]
"""Gets how many bytes of input have been read since the last call."""

_HEADER_FAULTS = {
    "unknown_header": "its first line has no known field name, but {saw}; give it a header with field names",
    "broken_header": "a quote in its first line is not closed; export it again",
    "line_too_long": "its first line is longer than a line may be; export it again",
}
"""What is wrong with the header of a CSV file, and what to do."""
_BATCH_BYTES = 256 * 1024 * 1024
_BATCH_BYTES_IN_MEMORY = 32 * 1024 * 1024
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
        """Land the files and return the outcome of each, in the same order; `faults` names those that are set aside,
        `unread` those whose reading failed with an unexpected error.

        Raises:
            FileStoppedError: reading a file failed with an unexpected error, and the transaction can't go on without
                it.
            OSError: a file can't be read any more.
            ReaderStoppedError: see `Reader`.
        """
        if self.dataset.keeps_export_time:
            for inspected in files:
                if fault := inspected.file.export_time_fault:
                    self.faults[inspected.file_id] = MappingError(f"{inspected.file.path}: {fault}.")
        sound = [inspected for inspected in files if inspected.file_id not in self.faults]
        for inspected in (inspected for inspected in sound if inspected.facts.refusal):
            self._refuse_unread(inspected)
            progress(inspected.file.size)
        sound = [inspected for inspected in sound if not inspected.facts.refusal]
        for batch in _batches([inspected for inspected in sound if inspected.file.form in _JSON]):
            with self._naming(batch[0] if len(batch) == 1 else None):
                self._land_json(batch)
            progress(sum(inspected.file.size for inspected in batch))
        for inspected in sound:
            if inspected.file.form not in _JSON:
                try:
                    with self._naming(inspected):
                        self._land_table(inspected)
                except MappingError as error:
                    self.faults[inspected.file_id] = error
                progress(inspected.file.size)
        note_odd_ids(
            self.connection,
            self.dataset,
            self.writer,
            [inspected for inspected in files if inspected.file.form not in _JSON],
        )
        return self.writer.entries(files)

    @property
    def _reader(self) -> Reader:
        annotation = Annotation(self.dataset.instants, self.dataset.is_exact, self.now.replace(tzinfo=None))
        return Reader(self.connection, self.dataset.fields, annotation, self.probing)

    def _land_json(self, batch: Sequence[InspectedFile]) -> None:
        row_wise = [inspected for inspected in batch if not _is_fast(inspected)]
        readable = [inspected for inspected in batch if inspected.facts.lines and _is_fast(inspected)]
        if readable and not self.probing and not are_joined(readable):
            wanted = land_directly(self.connection, self.dataset, self.writer.load_id, self._reader, readable)
            if wanted is not None:
                self._validate_lines(readable, wanted)
                readable = []
        parsed, left_out = self._reader.read_json(readable) if readable else (None, [])
        if len(left_out) == len(readable) > 1:
            for part in _parts(readable):
                self._land_json(part)
        else:
            if parsed is not None and len(left_out) < len(readable):
                self._validate_lines(readable, self.writer.keep_exact(readable, parsed))
            row_wise += left_out
        for inspected in row_wise:
            with self._naming(inspected):
                self._validate(inspected, json_rows(inspected, self.dataset.fields, None, self.bounds))

    def _validate_lines(self, files: Sequence[InspectedFile], wanted: Mapping[int, set[int]]) -> None:
        for inspected in files:
            if lines := wanted.get(inspected.file_id):
                with self._naming(inspected):
                    self._validate(inspected, json_rows(inspected, self.dataset.fields, lines, self.bounds))

    @contextmanager
    def _naming(self, inspected: InspectedFile | None) -> Iterator[None]:
        """Go on without a file whose reading fails with an unexpected error, if the transaction can. If several files
        are read at once (None), any may be the cause: they are probed the next time.
        """
        try:
            if inspected is None:
                yield
            else:
                with naming(inspected.file):
                    yield
        except FileStoppedError as error:
            if inspected is None or inspected.file_id in self.writer.reread or not self._goes_on(error):
                raise
            self.unread[inspected.file_id] = error
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

    def _land_table(self, inspected: InspectedFile) -> None:
        if inspected.file.form == "parquet":
            try:
                with open_parquet(inspected.file, self.dataset.fields) as table:
                    self._check_columns(inspected, table.found, table.names)
                    parsed = self._reader.read_parquet(inspected, table)
            except UnreadableParquetError as error:
                self._refuse(inspected, error.reason, error.detail, error.rows)
                return
        elif inspected.file.form == "xlsx":
            self._land_sheet(inspected)
            return
        else:
            header = csv_header(inspected.file, self.dataset.fields, self.bounds)
            if header.fault:
                rows = sum(1 for _ in csv_rows(inspected.file, header, self.bounds))
                self._refuse(inspected, header.fault, _HEADER_FAULTS[header.fault].format(saw=header.saw), rows)
                return
            self._check_columns(inspected, field_names(self.dataset.fields).strongest_first(header.names), header.names)
            is_fast = inspected.facts.as_it_stands and inspected.file.has_own_path
            parsed = self._reader.read_csv(inspected, header) if is_fast else None
            if parsed is None:
                self._validate(inspected, csv_file_rows(inspected, header, self.dataset.fields, self.bounds))
                return
        for lines in self.writer.keep_exact([inspected], parsed).values():
            rows = rows_as_parsed(self.connection, parsed, self.dataset.fields, sorted(lines))
            self._validate(inspected, rows)

    def _land_sheet(self, inspected: InspectedFile) -> None:
        try:
            sheet = read_sheet(inspected.file, self.dataset.fields)
        except UnreadableWorkbookError as error:
            raise MappingError(f"{inspected.file.path}: {error}.") from None
        self._check_columns(inspected, field_names(self.dataset.fields).strongest_first(sheet.names), sheet.names)
        stated = folder_columns(self.dataset.fields, inspected.file.folder_values)
        rows = ((number, {**stated, **pick_fields(row, self.dataset.fields, flat=True)}) for number, row in sheet.rows)
        self._validate(inspected, rows)

    def _refuse_unread(self, inspected: InspectedFile) -> None:
        """Refuse a whole file because of its bytes."""
        detail = (
            f"it unpacks to more than {self.bounds.unpacked_most_of(inspected.file.size)} bytes; deliver it in parts"
        )
        try:
            self._refuse(inspected, inspected.facts.refusal or "", detail, max(inspected.facts.lines, 1))
        except MappingError as error:
            self.faults[inspected.file_id] = error

    def _refuse(self, inspected: InspectedFile, reason: str, detail: str, rows: int) -> None:
        """Refuse a whole file: each of its rows gets the same reason."""
        if self.dataset.keeps_export_time:
            raise MappingError(f"{inspected.file.path}: {detail}.")
        self.writer.notice(inspected, Notice(reason, detail, rows))
        self.writer.refuse_all(inspected, rows, reason)

    def _check_columns(self, inspected: InspectedFile, found: Collection[str], names: Sequence[str]) -> None:
        stated = folder_columns(self.dataset.fields, inspected.file.folder_values)
        for column in self.dataset.columns:
            if column.required and column.name not in {*found, *stated}:
                raise MappingError(f"{inspected.file.path}: column {column.header!r} is missing; add it to the export.")
        if self.dataset.keeps_export_time:
            for notice in unknown_columns(names, self.dataset.fields):
                self.writer.notice(inspected, notice)

    def _validate(self, inspected: InspectedFile, rows: Iterator[Row]) -> None:
        for portion in validate_rows(rows, self.dataset.validate, self.now):
            self.writer.write(inspected, portion)


def _is_fast(inspected: InspectedFile) -> bool:
    """Whether DuckDB can read a file of JSON Lines."""
    return inspected.facts.as_it_stands and (inspected.file.has_own_path or are_joined([inspected]))


def _parts(files: Sequence[InspectedFile]) -> list[Sequence[InspectedFile]]:
    """The parts in which files are tried that could not be read together: one by one, which needs paths, or halves."""
    if all(inspected.file.has_own_path for inspected in files):
        return [[inspected] for inspected in files]
    return [files[: len(files) // 2], files[len(files) // 2 :]]


def _written(inspected: InspectedFile) -> tuple[object, ...]:
    stated = tuple(sorted(inspected.file.folder_values.items()))
    facts = inspected.facts
    return stated, facts.spellings, facts.absent, is_small(inspected), facts.compression


def _batches(files: Sequence[InspectedFile]) -> Iterator[list[InspectedFile]]:
    """Files of the same form, in portions that fit in memory."""
    alike: dict[tuple[object, ...], list[InspectedFile]] = {}
    for inspected in files:
        alike.setdefault(_written(inspected), []).append(inspected)
    for written in sorted(alike):
        *_, small, compression = written
        most = _BATCH_BYTES_IN_MEMORY if small else _BATCH_BYTES
        batch: list[InspectedFile] = []
        weight = 0
        for inspected in alike[written]:
            size = inspected.file.size * (1 if compression == "uncompressed" else 10)
            if batch and (weight + size > most or len(batch) >= _BATCH_FILES):
                yield batch
                batch, weight = [], 0
            batch.append(inspected)
            weight += size
        if batch:
            yield batch
