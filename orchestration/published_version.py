"""Reads the published version: its folder, its manifest, and its tables for a notebook.

::

    from orchestration.published_version import published
    published("agg_credits_daily")          # a pandas DataFrame of the current version
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ingest.error_lines import safe_line
from ingest.errors import CreditsError, SettingsError
from ingest.settings import Settings, load_settings
from orchestration.version_tables import open_tables

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

_MARK = slice(8, 12)
"""The bytes that identify a DuckDB file."""
CURRENT = "current"
MANIFEST = "manifest.json"
UNMAPPED = "(unmapped)"
"""The user and the customer of usage without a known owner."""


_COUNTS = ("lines_read", "operations", "unreported_operations")
_CREDITS = ("credits", "credits_unmapped", "credits_estimated", "credits_unrated")


class NotPublishedError(CreditsError):
    """There is no published version, or no such table in it."""


def require_home(settings: Settings) -> None:
    """Refuse a home that does not exist.

    Raises:
        SettingsError: CREDITS_HOME is not a folder.
    """
    if not settings.home.is_dir():
        raise SettingsError(f"{settings.home} is not a folder: set CREDITS_HOME to the folder that contains landing/.")


def current_version(settings: Settings) -> Path | None:
    """The folder of the current version, not the link: it stays the same when another version is published.

    Raises:
        SettingsError: there is no such home.
    """
    require_home(settings)
    link = settings.published / CURRENT
    if not (link / MANIFEST).exists():
        return None
    return settings.published / link.readlink() if link.is_symlink() else link


def holds_its_database(version: Path, manifest: Mapping[str, Any]) -> bool:
    """Whether a version's database exists, has the published size and is a DuckDB file. Reads only its beginning."""
    path = version / str(manifest["database"])
    try:
        with path.open("rb") as file:
            beginning, size = file.read(_MARK.stop), path.stat().st_size
    except OSError:
        return False
    return beginning[_MARK] == b"DUCK" and manifest.get("database_bytes", size) == size


def lacks_delta(settings: Settings, manifest: Mapping[str, Any] | None) -> bool:
    """Whether Delta tables are wanted on this disk, and were not when the version of this manifest was published."""
    return settings.publish_delta and manifest is not None and "delta" not in manifest


def current_manifest(settings: Settings) -> dict[str, Any] | None:
    """The manifest of the current version.

    Raises:
        SettingsError: there is no such home.
        CreditsError: it is damaged.
    """
    version = current_version(settings)
    return _manifest_of(version, settings) if version else None


class _Manifest(dict[str, Any]):
    """The content of a manifest; asking for something that it lacks raises that it is damaged."""

    def __init__(self, found: Mapping[str, Any], damaged: CreditsError) -> None:
        super().__init__(found)
        self._damaged = damaged

    def __missing__(self, name: str) -> NoReturn:
        raise self._damaged


def _manifest_of(version: Path, settings: Settings) -> dict[str, Any]:
    path = version / MANIFEST
    damaged = CreditsError(
        f"{path} is damaged: remove {settings.published / CURRENT}, then `credits run` publishes again."
    )
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise damaged from None
    if not isinstance(manifest, dict) or not _is_sound(manifest):
        raise damaged
    totals = manifest.get("totals")
    return _Manifest(manifest | ({"totals": _Manifest(totals, damaged)} if totals is not None else {}), damaged)


def _is_sound(manifest: Mapping[str, Any]) -> bool:
    """Whether all values in a manifest have the right types; a manifest of an earlier release may lack some."""
    totals, tables = manifest.get("totals", {}), manifest.get("tables", {})
    if (
        not isinstance(totals, dict)
        or not isinstance(tables, dict)
        or ("totals" in manifest and "credits" not in totals)
    ):
        return False
    until = manifest.get("current_until")
    verdicts, amounts = totals.get("verdicts", {"rejected": 0}), totals.get("amounts", {})
    months, events = totals.get("closed_months", []), totals.get("period_events", {})
    return (
        all(isinstance(manifest.get(name, ""), str) for name in ("version", "models", "inputs"))
        and all(isinstance(table, dict) for table in tables.values())
        and _is_time(manifest.get("built_at", "2026-01-01T00:00:00Z"), aware=True)
        and (until is None or _is_time(until, aware=False))
        and ((checked := manifest.get("whole_checks_at")) is None or _is_time(checked, aware=True))
        and isinstance(delta := manifest.get("delta", {}), dict)
        and all(isinstance(number, int) for number in delta.values())
        and isinstance(database := manifest.get("database", ""), str)
        and Path(database).name == database
        and all(isinstance(totals.get(name, 0), int) for name in _COUNTS)
        and all(_is_decimal(totals.get(name, "0")) for name in _CREDITS)
        and isinstance(verdicts, dict)
        and isinstance(verdicts.get("rejected"), int)
        and isinstance(amounts, dict)
        and all(map(_is_decimal, amounts.values()))
        and isinstance(months, list)
        and all(isinstance(month, str) for month in months)
        and isinstance(events, dict)
    )


def _is_time(text: object, *, aware: bool) -> bool:
    try:
        return isinstance(text, str) and (datetime.fromisoformat(text).tzinfo is not None) == aware
    except ValueError:
        return False


def _is_decimal(text: object) -> bool:
    try:
        return isinstance(text, str) and Decimal(text).is_finite()
    except InvalidOperation:
        return False


@contextmanager
def opened_version(settings: Settings) -> Iterator[tuple[duckdb.DuckDBPyConnection, frozenset[str]]]:
    """The tables of the current version, in schema `marts` of a connection, and their names.

    Raises:
        NotPublishedError: nothing is published yet.
        CreditsError: the version can't be read.
    """
    import duckdb

    version = current_version(settings)
    if version is None:
        raise NotPublishedError("nothing is published yet: run `credits run` first.")
    manifest = _manifest_of(version, settings)
    path = version / str(manifest["database"])
    try:
        with open_tables(path) as connection:
            yield connection, frozenset(manifest["tables"])
    except duckdb.Error as error:
        raise CreditsError(f"{path} can't be read ({safe_line(error)}): run `credits rebuild`.") from None


def published(table: str, settings: Settings | None = None) -> pd.DataFrame:
    """One table of the current version as a pandas DataFrame, with exact decimals, dates and times.

    Raises:
        NotPublishedError: nothing is published yet, or the version has no such table.
    """
    from pandas import ArrowDtype

    settings = settings or load_settings()
    version = current_version(settings)
    if version is None:
        raise NotPublishedError("nothing is published yet: run `credits run` first.")
    manifest = _manifest_of(version, settings)
    if table not in manifest["tables"]:
        raise NotPublishedError(f"there is no table {table!r}; there are {', '.join(sorted(manifest['tables']))}.")
    with open_tables(version / manifest["database"]) as connection:
        rows = connection.table(f'marts."{table}"').to_arrow_table()
    return rows.to_pandas(types_mapper=ArrowDtype)
