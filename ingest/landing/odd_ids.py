"""Notices about ids that landed unchanged, but look like another program's mistake.

Only tables have such ids, since JSON distinguishes texts, numbers and absent values.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from ingest.contract.left_out import Notice
from ingest.landing.file_bytes import InspectedFile
from ingest.landing.input_types import LineInput
from ingest.landing.raw_writing import RawWriter
from ingest.sql_text import literal, quoted

_WORDS_FOR_NOTHING = (
    *("nan", "none", "null", "nil", "nat", "undefined", "n/a", "#n/a", "<na>", "<null>", "(null)", "[null]", "\\n"),
)
_LONGEST_WORD = 16
"""The length of the word with blanks around it. Most ids are longer."""
_KINDS = (
    (
        "cut_ids",
        "ids in scientific notation are numbers that a spreadsheet has cut; export them as text",
        r"contains({id}, '+') and regexp_full_match({id}, '-?[0-9]([.,][0-9]+)?[eE]\+[0-9]+')",
    ),
    (
        "padded_ids",
        "ids with blanks around them match no id without; export them trimmed",
        # ASCII blanks sort before everything else; each of the others has several bytes.
        r"(left({id}, 1) < '!' or right({id}, 1) < '!' or strlen({id}) <> length({id})) "
        r"and regexp_matches({id}, '^[\s\pZ]|[\s\pZ]$')",
    ),
    (
        "ids_for_nothing",
        "ids look like a program's word for nothing (such as nan or NULL); leave them empty",
        f"strlen({{id}}) <= {_LONGEST_WORD} and lower(trim({{id}})) in ({', '.join(map(literal, _WORDS_FOR_NOTHING))})",
    ),
)
"""The word of a notice, its text, and the condition for its ids; cheap conditions come first."""


def note_odd_ids(
    connection: duckdb.DuckDBPyConnection, dataset: LineInput, writer: RawWriter, files: Sequence[InspectedFile]
) -> None:
    """Note how many rows of each of these files have such ids, among those that this load has just written."""
    columns = [quoted(column.name) for column in dataset.columns if column.kind.is_id]
    if not files or not columns:
        return
    counts = (
        f"count(case when {' or '.join(f'({condition.format(id=column)})' for column in columns)} then 1 end)"
        for _, _, condition in _KINDS
    )
    found = connection.execute(
        f"select file_id, {', '.join(counts)} from {dataset.table} "
        "where load_id = ? and file_id in (select unnest(?::integer[])) group by file_id",
        [writer.load_id, [inspected.file_id for inspected in files]],
    ).fetchall()
    by_id = {inspected.file_id: inspected for inspected in files}
    for file_id, *rows in found:
        for (notice, detail, _), count in zip(_KINDS, rows, strict=True):
            if count:
                writer.notice(by_id[file_id], Notice(notice, detail, count))
