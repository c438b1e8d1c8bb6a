"""Reads Parquet by the file's own schema: each allow-listed field as its exact text, batch by batch.

pyarrow reads only the columns of known fields. A value that is neither a text nor a number, or can't be an id, becomes
a mark (`parsed_columns.mark`), so that its row is refused with that reason.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.contract.forms import comparable_name
from ingest.contract.landing_files import LandingFile
from ingest.landing.names import Field, folder_columns
from ingest.landing.parquet_values import Path, first_of, holds_ids, native_or_text, texts_at

UNREADABLE = "unreadable_file"
ENCRYPTED = "encrypted_file"
NO_KNOWN_COLUMN = "no_known_column"
ID_COLUMN_UNUSABLE = "id_column_unusable"
UNPACKED_TOO_LARGE = "unpacked_too_large"

_ROWS_AT_ONCE = 32_768
_UNPACKED_AT_LEAST = 1024**3
_UNPACKED_RATIO = 1_000
_READING: dict[str, Any] = {
    "coerce_int96_timestamp_unit": "us",
    "page_checksum_verification": True,
    "pre_buffer": False,
}
_THIN_VALUE = 4
"""The bytes of a text's length: a column with fewer bytes per value is stored as a dictionary."""

_READ_ERRORS = (pa.ArrowException, OSError, ValueError, TypeError, KeyError, OverflowError, MemoryError)


class UnreadableParquetError(Exception):
    """A Parquet file can't be read as a whole: `reason` is a word, `rows` counts its rows (1 if that is unknown)."""

    def __init__(self, reason: str, detail: str, rows: int) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.rows = rows


@dataclass
class ParquetTable:
    """An open Parquet file. `names` are all its columns, `taken` the known ones, `found` the fields that have a column.
    It is closed when its context is left.
    """

    names: tuple[str, ...]
    taken: frozenset[str]
    found: frozenset[str]
    rows: int
    _file: pq.ParquetFile
    _stream: BinaryIO
    _fields: Sequence[Field]
    _stated: Mapping[str, str]
    _paths: Mapping[str, Sequence[Path]]
    _fault: UnreadableParquetError | None = field(default=None)

    def __enter__(self) -> ParquetTable:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._stream.close()

    def batches(self) -> pa.RecordBatchReader:
        """The rows, with a column for each field: texts, and numbers and times of a single type unchanged.

        A fault in the middle ends the rows early; `check` raises it.
        """
        selected = sorted(
            (column for column in self._file.schema_arrow if column.name in self.taken),
            key=lambda column: self.names.index(column.name),
        )
        nothing = pa.RecordBatch.from_arrays(
            [pa.nulls(0, column.type) for column in selected], schema=pa.schema(selected)
        )
        schema = self._converted(nothing).schema

        def read() -> Iterator[pa.RecordBatch]:
            try:
                for batch in self._file.iter_batches(_ROWS_AT_ONCE, columns=self._columns(), use_threads=False):
                    yield self._converted(batch).cast(schema)
            except _READ_ERRORS as error:
                self._fault = _unreadable(error, self.rows)

        return pa.RecordBatchReader.from_batches(schema, read())

    def texts(self) -> Iterator[dict[str, str | None]]:
        """The rows with each field as a text, or None.

        Raises:
            UnreadableParquetError: the file is cut off or damaged.
        """
        try:
            for batch in self._file.iter_batches(_ROWS_AT_ONCE, columns=self._columns(), use_threads=False):
                yield from self._converted(batch, all_texts=True).to_pylist()
        except _READ_ERRORS as error:
            raise _unreadable(error, self.rows) from None

    def check(self, rows: int) -> None:
        """Compare the rows that were read with those that the file says it has.

        Raises:
            UnreadableParquetError: something could not be read, or rows are missing.
        """
        if self._fault is not None:
            raise self._fault
        if rows != self.rows:
            raise UnreadableParquetError(
                UNREADABLE, f"its footer says {self.rows} rows, but it has {rows}", max(rows, self.rows, 1)
            )

    def _columns(self) -> list[str]:
        return [name for name in dict.fromkeys(self.names) if name in self.taken]

    def _converted(self, batch: pa.RecordBatch, *, all_texts: bool = False) -> pa.RecordBatch:
        columns: dict[str, pa.Array] = {}
        for input_field in self._fields:
            paths = self._paths[input_field.column]
            stated = self._stated.get(input_field.column)
            if not all_texts and stated is None and len(paths) == 1 and not paths[0][1]:
                columns[input_field.column] = native_or_text(batch.column(paths[0][0]), input_field.role)
                continue
            texts = [text for path in paths for text in texts_at(batch, path, input_field.role)]
            if stated is not None:
                texts.append(pa.repeat(pa.scalar(stated, pa.string()), batch.num_rows))
            columns[input_field.column] = first_of(texts, batch.num_rows)
        return pa.RecordBatch.from_pydict(columns)


def open_parquet(file: LandingFile, fields: Sequence[Field]) -> ParquetTable:
    """Open a Parquet file and find the columns of the fields. It is closed when its context is left.

    Raises:
        OSError: the file can't be opened.
        UnreadableParquetError: it is not a Parquet file, is damaged or encrypted, or unpacks to too much; no field has
            a column, or the column of an id has a type that can't contain ids.
    """
    stream = file.open()
    try:
        return _opened(file, fields, stream)
    except BaseException:
        stream.close()
        raise


def _opened(file: LandingFile, fields: Sequence[Field], stream: BinaryIO) -> ParquetTable:
    try:
        # Not by the path, because its folders would be read as columns. INT96 in nanoseconds would overflow.
        parquet = pq.ParquetFile(stream, **_READING)
        schema, metadata = parquet.schema_arrow, parquet.metadata
        rows = metadata.num_rows
        groups = [metadata.row_group(position) for position in range(metadata.num_row_groups)]
        unpacked = sum(group.total_byte_size for group in groups)
        listed = sum(group.num_rows for group in groups)
    except _READ_ERRORS as error:
        raise _unreadable(error, 1) from None
    if rows < 0 or rows != listed:
        raise UnreadableParquetError(UNREADABLE, "its footer gives contradictory numbers of rows", max(rows, listed, 1))
    if unpacked > max(_UNPACKED_AT_LEAST, _UNPACKED_RATIO * file.size):
        raise UnreadableParquetError(UNPACKED_TOO_LARGE, f"it unpacks to {unpacked} bytes", max(rows, 1))
    names = schema.names
    paths = {input_field.column: paths_of(input_field, names) for input_field in fields}
    taken = {names[position] for found in paths.values() for position, _ in found}
    if not taken:
        seen = ", ".join(repr(name[:40]) for name in names[:12]) or "none"
        raise UnreadableParquetError(
            NO_KNOWN_COLUMN, f"no column has a known name; its columns are {seen}", max(rows, 1)
        )
    for input_field in fields:
        for position, inner in paths[input_field.column]:
            if input_field.role == "id" and not inner and not holds_ids(schema.field(position).type):
                kind = str(schema.field(position).type)[:60]
                raise UnreadableParquetError(
                    ID_COLUMN_UNUSABLE,
                    f"column {names[position]!r} is of type {kind}, which can't hold ids; write it as text",
                    max(rows, 1),
                )
    found = frozenset(column for column, places in paths.items() if places)
    try:
        parquet = pq.ParquetFile(stream, metadata=metadata, read_dictionary=_repeating(groups, taken), **_READING)
    except _READ_ERRORS as error:
        raise _unreadable(error, rows) from None
    # Columns come in the order of the request, those of one name together.
    kept = sorted((name for name in names if name in taken), key=names.index)
    paths = {input_field.column: paths_of(input_field, kept) for input_field in fields}
    stated = folder_columns(fields, file.folder_values)
    return ParquetTable(tuple(names), frozenset(taken), found, rows, parquet, stream, fields, stated, paths)


def _repeating(groups: Sequence[pq.RowGroupMetaData], taken: Collection[str]) -> list[str]:
    """Text columns with few different values, so that each value is read once."""
    sizes: dict[str, int] = {}
    values: dict[str, int] = {}
    for group in groups:
        for position in range(group.num_columns):
            chunk = group.column(position)
            if chunk.path_in_schema in taken and chunk.physical_type == "BYTE_ARRAY":
                sizes[chunk.path_in_schema] = sizes.get(chunk.path_in_schema, 0) + chunk.total_uncompressed_size
                values[chunk.path_in_schema] = values.get(chunk.path_in_schema, 0) + chunk.num_values
    return [name for name, size in sizes.items() if size < _THIN_VALUE * values[name]]


def _unreadable(error: BaseException, rows: int) -> UnreadableParquetError:
    if "encrypt" in str(error).lower() or "decrypt" in str(error).lower():
        return UnreadableParquetError(ENCRYPTED, "it is encrypted; write it without encryption", max(rows, 1))
    # The text of the error may contain values of the file.
    return UnreadableParquetError(
        UNREADABLE, f"it is damaged, or not a Parquet file ({type(error).__name__}); write it again", max(rows, 1)
    )


def paths_of(field: Field, names: Sequence[str]) -> list[Path]:
    """The places of a field in a table of columns with these names, strongest first: exact names come before those that
    differ in case, `_`, `-` or blanks, and these are sorted.
    """
    found: list[Path] = []
    compared = [comparable_name(name) for name in names]
    alike: dict[str, list[str]] = {}
    for name in field.names:
        alike.setdefault(comparable_name(name), []).append(name)
    for wanted, spellings in alike.items():
        exact = [position for spelling in spellings for position, name in enumerate(names) if name == spelling]
        found += ((position, ()) for position in exact)
        others = [at for at, name in enumerate(compared) if name == wanted and at not in exact]
        found += ((at, ()) for at in sorted(others, key=names.__getitem__))
        if "." in wanted:
            outer, inner = wanted.split(".", 1)
            outers = {spelling.partition(".")[0] for spelling in spellings}
            inners = tuple(dict.fromkeys(spelling.partition(".")[2] for spelling in spellings)) or (inner,)
            reached = [position for position, name in enumerate(compared) if name == outer]
            found += ((at, inners) for at in sorted(reached, key=lambda at: names[at] not in outers))
    return list(dict.fromkeys(found))
