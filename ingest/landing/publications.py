"""Which loads the published versions contain."""

from __future__ import annotations

from datetime import datetime

import duckdb


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


def forget_built_models(connection: duckdb.DuckDBPyConnection) -> None:
    """Let the next build make all tables again: rows that they were built from are gone or moved."""
    connection.execute("update raw.publications set models = ''")
