"""The file ledger: which paths were seen with which bytes, which contents have landed, and which loads are not
published.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from ingest.contract.landing_files import USAGE_RECORDS, LandingFile, Listing
from ingest.contract.left_out import CANT_BE_OPENED, LeftOut
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


def unseen_files(connection: duckdb.DuckDBPyConnection, files: Iterable[LandingFile]) -> list[LandingFile]:
    """The files whose path, size or modification time the ledger does not have, or that earlier reading rules refused
    in part.
    """
    known = set(
        connection.execute(
            """
            select dataset, path, bytes, modified_ns from raw.seen_files
            where (dataset, sha256) not in (
                select (dataset, sha256) from raw.landed_files where rejected > 0 and reading_rules < ?
            )
            """,
            [READING_RULES],
        ).fetchall()
    )
    return [file for file in files if (file.dataset, file.path, file.size, file.modified_ns) not in known]


def set_aside_before(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, int, int], LeftOut]:
    """The exports that these reading rules set aside, by path, size and modification time."""
    rows = connection.execute(
        "select path, size, modified_ns, reason from raw.unread_files where kind = 'set_aside' and reading_rules = ?",
        [READING_RULES],
    ).fetchall()
    return {(path, size, at): LeftOut(path, reason, size, "set_aside") for path, size, at, reason in rows}


def note_left_out(
    connection: duckdb.DuckDBPyConnection, listing: Listing, left_out: Sequence[LeftOut], now: datetime
) -> None:
    """Keep the listing that a landing worked from, and what it left out, with the time when each was first seen (`now`:
    naive UTC). If a file changed meanwhile, which may look unchanged to the next run, the listing is kept as
    incomplete.
    """
    complete = not any(left.kind == "changed" for left in left_out)
    connection.execute("delete from raw.landing_state")
    connection.execute(
        "insert into raw.landing_state (listing) values (?)", [listing.fingerprint if complete else "incomplete"]
    )
    modified = {file.path: file.modified_ns for file in listing.files}
    kept = [left for left in left_out if left.kind != "changed"]
    connection.execute(
        """
        create or replace temp table left_out as
        select
            unnest($paths::varchar[]) as path, unnest($kinds::varchar[]) as kind, unnest($reasons::varchar[]) as reason,
            unnest($sizes::bigint[]) as size, unnest($modified::hugeint[]) as modified_ns
        """,
        {
            "paths": [left.path for left in kept],
            "kinds": [left.kind for left in kept],
            "reasons": [left.reason for left in kept],
            "sizes": [left.size for left in kept],
            "modified": [modified.get(left.path) for left in kept],
        },
    )
    connection.execute(
        """
        create or replace temp table left_out_since as
        select left_out.*, coalesce(before.first_seen_at, $now) as first_seen_at
        from left_out
        left join raw.unread_files as before on before.path = left_out.path and before.kind = left_out.kind
        """,
        {"now": now},
    )
    connection.execute("delete from raw.unread_files")
    connection.execute(
        """
        insert into raw.unread_files (path, kind, reason, size, modified_ns, reading_rules, first_seen_at)
        select path, kind, reason, size, modified_ns, ?, first_seen_at from left_out_since order by path
        """,
        [READING_RULES],
    )


def refused_to_open(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The paths of the listed files that could not be opened: each run tries them again, even if the listing is
    unchanged.
    """
    rows = connection.execute(
        "select path from raw.unread_files where kind = 'unreadable' and modified_ns is not null "
        "and starts_with(reason, ?) order by path",
        [CANT_BE_OPENED],
    ).fetchall()
    return [row[0] for row in rows]


def pending_loads(connection: duckdb.DuckDBPyConnection) -> list[int]:
    """The loads that no published version contains yet."""
    rows = connection.execute(
        """
        select load_id from raw.loads
        where load_id > (select coalesce(max(last_load_id), 0) from raw.publications)
        order by load_id
        """
    ).fetchall()
    return [row[0] for row in rows]


def last_published_models(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Fingerprint of the models that built the last published version."""
    return _last_publication(connection)[1]


def last_published_version(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The name of the last published version; of two with the same loads, the later one."""
    return _last_publication(connection)[0]


def _last_publication(connection: duckdb.DuckDBPyConnection) -> tuple[str | None, str | None]:
    # By loads first, since a clock may have gone back between two versions.
    row = connection.execute(
        "select version, models from raw.publications order by last_load_id desc, published_at desc limit 1"
    ).fetchone()
    return (row[0], row[1]) if row else (None, None)


def record_publication(
    connection: duckdb.DuckDBPyConnection, version: str, last_load_id: int, published_at: datetime, models: str
) -> None:
    """Note that a version contains all loads up to `last_load_id`."""
    connection.execute(
        "insert into raw.publications (version, last_load_id, published_at, models) values (?, ?, ?, ?)",
        [version, last_load_id, published_at, models],
    )


@dataclass(frozen=True)
class KnownContent:
    """A landed content: its id, the form of its file, and whether any of it was refused."""

    file_id: int
    form: str
    is_refused: bool = False


def known_contents(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], KnownContent]:
    """The landed contents by (dataset, identity); see `content_identity`."""
    known: dict[tuple[str, str], KnownContent] = {}
    for file_id, dataset, path, size, sha256, exported_at, rejected in connection.execute(
        "select file_id, dataset, path, bytes, sha256, exported_at, rejected from raw.landed_files order by file_id"
    ).fetchall():
        file = LandingFile(dataset, path, Path(path), size, 0)
        known[dataset, content_identity(file, sha256, exported_at)] = KnownContent(file_id, file.form, rejected > 0)
    return known


def latest_content(connection: duckdb.DuckDBPyConnection, file: LandingFile) -> tuple[str | None, int | None]:
    """The hash last seen under this path, and the id of its landed file."""
    row = connection.execute(
        "select sha256, file_id from raw.seen_files where dataset = ? and path = ?", [file.dataset, file.path]
    ).fetchone()
    return (row[0], row[1]) if row else (None, None)


def content_identity(file: LandingFile, sha256: str, exported_at: datetime) -> str:
    """What makes two deliveries the same: the bytes, and the values that the folders give; for exports also the time of
    the export, since the same table may be valid again later. An empty file is one content for each form.
    """
    parts = [sha256]
    if not INPUTS[file.dataset].is_observed_once:
        parts.append(exported_at.isoformat())
    if not file.size:
        parts.append(file.form)
    if "=" in file.path:
        stated = folder_columns(INPUTS[file.dataset].fields, file.folder_values)
        parts += (f"{column}={value}" for column, value in sorted(stated.items()))
    return "\0".join(parts)


def mark_seen(connection: duckdb.DuckDBPyConnection, file: LandingFile, sha256: str, file_id: int | None) -> None:
    """Remember the bytes under this path, so that they are not read again; `file_id` is their landed file."""
    connection.execute("delete from raw.seen_files where dataset = ? and path = ?", [file.dataset, file.path])
    connection.execute(
        "insert into raw.seen_files (dataset, path, bytes, modified_ns, sha256, file_id) values (?, ?, ?, ?, ?, ?)",
        [file.dataset, file.path, file.size, file.modified_ns, sha256, file_id],
    )


def keep_earlier_reading(connection: duckdb.DuckDBPyConnection, inspected: InspectedFile) -> None:
    """Note that these rules have read a content again, and that its earlier outcome counts."""
    connection.execute(
        "update raw.landed_files set reading_rules = ? where file_id = ?", [READING_RULES, inspected.file_id]
    )
    mark_seen(connection, inspected.file, inspected.facts.sha256, inspected.file_id)


def forget_built_models(connection: duckdb.DuckDBPyConnection) -> None:
    """Let the next build make all tables again: rows that they were built from are gone or moved."""
    connection.execute("update raw.publications set models = ''")


def record_landed(
    connection: duckdb.DuckDBPyConnection,
    load_id: int,
    landed_at: datetime,
    landed: Iterable[tuple[InspectedFile, LedgerEntry]],
    reread: AbstractSet[int],
) -> None:
    """Write the ledger's rows of a load. A file that was read again (`reread`: its file ids) keeps its row, with its
    new outcome and path.
    """
    for inspected, entry in landed:
        values = {
            "load_id": load_id,
            "landed_at": landed_at,
            "lines": entry.lines,
            "accepted": entry.accepted,
            "rejected": entry.rejected,
            "credits_accepted": entry.credits_accepted,
            "credits_rounded": entry.credits_rounded,
            "reading_rules": READING_RULES,
            "path": inspected.file.path,
        }
        if inspected.file_id in reread:
            changes = ", ".join(f"{name} = ${name}" for name in values)
            connection.execute(
                f"update raw.landed_files set {changes} where file_id = $file_id",
                {"file_id": inspected.file_id, **values},
            )
        else:
            values |= {
                "file_id": inspected.file_id,
                "dataset": inspected.file.dataset,
                "bytes": inspected.file.size,
                "sha256": inspected.facts.sha256,
                "exported_at": inspected.file.exported_at,
            }
            given = ", ".join(f"${name}" for name in values)
            connection.execute(f"insert into raw.landed_files ({', '.join(values)}) values ({given})", values)
        mark_seen(connection, inspected.file, inspected.facts.sha256, inspected.file_id)


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
