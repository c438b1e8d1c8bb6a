"""One load: all new files into `raw`, in one transaction, every line with a verdict of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import duckdb

from ingest.landing.csv_reading import csv_header
from ingest.landing.exact_rows import Judged, Row, csv_file_rows, json_rows, judge_rows, parsed_rows
from ingest.landing.datasets import Dataset
from ingest.landing.files import USAGE_RECORDS
from ingest.landing.judging import Rejected
from ingest.landing.ledger import LedgerEntry
from ingest.landing.reading import InspectedFile, quoted, read_csv_file, read_json_files, read_parquet_file
from ingest.landing.vouching import raw_value

Progress = Callable[[int], None]
"""Is told how many bytes of input have been read since the last call."""

_BATCH_BYTES = 256 * 1024 * 1024
_BATCH_FILES = 2_000


@dataclass(frozen=True)
class Loader:
    """Lands the files of one dataset within the caller's transaction. `now` is aware; the load's id is given."""

    connection: duckdb.DuckDBPyConnection
    dataset: Dataset
    load_id: int
    now: datetime
    rounded: dict[int, int]

    def land(self, files: Sequence[InspectedFile], progress: Progress) -> list[LedgerEntry]:
        """Land the files and say what each came to, in the same order."""
        for batch in _batches([each for each in files if each.file.form == "jsonl"]):
            self._land_json(batch)
            progress(sum(each.file.size for each in batch))
        for each in files:
            if each.file.form != "jsonl":
                self._land_table(each)
                progress(each.file.size)
        return self._entries(files)

    def _land_json(self, batch: Sequence[InspectedFile]) -> None:
        row_wise = [each for each in batch if each.facts.damaged or len(each.facts.customer_names) > 1]
        readable = [each for each in batch if each.facts.lines and each not in row_wise]
        left_out = read_json_files(self.connection, readable, self.dataset.fields) if readable else []
        if len(left_out) == len(readable) > 1:
            for each in readable:
                self._land_json([each])
        else:
            if len(left_out) < len(readable):
                wanted = self._keep_vouched(readable)
                for each in readable:
                    if lines := wanted.get(each.file_id):
                        self._judge(each, json_rows(each, self.dataset.fields, lines))
            row_wise += left_out
        for each in row_wise:
            self._judge(each, json_rows(each, self.dataset.fields, None))

    def _land_table(self, each: InspectedFile) -> None:
        if each.file.form == "parquet":
            if not read_parquet_file(self.connection, each, self.dataset.fields):
                refused = Judged()
                refused.add(1, Rejected("unreadable_file", {}))
                self._write(each, refused)
                return
        elif each.facts.damaged or not read_csv_file(
            self.connection, each, csv_header(each.file), self.dataset.fields
        ):
            self._judge(each, csv_file_rows(each, self.dataset.fields))
            return
        for lines in self._keep_vouched([each]).values():
            self._judge(each, parsed_rows(self.connection, self.dataset.fields, sorted(lines)))

    def _keep_vouched(self, files: Sequence[InspectedFile]) -> dict[int, set[int]]:
        """Write the vouched rows of `parsed`; return the lines of the others by file."""
        suspects = [(each.file_id, number) for each in files for number in each.facts.suspect_lines]
        self.connection.execute(
            "create or replace temp table suspects as select unnest(?::integer[]) as file_id, "
            "unnest(?::bigint[]) as line_number",
            [[file_id for file_id, _ in suspects], [number for _, number in suspects]],
        )
        vouched = f"({self.dataset.vouched})"
        if suspects:
            vouched += " and (file_id, line_number) not in (select (file_id, line_number) from suspects)"
        columns = ", ".join(raw_value(field.column) for field in self.dataset.fields)
        exported_at = ""
        if self.dataset.keeps_export_time:
            self._note_export_times(files)
            exported_at = "(select exported_at from exports where exports.file_id = parsed.file_id),"
        kept = self.connection.execute(
            f"insert into {self.dataset.table} select $load_id, file_id, line_number, {exported_at} {columns} "
            f"from parsed where {vouched}",
            {"load_id": self.load_id, "now": self.now.replace(tzinfo=None)},
        ).fetchone()
        total = self.connection.execute("select count(*) from lines_read").fetchone()
        if kept == total:
            return {}
        others: dict[int, set[int]] = {}
        for file_id, line_number in self.connection.execute(
            f"select file_id, line_number from parsed where ({vouched}) is not true",
            {"now": self.now.replace(tzinfo=None)},
        ).fetchall():
            others.setdefault(file_id, set()).add(line_number)
        return others

    def _note_export_times(self, files: Sequence[InspectedFile]) -> None:
        self.connection.execute(
            "create or replace temp table exports as select unnest(?) as file_id, unnest(?) as exported_at",
            [[each.file_id for each in files], [each.file.exported_at for each in files]],
        )

    def _judge(self, each: InspectedFile, rows: Iterator[Row]) -> None:
        for portion in judge_rows(rows, self.dataset.judge, self.now):
            self._write(each, portion)

    def _write(self, each: InspectedFile, judged: Judged) -> None:
        self.rounded[each.file_id] = self.rounded.get(each.file_id, 0) + judged.rounded
        if judged.accepted:
            columns = ", ".join(f"unnest(${field.column}::varchar[]) as {quoted(field.column)}" for field in self.dataset.fields)
            exported_at = "$exported_at::timestamp," if self.dataset.keeps_export_time else ""
            values: dict[str, object] = {field.column: judged.column(field.column) for field in self.dataset.fields}
            values |= {"load_id": self.load_id, "file_id": each.file_id, "lines": judged.accepted_lines}
            if exported_at:
                values["exported_at"] = each.file.exported_at
            self.connection.execute(
                f"""
                insert into {self.dataset.table}
                select $load_id, $file_id, line_number, {exported_at}
                    {", ".join(raw_value(field.column) for field in self.dataset.fields)}
                from (select unnest($lines::bigint[]) as line_number, {columns})
                """,
                values,
            )
        if judged.rejected:
            self.connection.execute(
                "insert into raw.rejected_lines select ?, ?, unnest(?::bigint[]), unnest(?::varchar[]), "
                "unnest(?::varchar[])",
                [
                    self.load_id,
                    each.file_id,
                    [number for number, _, _ in judged.rejected],
                    [reason for _, reason, _ in judged.rejected],
                    [json.dumps(values, ensure_ascii=False, sort_keys=True) for _, _, values in judged.rejected],
                ],
            )

    def _entries(self, files: Sequence[InspectedFile]) -> list[LedgerEntry]:
        total = "coalesce(sum(credits), 0)" if self.dataset.name == USAGE_RECORDS else "0"
        accepted = {
            file_id: (rows, credits)
            for file_id, rows, credits in self.connection.execute(
                f"select file_id, count(*), {total}::decimal(38, 9) from {self.dataset.table} where load_id = ? group by all",
                [self.load_id],
            ).fetchall()
        }
        rejected = dict(
            self.connection.execute(
                "select file_id, count(*) from raw.rejected_lines where load_id = ? group by all", [self.load_id]
            ).fetchall()
        )
        entries = []
        for each in files:
            rows, credits = accepted.get(each.file_id, (0, Decimal(0)))
            refused = rejected.get(each.file_id, 0)
            entries.append(
                LedgerEntry(rows + refused, rows, refused, f"{credits:f}", self.rounded.get(each.file_id, 0))
            )
        return entries


def _batches(files: Sequence[InspectedFile]) -> Iterator[list[InspectedFile]]:
    """Files that spell the customer's id alike, in portions that fit in memory."""
    for names in sorted({each.facts.customer_names for each in files}):
        batch: list[InspectedFile] = []
        weight = 0
        for each in files:
            if each.facts.customer_names != names:
                continue
            size = each.file.size * (1 if each.file.path.endswith(".jsonl") else 10)
            if batch and (weight + size > _BATCH_BYTES or len(batch) >= _BATCH_FILES):
                yield batch
                batch, weight = [], 0
            batch.append(each)
            weight += size
        if batch:
            yield batch
