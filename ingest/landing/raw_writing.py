"""Writes rows into the raw tables: exact ones in one statement, those validated one by one in portions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from decimal import Decimal

import duckdb

from ingest.contract.datasets import USAGE_RECORDS
from ingest.contract.left_out import FileNotice, Notice
from ingest.landing.exact_rows import Validated
from ingest.landing.file_bytes import InspectedFile
from ingest.landing.input_types import LineInput
from ingest.landing.ledger import LedgerEntry
from ingest.landing.mapping_exports import MappingExport
from ingest.landing.reading import ParsedRows
from ingest.sql_text import quoted

_DROPPED_DIMENSIONS = (
    "some dimensions are not kept: their key is not in CREDITS_DIMENSIONS, or their value is not a text of up to 64 "
    "letters, digits, blanks and ._:/@-"
)


@dataclass(frozen=True)
class RawWriter:
    """Writes one dataset's rows of one load, within the caller's transaction.

    The first `kept_refusals` refused lines of each file are kept one by one; the others are counted by reason.
    """

    connection: duckdb.DuckDBPyConnection
    dataset: LineInput
    load_id: int
    reread: AbstractSet[int] = frozenset()
    kept_refusals: int = 10_000
    refused: dict[int, int] = field(default_factory=dict[int, int])
    counted: dict[tuple[int, str], int] = field(default_factory=dict[tuple[int, str], int])
    rounded: dict[int, int] = field(default_factory=dict[int, int])
    noticed: dict[tuple[int, str, str], int] = field(default_factory=dict[tuple[int, str, str], int])
    kept_earlier: set[int] = field(default_factory=set[int])
    """The files that were read again and whose earlier reading counts."""
    replaced: set[int] = field(default_factory=set[int])
    """The files that were read again and whose earlier rows are gone, or have another place."""
    changed_loads: set[int] = field(default_factory=set[int])
    """The earlier loads that lost some of their refused lines."""

    def notice(self, inspected: InspectedFile, notice: Notice) -> None:
        """Note what a person should look at in a file; the rows of two equal notices are added up."""
        key = (inspected.file_id, notice.notice, notice.detail)
        self.noticed[key] = self.noticed.get(key, 0) + notice.rows

    def keep_exact(self, files: Sequence[InspectedFile], parsed: ParsedRows) -> dict[int, set[int]]:
        """Write the exact rows of those that were parsed of these files; return the lines of the others by file."""
        condition = "is_exact"
        parameters = {**parsed.parameters}
        if any(inspected.facts.suspect_lines for inspected in files):
            condition += f" and (file_id, line_number) not in ({SUSPECT_LINES})"
            parameters |= suspect_lines_of(files)
        exported_at = "exported_at," if self.dataset.keeps_export_time else ""
        kept = self.connection.execute(
            f"insert into {target(self.dataset)} select $load_id, file_id, line_number, {exported_at} "
            f"{self.dataset.sound_values()} from ({parsed.query}) where {condition}",
            {"load_id": self.load_id, **parameters},
        ).fetchone()
        if kept == (parsed.rows,):
            return {}
        others: dict[int, set[int]] = {}
        for file_id, line_number in self.connection.execute(
            f"select file_id, line_number from ({parsed.query}) where not ({condition})", parameters
        ).fetchall():
            others.setdefault(file_id, set()).add(line_number)
        return others

    def write(self, inspected: InspectedFile, validated: Validated) -> None:
        """Write rows that were validated one by one, the accepted and the refused ones."""
        self.rounded[inspected.file_id] = self.rounded.get(inspected.file_id, 0) + validated.rounded
        if validated.without_dimensions:
            self.notice(inspected, Notice("dropped_dimensions", _DROPPED_DIMENSIONS, validated.without_dimensions))
        if validated.accepted:
            columns = ", ".join(
                f"unnest(${field.column}::varchar[]) as {quoted(field.column)}" for field in self.dataset.fields
            )
            exported_at = "$exported_at::timestamp," if self.dataset.keeps_export_time else ""
            values: dict[str, object] = {field.column: validated.column(field.column) for field in self.dataset.fields}
            values |= {"load_id": self.load_id, "file_id": inspected.file_id, "lines": validated.accepted_lines}
            if exported_at:
                values["exported_at"] = inspected.file.exported_at
            self.connection.execute(
                f"""
                insert into {target(self.dataset)}
                select $load_id, $file_id, line_number, {exported_at}
                    {self.dataset.sound_values()}
                from (
                    select *, {self.dataset.instants}
                    from (select unnest($lines::bigint[]) as line_number, {columns})
                )
                """,
                values,
            )
        kept = validated.rejected[: self._room_for(inspected, len(validated.rejected))]
        for _, reason, _ in validated.rejected[len(kept) :]:
            self._count(inspected, reason, 1)
        if kept:
            self.connection.execute(
                "insert into raw.rejected_lines (load_id, file_id, line_number, reason, fields) "
                "select ?, ?, unnest(?::bigint[]), unnest(?::varchar[]), unnest(?::varchar[])",
                [
                    self.load_id,
                    inspected.file_id,
                    [number for number, _, _ in kept],
                    [reason for _, reason, _ in kept],
                    [json.dumps(values, ensure_ascii=False, sort_keys=True) for _, _, values in kept],
                ],
            )

    def refuse_all(self, inspected: InspectedFile, rows: int, reason: str) -> None:
        """Refuse this number of rows of a file, from the first on, for the same reason."""
        kept = self._room_for(inspected, rows)
        if rows > kept:
            self._count(inspected, reason, rows - kept)
        self.connection.execute(
            "insert into raw.rejected_lines (load_id, file_id, line_number, reason, fields) "
            "select $load_id, $file_id, line_number, $reason, '{}' from range(1, $rows + 1) as numbered (line_number)",
            {"load_id": self.load_id, "file_id": inspected.file_id, "rows": kept, "reason": reason},
        )

    def _room_for(self, inspected: InspectedFile, lines: int) -> int:
        """How many more refused lines of a file are kept, at most this number."""
        before = self.refused.get(inspected.file_id, 0)
        self.refused[inspected.file_id] = before + lines
        return max(0, min(lines, self.kept_refusals - before))

    def _count(self, inspected: InspectedFile, reason: str, lines: int) -> None:
        self.counted[inspected.file_id, reason] = self.counted.get((inspected.file_id, reason), 0) + lines

    def entries(self, files: Sequence[InspectedFile]) -> list[LedgerEntry]:
        """The outcome of each file, from the raw tables."""
        for (file_id, reason), lines in self.counted.items():
            self.connection.execute(
                "insert into raw.rejected_counts (load_id, file_id, reason, lines) values (?, ?, ?, ?)",
                [self.load_id, file_id, reason, lines],
            )
        for inspected in files:
            if inspected.file_id in self.reread:
                self._keep_better_reading_of(inspected)
        again = [inspected.file_id for inspected in files if inspected.file_id in self.reread]
        concerned = f"(load_id = ? or file_id in ({', '.join(map(str, again))}))" if again else "load_id = ?"
        total = "coalesce(sum(credits), 0)" if self.dataset.name == USAGE_RECORDS else "0"
        accepted = {
            file_id: (rows, credits)
            for file_id, rows, credits in self.connection.execute(
                f"select file_id, count(*), {total}::decimal(38, 9) from {self.dataset.table} where {concerned} "
                "group by all",
                [self.load_id],
            ).fetchall()
        }
        rejected = dict(
            self.connection.execute(
                f"""
                with refused as (
                    select load_id, file_id, 1 as lines from raw.rejected_lines
                    union all
                    select load_id, file_id, lines from raw.rejected_counts
                )

                select file_id, sum(lines)::bigint from refused where {concerned} group by all
                """,
                [self.load_id],
            ).fetchall()
        )
        entries = []
        for inspected in files:
            rows, credits = accepted.get(inspected.file_id, (0, Decimal(0)))
            refused = rejected.get(inspected.file_id, 0)
            entries.append(
                LedgerEntry(rows + refused, rows, refused, f"{credits:f}", self.rounded.get(inspected.file_id, 0))
            )
        return entries

    def _keep_better_reading_of(self, inspected: InspectedFile) -> None:
        """If a file landed before, keep the reading that accepts more rows, and the later one of two equal ones. A row
        that is in both readings stays, with its new place.
        """
        parameters = {"load_id": self.load_id, "file_id": inspected.file_id}
        new, old = self.connection.execute(
            f"select count(*) filter (load_id = $load_id), count(*) filter (load_id <> $load_id) "
            f"from {self.dataset.table} where file_id = $file_id",
            parameters,
        ).fetchone() or (0, 0)
        if new < old:
            remove_file(self.connection, inspected, self.load_id)
            self.kept_earlier.add(inspected.file_id)
            return
        content = ", ".join(quoted(field.column) for field in self.dataset.fields)
        self.connection.execute(
            f"""
            create or replace temp table read_twice as
            with read as (
                select
                    rowid as place, load_id = $load_id as is_later, line_number, row({content}) as content,
                    row_number() over (partition by load_id = $load_id, {content} order by line_number) as nth
                from {self.dataset.table} where file_id = $file_id
            )

            select earlier.place as earlier, later.place as later, later.line_number
            from read as earlier
            inner join read as later
                on earlier.nth = later.nth and earlier.content is not distinct from later.content
            where later.is_later and not earlier.is_later
            """,
            parameters,
        )
        self.connection.execute(f"delete from {self.dataset.table} where rowid in (select later from read_twice)")
        gone = self.connection.execute(
            f"delete from {self.dataset.table} where file_id = $file_id and load_id <> $load_id "
            "and rowid not in (select earlier from read_twice)",
            parameters,
        ).fetchone()
        moved = self.connection.execute(
            f"update {self.dataset.table} as rows set line_number = read_twice.line_number "
            "from read_twice where rows.rowid = read_twice.earlier and rows.line_number <> read_twice.line_number"
        ).fetchone()
        if (gone, moved) != ((0,), (0,)):
            self.replaced.add(inspected.file_id)
        for table in ("raw.rejected_lines", "raw.rejected_counts", "raw.file_notices"):
            earlier = f"from {table} where file_id = $file_id and load_id <> $load_id"
            if table != "raw.file_notices":
                found = self.connection.execute(f"select distinct load_id {earlier}", parameters).fetchall()
                self.changed_loads.update(load_id for (load_id,) in found)
            self.connection.execute(f"delete {earlier}", parameters)


def remove_file(connection: duckdb.DuckDBPyConnection, inspected: InspectedFile, load_id: int) -> None:
    """Remove the rows of a file that a load wrote."""
    for table in (inspected.file.dataset, "rejected_lines", "rejected_counts", "file_notices"):
        connection.execute(f"delete from raw.{table} where file_id = ? and load_id = ?", [inspected.file_id, load_id])


def write_notices(
    connection: duckdb.DuckDBPyConnection,
    load_id: int,
    files: Sequence[InspectedFile],
    found: Mapping[tuple[int, str, str], int],
) -> tuple[FileNotice, ...]:
    """Write the notices about a load's files: those from inspecting their bytes, and those that reading them `found`.
    Notices about files that were left out after reading are ignored.
    """
    places = {inspected.file_id: inspected.file for inspected in files}
    rows = {key: count for key, count in found.items() if key[0] in places}
    for inspected in files:
        for noted in inspected.facts.notices:
            key = (inspected.file_id, noted.notice, noted.detail)
            rows[key] = rows.get(key, 0) + noted.rows
    notices = []
    for (file_id, notice, detail), count in sorted(rows.items()):
        connection.execute(
            "insert into raw.file_notices (load_id, file_id, notice, detail, rows) values (?, ?, ?, ?, ?)",
            [load_id, file_id, notice, detail, count],
        )
        notices.append(FileNotice(places[file_id].path, places[file_id].dataset, notice, detail, count))
    return tuple(notices)


def target(dataset: LineInput) -> str:
    """The raw table with the names of its columns, for an insert of accepted rows."""
    exported_at = ("exported_at",) if dataset.keeps_export_time else ()
    columns = ("load_id", "file_id", "line_number", *exported_at, *(quoted(field.column) for field in dataset.fields))
    return f"{dataset.table} ({', '.join(columns)})"


SUSPECT_LINES = """
    select (file_id, line_number)
    from (select unnest($suspect_files::integer[]) as file_id, unnest($suspect_lines::bigint[]) as line_number)
"""
"""The lines that may have been misread, as a query over the parameters that `suspect_lines_of` gives."""


def suspect_lines_of(files: Sequence[InspectedFile]) -> dict[str, object]:
    """The lines of the files that may have been misread, as parameters of `SUSPECT_LINES`."""
    suspects = [(inspected.file_id, number) for inspected in files for number in inspected.facts.suspect_lines]
    return {
        "suspect_files": [file_id for file_id, _ in suspects],
        "suspect_lines": [number for _, number in suspects],
    }


def write_export(
    connection: duckdb.DuckDBPyConnection, load_id: int, inspected: InspectedFile, export: MappingExport
) -> LedgerEntry:
    """Write a whole export that people made."""
    kinds = {column.name: column.kind.raw_type for column in export.table.columns}
    snapshot = "is_snapshot, " if export.table.keeps_snapshot_flag else ""
    connection.execute(
        f"""
        insert into raw.{inspected.file.dataset}
            (load_id, file_id, line_number, exported_at, {snapshot}{", ".join(kinds)})
        select $load_id, $file_id, unnest($line_number::bigint[]), $exported_at, {snapshot and "$is_snapshot, "}
            {", ".join(f"unnest(${column}::{kind}[])" for column, kind in kinds.items())}
        """,
        {
            "load_id": load_id,
            "file_id": inspected.file_id,
            "exported_at": inspected.file.exported_at,
            **({"is_snapshot": export.is_snapshot} if snapshot else {}),
            # In a list all decimals would get the places of the first one; their texts are exact.
            **{
                str(name): [f"{value:f}" if isinstance(value, Decimal) else value for value in export.rows[name]]
                for name in export.rows.columns
            },
        },
    )
    return LedgerEntry(len(export.rows), len(export.rows), 0, "0", 0)
