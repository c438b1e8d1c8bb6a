"""The private build database: opens it, makes its `raw` schema, and holds the writer's lock."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ingest.error_lines import access_fault, no_access_to, owner_of, safe_line, storage_fault
from ingest.errors import DamagedError, HomeError, LockedError, NewerWarehouseError, OlderWarehouseError, WarehouseError
from ingest.landing.raw_tables import RAW_TABLES, raw_definition
from ingest.settings import Settings
from ingest.sql_text import literal

SCHEMA_VERSION = 2
MARTS_STORAGE_VERSION = "v1.0.0"
"""The oldest file format that DuckDB clients from 1.1 on read; see docs/decisions/0001."""


_DAMAGE = (
    "not a valid DuckDB database file",
    "Corrupt database file",
    "Could not read enough bytes",
    "Failure while replaying WAL",
    "Serialization Error",
    "INTERNAL Error",
    "database file with version number",
)
"""DuckDB's messages about a file that is cut, overwritten, or from a newer DuckDB."""
_NO_DAMAGE = (
    "Permission denied",
    "Operation not permitted",
    "Is a directory",
    "Not a directory",
    "Too many levels of symbolic links",
    "Too many open files",
)
"""The operating system's reasons for not opening a file that may be sound; `storage_fault` has the others."""


def prepare_folders(settings: Settings) -> None:
    """Make the folders of the home that the pipeline writes, for their owner only.

    Existing files below them are checked too, so that no build is made that could not be kept.

    Raises:
        HomeError: a folder can't be made, or it or something in it can't be written.
    """
    for folder in (settings.warehouse, settings.quarantine, settings.published, settings.logs):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if folder != settings.published:
                folder.chmod(0o700)
        except OSError as error:
            if error.errno == errno.EPERM:
                raise HomeError(f"{no_access_to(folder)}.") from None
            raise HomeError(f"{folder} cannot be made ({error.strerror}): check CREDITS_HOME and its owner.") from None
        _require_writable(folder)
    for path in _written_below(settings):
        _require_writable(path)


def _written_below(settings: Settings) -> Iterator[Path]:
    """Files of an earlier run that are written again; of dbt's files those that it reads first."""
    parsed = settings.warehouse / "dbt"
    for path in (settings.warehouse / "spill", settings.published / "versions", parsed):
        if path.is_dir():
            yield path
    yield from parsed.glob("*")
    yield from parsed.glob("*/*")


def _require_writable(path: Path) -> None:
    if not os.access(path, os.W_OK | (os.X_OK if path.is_dir() else 0)):
        raise HomeError(f"{no_access_to(path)}.")


@contextmanager
def open_build_database(settings: Settings, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the build database, and make its `raw` tables if they are missing.

    Raises:
        DamagedError: its file is damaged.
        WarehouseError: it can't be opened.
        NewerWarehouseError: a newer version of this project wrote it.
        OlderWarehouseError: its raw tables have another definition.
        LockedError: another process has it open.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": str(settings.threads),
        "memory_limit": settings.memory_limit,
        "temp_directory": str(settings.warehouse / "spill"),
    }
    try:
        connection = duckdb.connect(str(settings.build_database), read_only=read_only, config=config)
    except duckdb.Error as error:
        raise unusable(settings.build_database, error) from None
    try:
        try:
            connection.execute("set TimeZone = 'UTC'")
            _check_raw_tables(connection, settings, may_write=not read_only)
        except duckdb.Error as error:
            raise unusable(settings.build_database, error) from None
        yield connection
    finally:
        connection.close()


def is_damage(text: str) -> bool:
    """Whether DuckDB says that a file is damaged, without a reason of the operating system."""
    return any(words in text for words in _DAMAGE) and not any(words in text for words in _NO_DAMAGE)


def unusable(database: Path, error: duckdb.Error) -> WarehouseError:
    """The project's own error for a build database that DuckDB could not open or read."""
    text = str(error)
    if "Could not set lock" in text:
        return LockedError(f"{database} is open in another process: close it, then run again.")
    if fault := storage_fault(error, database.parent):
        return WarehouseError(f"{database} cannot be opened: {fault}.")
    if any(words in text for words in _NO_DAMAGE):
        advice = "run as that user, or give the whole home to one user with `chown -R`"
        if not access_fault(text):
            advice = "check what it is, its owner and mode"
        return WarehouseError(f"{database} cannot be opened ({safe_line(error)}; {owner_of(database)}): {advice}.")
    if is_damage(text):
        return DamagedError(
            f"{database} is damaged ({safe_line(error)}): run `credits rebuild`, which makes it again from landing."
        )
    return WarehouseError(
        f"{database} cannot be used ({safe_line(error)}): run again; if that says the same, `credits rebuild` makes "
        "it again from landing."
    )


def _check_raw_tables(connection: duckdb.DuckDBPyConnection, settings: Settings, *, may_write: bool) -> None:
    try:
        found = _schema_version(connection)
    except duckdb.CatalogException:
        if not may_write:
            raise
        connection.begin()
        connection.execute(RAW_TABLES)
        connection.execute(
            "insert into raw.schema_version (version, definition) values (?, ?)", [SCHEMA_VERSION, raw_definition()]
        )
        connection.commit()
        return
    version, known = found or (0, None)
    if version > SCHEMA_VERSION:
        raise NewerWarehouseError(
            f"{settings.build_database} was written by a newer version of this project (schema {version}, this one "
            f"knows {SCHEMA_VERSION}): install that version, or run `credits rebuild` to go back."
        )
    if known != raw_definition():
        raise OlderWarehouseError(
            f"{settings.build_database} was written by another version of this project: run `credits run`, which lands "
            "everything again."
        )


def _schema_version(connection: duckdb.DuckDBPyConnection) -> tuple[int, str | None] | None:
    """The version of the raw tables, and their definition; a version from before definitions were stored has none."""
    newest = "from raw.schema_version order by version desc limit 1"
    try:
        return connection.execute(f"select version, definition {newest}").fetchone()
    except duckdb.BinderException:
        return connection.execute(f"select version, null {newest}").fetchone()


def make_marts_database(settings: Settings) -> None:
    """Make the file of the public tables if it is missing, in a format that older DuckDB clients can read.

    Raises:
        WarehouseError: it can't be made.
    """
    if settings.marts_database.exists():
        return
    with _attached_marts(settings) as connection:
        connection.execute("create schema if not exists marts.marts")


def check_marts_database(settings: Settings) -> None:
    """Open the file of the public tables as a build does, before a build begins.

    Raises:
        DamagedError: its file is damaged, or not a database of public tables.
        WarehouseError: it can't be opened for writing.
        LockedError: another process has it open.
    """
    with _attached_marts(settings) as connection:
        schema = connection.execute(
            "select 1 from duckdb_schemas() where database_name = 'marts' and schema_name = 'marts'"
        ).fetchone()
    if not schema:
        raise DamagedError(f"{settings.marts_database} is not a database of public tables: run `credits rebuild`.")


@contextmanager
def _attached_marts(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        with duckdb.connect(config={"storage_compatibility_version": MARTS_STORAGE_VERSION}) as connection:
            connection.execute(f"attach {literal(settings.marts_database)} as marts")
            yield connection
    except duckdb.Error as error:
        raise unusable(settings.marts_database, error) from None


@contextmanager
def writer_lock(settings: Settings, purpose: str) -> Iterator[None]:
    """Hold the writer's lock of the warehouse; wait for another holder as long as the settings say.

    The operating system frees the lock when its process ends, however it ends.

    Raises:
        LockedError: another process still holds it; the message names that process.
        HomeError: the lock's file, or a folder of the home, can't be written.
    """
    prepare_folders(settings)
    path = settings.warehouse / ".lock"
    try:
        file = path.open("a+", encoding="utf-8")
    except PermissionError:
        raise HomeError(f"{no_access_to(path)}.") from None
    with file:
        deadline = time.monotonic() + settings.lock_wait_seconds
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise LockedError(_held(settings, path)) from None
                time.sleep(0.2)
        file.seek(0)
        file.truncate()
        started = datetime.now(UTC).isoformat(timespec="seconds")
        json.dump({"pid": os.getpid(), "host": socket.gethostname(), "purpose": purpose, "since": started}, file)
        file.flush()
        try:
            yield
        finally:
            file.seek(0)
            file.truncate()


def _held(settings: Settings, path: Path) -> str:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
        who = f"process {holder['pid']} on {holder['host']} ({holder['purpose']}, since {holder['since']})"
    except (OSError, ValueError, KeyError):
        who = "another process"
    return f"{who} is writing the warehouse {settings.warehouse}: wait for it, or raise CREDITS_LOCK_WAIT_SECONDS."
