"""The file ledger: which paths were seen with which bytes, which contents have landed, and which loads are not
published.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from pathlib import Path
from typing import Any

import duckdb

from ingest.contract.datasets import USAGE_RECORDS
from ingest.contract.landing_files import LandingFile, ListedFolder, in_landing_order
from ingest.landing.file_bytes import InspectedFile
from ingest.landing.inputs import INPUTS
from ingest.landing.names import folder_columns


@dataclass(frozen=True)
class LedgerEntry:
    """The outcome of one landed file. `credits_accepted` is a decimal text with 9 places."""

    lines: int
    accepted: int
    rejected: int
    credits_accepted: str
    credits_rounded: int


READING_RULES = 3
"""The version of the rules for reading files; a release that reads files that earlier ones refused increases it."""


def unseen_files(connection: duckdb.DuckDBPyConnection, folders: Sequence[ListedFolder]) -> list[LandingFile]:
    """The listed files, in the order in which they land, whose path, size or times the ledger does not have, or that
    earlier reading rules refused in part.

    The time of the last change shows that a file was written again, even if its size and modification time are as
    before.
    """
    if not folders:
        return []
    with _given(connection, _columns(folders)) as given:
        rows = connection.execute(
            f"""
            select listed.place from {given} as listed
            anti join (
                select * from raw.seen_files
                where (dataset, sha256) not in (
                    select (dataset, sha256) from raw.landed_files where rejected > 0 and reading_rules < ?
                )
            ) as seen on {_IS_SEEN}
            """,
            [READING_RULES],
        ).fetchall()
    return in_landing_order(_at_places(folders, [place for (place,) in rows]))


@dataclass(frozen=True)
class Landed:
    """A file that is as it was when it landed, with the id and the SHA-256 of its content in the ledger."""

    file: LandingFile
    file_id: int
    sha256: str


def landed_as_listed(
    connection: duckdb.DuckDBPyConnection, folders: Sequence[ListedFolder], most_bytes: int
) -> list[Landed]:
    """The listed files up to a size that landed as they are listed, and that the last published version contains. Those
    that are left out, or that earlier reading rules refused in part, are not among them.
    """
    if not folders:
        return []
    with _given(connection, _columns(folders)) as given:
        rows = connection.execute(
            f"""
            select listed.place, landed.file_id, landed.sha256
            from {given} as listed
            inner join raw.seen_files as seen on {_IS_SEEN}
            inner join raw.landed_files as landed
                on seen.file_id = landed.file_id and seen.sha256 = landed.sha256 and seen.dataset = landed.dataset
            where
                listed.bytes <= $most_bytes
                and (landed.rejected = 0 or landed.reading_rules = $rules)
                and landed.load_id <= (select coalesce(max(last_load_id), 0) from raw.publications)
                and listed.path not in (select path from raw.unread_files)
            order by listed.place
            """,
            {"most_bytes": most_bytes, "rules": READING_RULES},
        ).fetchall()
    files = _at_places(folders, [place for place, *_ in rows])
    return [Landed(file, file_id, sha256) for file, (_, file_id, sha256) in zip(files, rows, strict=True)]


_IS_SEEN = """
    listed.path = seen.path and listed.dataset = seen.dataset and listed.bytes = seen.bytes
    and listed.modified_ns::hugeint = seen.modified_ns and listed.changed_ns::hugeint = seen.changed_ns
"""


def _columns(folders: Sequence[ListedFolder]) -> Mapping[str, Sequence[Any]]:
    """The files of folders, one after the other, as columns."""
    return {
        "dataset": [folder.dataset for folder in folders for _ in folder.names],
        "path": [path for folder in folders for path in folder.paths],
        "bytes": [size for folder in folders for size in folder.sizes],
        "modified_ns": _as_numbers([at for folder in folders for at in folder.modified_ns]),
        "changed_ns": _as_numbers([at for folder in folders for at in folder.changed_ns]),
        "place": range(sum(len(folder.names) for folder in folders)),
    }


def _at_places(folders: Sequence[ListedFolder], places: Iterable[int]) -> list[LandingFile]:
    """The files at these places among the files of all folders."""
    ends = list(accumulate(len(folder.names) for folder in folders))
    return [
        folders[at].file(place - ends[at]) for place, at in ((place, bisect_right(ends, place)) for place in places)
    ]


def _as_numbers(values: list[int]) -> Sequence[int] | list[str]:
    """Whole numbers for Arrow: as texts if one of them needs more than 64 bits."""
    return values if min(values) >= -(2**63) and max(values) < 2**63 else list(map(str, values))


@contextmanager
def _given(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, Sequence[Any]]) -> Iterator[str]:
    """The name of a table with these columns. Arrow takes very many values at little cost, as bound parameters do not.

    What is read from it must be fetched completely, since nothing can be registered while a statement still has rows.
    """
    import pyarrow

    connection.execute("select 1").fetchall()  # ends a statement before it that still has rows
    connection.register("given", pyarrow.table({name: pyarrow.array(values) for name, values in columns.items()}))
    try:
        yield "given"
    finally:
        connection.unregister("given")


@dataclass(frozen=True)
class KnownContent:
    """A landed content: its id, the form of its file, whether any of it was refused, and whether earlier rules read
    it.
    """

    file_id: int
    form: str
    is_refused: bool = False
    by_earlier_rules: bool = False


@dataclass(frozen=True)
class SeenContent:
    """What was last seen under a path: the hash, the id of its landed file, and the file's modification time."""

    sha256: str
    file_id: int | None
    modified_ns: int

    def is_still_in(self, file: LandingFile, sha256: str) -> bool:
        """Whether a file with this hash was copied or moved, and not delivered again: its modification time stayed."""
        return sha256 == self.sha256 and file.modified_ns == self.modified_ns


def known_contents(connection: duckdb.DuckDBPyConnection, hashes: Iterable[str]) -> dict[tuple[str, str], KnownContent]:
    """The landed contents with one of these hashes, by (dataset, identity); see `content_identity`."""
    with _given(connection, {"sha256": sorted({*hashes})}) as given:
        rows = connection.execute(
            f"""
            select file_id, dataset, path, bytes, sha256, exported_at, rejected > 0, reading_rules < {READING_RULES:d}
            from raw.landed_files semi join {given} as given using (sha256)
            order by file_id
            """
        ).fetchall()
    known: dict[tuple[str, str], KnownContent] = {}
    for file_id, dataset, path, size, sha256, exported_at, is_refused, by_earlier_rules in rows:
        file = LandingFile(dataset, path, Path(path), size, 0)
        identity = content_identity(file, sha256, exported_at)
        known[dataset, identity] = KnownContent(file_id, file.form, is_refused, by_earlier_rules)
    return known


def latest_contents(connection: duckdb.DuckDBPyConnection, files: Sequence[LandingFile]) -> dict[str, SeenContent]:
    """What was last seen under the path of each of these files, by path."""
    given = {"dataset": [file.dataset for file in files], "path": [file.path for file in files]}
    with _given(connection, given) as name:
        rows = connection.execute(
            "select path, sha256, file_id, modified_ns from raw.seen_files "
            f"semi join {name} as given using (dataset, path)"
        ).fetchall()
    return {path: SeenContent(sha256, file_id, modified_ns) for path, sha256, file_id, modified_ns in rows}


def content_identity(file: LandingFile, sha256: str, exported_at: datetime | None = None) -> str:
    """What makes two deliveries the same: the bytes, and the values that the folders give; for exports also the time of
    the export (`exported_at`, else that of the file), since the same table may be valid again later. An empty file is
    one content for each form.
    """
    parts = [sha256]
    if not INPUTS[file.dataset].is_observed_once:
        parts.append((exported_at or file.exported_at).isoformat())
    if not file.size:
        parts.append(file.form)
    if "=" in file.path:
        stated = folder_columns(INPUTS[file.dataset].fields, file.folder_values)
        parts += (f"{column}={value}" for column, value in sorted(stated.items()))
    return "\0".join(parts)


def mark_seen(connection: duckdb.DuckDBPyConnection, seen: Sequence[tuple[LandingFile, str, int | None]]) -> None:
    """Remember the bytes under each path, so that they are not read again: the file, its hash, and the id of its landed
    file. Members of bundles are left to their bundle, since another file may have the same path.
    """
    seen = [row for row in seen if row[0].has_own_path]
    if not seen:
        return
    columns = {
        "dataset": [file.dataset for file, _, _ in seen],
        "path": [file.path for file, _, _ in seen],
        "bytes": [file.size for file, _, _ in seen],
        "modified_ns": _as_numbers([file.modified_ns for file, _, _ in seen]),
        "changed_ns": _as_numbers([file.changed_ns for file, _, _ in seen]),
        "sha256": [sha256 for _, sha256, _ in seen],
        "file_id": [file_id for _, _, file_id in seen],
    }
    with _given(connection, columns) as given:
        connection.execute(
            f"delete from raw.seen_files where (dataset, path) in (select (dataset, path) from {given})"
        ).fetchall()
        connection.execute(
            f"insert into raw.seen_files ({', '.join(columns)}) select {', '.join(columns)} from {given}"
        ).fetchall()


def keep_earlier_reading(connection: duckdb.DuckDBPyConnection, inspected: InspectedFile) -> None:
    """Note that these rules have read a content again, and that its earlier outcome counts."""
    connection.execute(
        "update raw.landed_files set reading_rules = ? where file_id = ?", [READING_RULES, inspected.file_id]
    )
    mark_seen(connection, [(inspected.file, inspected.facts.sha256, inspected.file_id)])


def record_landed(
    connection: duckdb.DuckDBPyConnection,
    load_id: int,
    landed_at: datetime,
    landed: Sequence[tuple[InspectedFile, LedgerEntry]],
    reread: AbstractSet[int],
) -> None:
    """Write the ledger's rows of a load. A file that was read again (`reread`: its file ids) keeps its row, with its
    new outcome and path.
    """
    if not landed:
        return
    columns = {
        "file_id": [inspected.file_id for inspected, _ in landed],
        "load_id": [load_id] * len(landed),
        "dataset": [inspected.file.dataset for inspected, _ in landed],
        "path": [inspected.file.path for inspected, _ in landed],
        "bytes": [inspected.file.size for inspected, _ in landed],
        "sha256": [inspected.facts.sha256 for inspected, _ in landed],
        "exported_at": [inspected.file.exported_at for inspected, _ in landed],
        "landed_at": [landed_at] * len(landed),
        "lines": [entry.lines for _, entry in landed],
        "accepted": [entry.accepted for _, entry in landed],
        "rejected": [entry.rejected for _, entry in landed],
        "credits_accepted": [entry.credits_accepted for _, entry in landed],
        "credits_rounded": [entry.credits_rounded for _, entry in landed],
        "reading_rules": [READING_RULES] * len(landed),
    }
    first_landing = ("file_id", "dataset", "bytes", "sha256", "exported_at")
    changes = ", ".join(f"{name} = given.{name}" for name in columns if name not in first_landing)
    with _given(connection, columns) as given:
        if reread:
            connection.execute(
                f"update raw.landed_files set {changes} from {given} as given "
                "where given.file_id = landed_files.file_id"
            ).fetchall()
        connection.execute(
            f"insert into raw.landed_files ({', '.join(columns)}) select {', '.join(columns)} from {given} "
            "where file_id not in (select unnest(?::integer[])) order by file_id",
            [sorted(reread)],
        ).fetchall()
    mark_seen(connection, [(inspected.file, inspected.facts.sha256, inspected.file_id) for inspected, _ in landed])


def ledger_differences(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The paths of landed files whose raw rows or credits differ from the ledger."""
    others = " union all ".join(
        f"select file_id, count(*) as accepted from {entry.table} group by file_id"
        for entry in INPUTS.values()
        if entry.name != USAGE_RECORDS
    )
    rows = connection.execute(
        f"""
        with held as (
            select file_id, count(*) as accepted, coalesce(sum(credits), 0) as credits
            from raw.usage_records group by file_id
        ),

        mapped as (
            {others}
        ),

        refused_lines as (
            select file_id, 1 as lines from raw.rejected_lines
            union all
            select file_id, lines from raw.rejected_counts
        ),

        refused as (select file_id, sum(lines) as rejected from refused_lines group by file_id)

        select coalesce(landed_files.path, 'file ' || coalesce(held.file_id, mapped.file_id, refused.file_id))
        from raw.landed_files
        full join held on held.file_id = landed_files.file_id
        full join mapped on mapped.file_id = landed_files.file_id
        full join refused on refused.file_id = landed_files.file_id
        where
            landed_files.accepted is distinct from coalesce(held.accepted, mapped.accepted, 0)
            or landed_files.rejected is distinct from coalesce(refused.rejected, 0)
            or landed_files.credits_accepted is distinct from coalesce(held.credits, 0)
            or landed_files.lines is distinct from landed_files.accepted + landed_files.rejected
        order by 1
        """
    ).fetchall()
    return [row[0] for row in rows]
