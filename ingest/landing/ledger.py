"""The file ledger: which paths were seen with which bytes, which contents have landed, what is not published yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from ingest.landing.file_bytes import InspectedFile
from ingest.landing.files import FOLDERS, OBSERVED_ONCE, LandingFile, ready_files
from ingest.settings import Settings


@dataclass(frozen=True)
class LedgerEntry:
    """What one landed file came to. `credits_accepted` is a decimal text with 9 places."""

    lines: int
    accepted: int
    rejected: int
    credits_accepted: str
    credits_rounded: int


def unseen_files(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[LandingFile]:
    """Ready files whose path, size or modification time the ledger does not know.

    Raises:
        HomeError: a landing folder cannot be read.
    """
    known = set(connection.execute("select dataset, path, bytes, modified_ns from raw.seen_files").fetchall())
    return [
        file
        for dataset in FOLDERS
        for file in ready_files(settings.landing, dataset)
        if (dataset, file.path, file.size, file.modified_ns) not in known
    ]


def pending_loads(connection: duckdb.DuckDBPyConnection) -> list[int]:
    """Loads that no published version holds yet."""
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
    """Name of the last published version: of two that hold the same loads, the later one."""
    return _last_publication(connection)[0]


def _last_publication(connection: duckdb.DuckDBPyConnection) -> tuple[str | None, str | None]:
    # By loads first: a clock may have gone back between two versions.
    row = connection.execute(
        "select version, models from raw.publications order by last_load_id desc, published_at desc limit 1"
    ).fetchone()
    return (row[0], row[1]) if row else (None, None)


def record_publication(
    connection: duckdb.DuckDBPyConnection, version: str, last_load_id: int, published_at: datetime, models: str
) -> None:
    """Note that a version holds all loads up to `last_load_id`."""
    connection.execute(
        "insert into raw.publications values (?, ?, ?, ?)", [version, last_load_id, published_at, models]
    )


def known_contents(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """What the ledger holds already, as (dataset, identity); see `content_identity`."""
    landed = connection.execute("select dataset, sha256, exported_at, path from raw.landed_files").fetchall()
    return {(dataset, content_identity(dataset, sha256, exported_at)) for dataset, sha256, exported_at, _ in landed}


def latest_content(connection: duckdb.DuckDBPyConnection, file: LandingFile) -> str | None:
    """The hash last seen under this path."""
    row = connection.execute(
        "select sha256 from raw.seen_files where dataset = ? and path = ?", [file.dataset, file.path]
    ).fetchone()
    return row[0] if row else None


def content_identity(dataset: str, sha256: str, exported_at: datetime) -> str:
    """What makes two deliveries the same: the bytes; for exports the time of the export too, since the same table may
    hold again later on.
    """
    return sha256 if dataset in OBSERVED_ONCE else f"{sha256} {exported_at.isoformat()}"


def mark_seen(connection: duckdb.DuckDBPyConnection, file: LandingFile, sha256: str, file_id: int | None) -> None:
    """Remember the bytes under this path, so that they are not read again."""
    connection.execute("delete from raw.seen_files where dataset = ? and path = ?", [file.dataset, file.path])
    connection.execute(
        "insert into raw.seen_files values (?, ?, ?, ?, ?, ?)",
        [file.dataset, file.path, file.size, file.modified_ns, sha256, file_id],
    )


def record_landed(
    connection: duckdb.DuckDBPyConnection,
    load_id: int,
    landed_at: datetime,
    files: Sequence[InspectedFile],
    entries: Iterable[LedgerEntry],
) -> None:
    """Write the ledger's lines of a load."""
    for each, entry in zip(files, entries, strict=True):
        connection.execute(
            "insert into raw.landed_files values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::decimal(38, 9), ?)",
            [
                each.file_id,
                load_id,
                each.file.dataset,
                each.file.path,
                each.file.size,
                each.facts.sha256,
                each.file.exported_at,
                landed_at,
                entry.lines,
                entry.accepted,
                entry.rejected,
                entry.credits_accepted,
                entry.credits_rounded,
            ],
        )
        mark_seen(connection, each.file, each.facts.sha256, each.file_id)


def ledger_differences(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Paths of landed files whose raw rows or credits are not what the ledger says."""
    rows = connection.execute(
        """
        with held as (
            select file_id, count(*) as accepted, coalesce(sum(credits), 0) as credits
            from raw.usage_records group by file_id
        ),

        mapped as (
            select file_id, count(*) as accepted from raw.interactions group by file_id
            union all select file_id, count(*) from raw.users group by file_id
            union all select file_id, count(*) from raw.tenants group by file_id
            union all select file_id, count(*) from raw.rates group by file_id
            union all select file_id, count(*) from raw.quotas group by file_id
            union all select file_id, count(*) from raw.adjustments group by file_id
            union all select file_id, count(*) from raw.period_events group by file_id
            union all select file_id, count(*) from raw.closed_charges group by file_id
            union all select file_id, count(*) from raw.closed_lines group by file_id
            union all select file_id, count(*) from raw.corti_interactions group by file_id
            union all select file_id, count(*) from raw.corti_resources group by file_id
            union all select file_id, count(*) from raw.corti_pulls group by file_id
            union all select file_id, count(*) from raw.provider_consumption group by file_id
        ),

        refused as (select file_id, count(*) as rejected from raw.rejected_lines group by file_id)

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
