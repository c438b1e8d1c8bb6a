"""Brings a bucket and this disk together again after a run was killed while it switched a version in."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import duckdb

from ingest.errors import WarehouseError
from ingest.landing.publications import last_published_version, record_publication
from ingest.landing.warehouse import open_build_database
from ingest.object_urls import ObjectUrl
from ingest.settings import Settings
from orchestration.publish.switching_note import Switching, forget_switching, noted_switching
from orchestration.publish.version_folders import partial_folder, point_to, switch_to, version_folder
from orchestration.published_version import MANIFEST


def settle_switching(settings: Settings) -> None:
    """If a run was killed between its two switches, do the second one; if the first one never happened, the version
    stays unpublished. The caller holds the writer's lock, and has landed nothing yet.

    Raises:
        StorageError: the bucket can't be asked.
        OSError: the version can't be made current.
    """
    noted = noted_switching(settings)
    if noted is None:
        return
    if _is_published(settings, noted) and _switch(settings, noted.version):
        _record(settings, noted)
    forget_switching(settings)


def record_version(connection: duckdb.DuckDBPyConnection, version: str, models: str) -> None:
    """Note that a version contains all loads so far."""
    last = connection.execute("select coalesce(max(load_id), 0) from raw.loads").fetchone()
    record_publication(connection, version, last[0] if last else 0, datetime.now(UTC).replace(tzinfo=None), models)


def _is_published(settings: Settings, noted: Switching) -> bool:
    if not isinstance(settings.publish_to, ObjectUrl) or str(settings.publish_to) != noted.url:
        return False
    from ingest.object_storage import open_storage
    from orchestration.publish.published_pointer import read_pointer

    pointer = read_pointer(open_storage(settings.publish_to))
    return pointer is not None and pointer.version == noted.version


def _switch(settings: Settings, version: str) -> bool:
    """Make a version current on this disk, if its folder is there."""
    partial = partial_folder(settings, version)
    if (partial / MANIFEST).exists():
        switch_to(settings, partial, version)
        return True
    if (version_folder(settings, version) / MANIFEST).exists():
        point_to(settings, version)
        return True
    return False


def _record(settings: Settings, noted: Switching) -> None:
    """Note the publication, as the killed run would have done."""
    if not settings.build_database.exists():
        return
    # Without the note the next version writes all files again; a database that can't be opened is landing's to name.
    with suppress(WarehouseError), open_build_database(settings) as connection:
        if last_published_version(connection) != noted.version:
            record_version(connection, noted.version, noted.models)
