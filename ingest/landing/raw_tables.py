"""The tables of schema `raw`: one for each input, and landing's own tables such as the ledger.

A build database with other table definitions is made again from landing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from ingest.landing.inputs import INPUTS


@dataclass(frozen=True)
class Book:
    """A table of landing's own. Without a description, nothing else reads it."""

    name: str
    columns: str
    description: str = ""

    @property
    def definition(self) -> str:
        """The table in SQL."""
        return f"create table if not exists raw.{self.name} ({' '.join(self.columns.split())});"


_BOOKS = (
    Book("schema_version", "version integer not null, definition varchar not null"),
    Book("landing_state", "listing varchar not null"),
    Book(
        "loads",
        "load_id integer not null, run_id varchar, landed_at timestamp not null",
        "One row per load, a landing step that found something new.",
    ),
    Book(
        "publications",
        """
        version varchar not null, last_load_id integer not null, published_at timestamp not null,
        models varchar not null
        """,
        "One row per published version, with the last load that it contains.",
    ),
    Book(
        "seen_files",
        """
        dataset varchar not null, path varchar not null, bytes bigint not null, modified_ns hugeint not null,
        changed_ns hugeint not null, sha256 varchar not null, file_id integer
        """,
        "One row per path that was seen, with the content of its file.",
    ),
    Book(
        "seen_bundles",
        """
        dataset varchar not null, path varchar not null, bytes bigint not null, modified_ns hugeint not null,
        changed_ns hugeint not null, reading_rules integer not null
        """,
    ),
    Book(
        "landed_files",
        """
        file_id integer not null, load_id integer not null, dataset varchar not null, path varchar not null,
        bytes bigint not null, sha256 varchar not null, exported_at timestamp not null,
        landed_at timestamp not null, lines bigint not null, accepted bigint not null, rejected bigint not null,
        credits_accepted decimal(38, 9) not null, credits_rounded bigint not null, reading_rules integer not null
        """,
        "One row per landed file content; the ledger.",
    ),
    Book(
        "rejected_lines",
        """
        load_id integer not null, file_id integer not null, line_number bigint not null, reason varchar not null,
        fields varchar
        """,
        "One row per refused line, with the reason.",
    ),
    Book(
        "rejected_counts",
        """
        load_id integer not null, file_id integer not null, reason varchar not null, lines bigint not null
        """,
    ),
    Book(
        "unread_files",
        """
        path varchar not null, kind varchar not null, reason varchar not null, size bigint, modified_ns hugeint,
        changed_ns hugeint, reading_rules integer not null, first_seen_at timestamp not null
        """,
        "One row per file or folder below `landing/` that did not land.",
    ),
    Book(
        "file_notices",
        """
        load_id integer not null, file_id integer not null, notice varchar not null, detail varchar not null,
        rows bigint not null
        """,
        "One row per notice about a landed file: something in it that a person should look at.",
    ),
)
RAW_TABLES = "\n".join(
    ("create schema if not exists raw;", *(table.definition for table in (*_BOOKS, *INPUTS.values())))
)
RAW_DESCRIPTIONS = {table.name: table.description for table in (*INPUTS.values(), *_BOOKS) if table.description}
"""The descriptions of the tables that others read."""


def raw_definition() -> str:
    """A hash over the definition of all raw tables."""
    return hashlib.sha256(RAW_TABLES.encode()).hexdigest()[:16]
