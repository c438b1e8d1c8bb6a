"""Notes in the build database of what a landing left out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import duckdb

from ingest.contract.landing_files import LandingFile
from ingest.contract.landing_listing import Listing
from ingest.contract.left_out import CANT_BE_OPENED, LeftOut
from ingest.landing import ledger


def set_aside_before(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, int, int, int], LeftOut]:
    """The exports that these reading rules set aside, by path, size and times; see `listed_as`."""
    rows = connection.execute(
        "select path, size, modified_ns, changed_ns, reason from raw.unread_files "
        "where kind = 'set_aside' and reading_rules = ?",
        [ledger.READING_RULES],
    ).fetchall()
    return {tuple(key): LeftOut(key[0], reason, key[1], "set_aside") for *key, reason in rows}


def listed_as(file: LandingFile) -> tuple[str, int, int, int]:
    """Path, size, modification time and time of the last change of a file."""
    return file.path, file.size, file.modified_ns, file.changed_ns


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
    kept = [left for left in left_out if left.kind != "changed"]
    named = {left.path for left in kept}
    times = {
        path: (modified, changed)
        for folder in (listing.folders if named else ())
        for path, modified, changed in zip(folder.paths, folder.modified_ns, folder.changed_ns, strict=True)
        if path in named
    }
    times |= {bundle.path: (bundle.modified_ns, bundle.changed_ns) for bundle in listing.bundles}
    connection.execute(
        """
        create or replace temp table left_out as
        select
            unnest($paths::varchar[]) as path, unnest($kinds::varchar[]) as kind, unnest($reasons::varchar[]) as reason,
            unnest($sizes::bigint[]) as size, unnest($modified::hugeint[]) as modified_ns,
            unnest($changed::hugeint[]) as changed_ns
        """,
        {
            "paths": [left.path for left in kept],
            "kinds": [left.kind for left in kept],
            "reasons": [left.reason for left in kept],
            "sizes": [left.size for left in kept],
            "modified": [times.get(left.path, (None, None))[0] for left in kept],
            "changed": [times.get(left.path, (None, None))[1] for left in kept],
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
        insert into raw.unread_files (path, kind, reason, size, modified_ns, changed_ns, reading_rules, first_seen_at)
        select path, kind, reason, size, modified_ns, changed_ns, ?, first_seen_at from left_out_since order by path
        """,
        [ledger.READING_RULES],
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
