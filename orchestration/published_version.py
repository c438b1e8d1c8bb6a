"""The published version as readers find it: its folder, its manifest, and its tables for a notebook.

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
from typing import TYPE_CHECKING, Any

from ingest.errors import CreditsError
from ingest.settings import Settings, load_settings

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

_MARK = slice(8, 12)
"""Which bytes of a DuckDB file say that it is one."""
CURRENT = "current"
MANIFEST = "manifest.json"
UNMAPPED = "(unmapped)"
"""The user and the customer of usage that nobody is known for."""


class NotPublishedError(CreditsError):
    """There is no published version, or no such table in it."""


def current_version(settings: Settings) -> Path | None:
    """The folder of the current version, not the link: it stays the same one whatever is published later."""
    link = settings.published / CURRENT
    if not (link / MANIFEST).exists():
        return None
    return settings.published / link.readlink() if link.is_symlink() else link


def holds_its_database(version: Path, manifest: Mapping[str, Any]) -> bool:
    """Whether the database of a version is there, as long as it was published and of its kind. Looks at its beginning
    alone.
    """
    path = version / str(manifest["database"])
    try:
        with path.open("rb") as file:
            beginning, size = file.read(_MARK.stop), path.stat().st_size
    except OSError:
        return False
    return beginning[_MARK] == b"DUCK" and manifest.get("database_bytes", size) == size


def current_manifest(settings: Settings) -> dict[str, Any] | None:
    """The manifest of the current version.

    Raises:
        CreditsError: it is damaged.
    """
    version = current_version(settings)
    return _manifest_of(version, settings) if version else None


def _manifest_of(version: Path, settings: Settings) -> dict[str, Any]:
    path = version / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if not _is_manifest(manifest):
            raise ValueError
    except (ValueError, RecursionError):
        raise CreditsError(
            f"{path} is damaged: remove {settings.published / CURRENT}, then `credits run` publishes again."
        ) from None
    return manifest


def _is_manifest(found: Any) -> bool:
    """Whether what every version of the project writes into a manifest is there, each of its kind."""
    match found:
        case {
            "version": str(),
            "built_at": str(built_at),
            "database": str(database),
            "models": str(),
            "inputs": str(),
            "tables": dict(tables),
            "totals": {
                "lines_read": int(),
                "operations": int(),
                "unreported_operations": int(),
                "credits": str(credits),
                "credits_unmapped": str(unmapped),
                "credits_estimated": str(estimated),
                "verdicts": {"rejected": int(), **verdicts},
            } as totals,
        }:
            later = {"amounts": dict, "credits_unrated": str, "closed_months": list, "period_events": dict}
            amounts = totals.get("amounts", {})
            return (
                all(isinstance(totals.get(name, kind()), kind) for name, kind in later.items())
                and _is_time(built_at, aware=True)
                and (found.get("current_until") is None or _is_time(found["current_until"], aware=False))
                and Path(database).name == database
                and all(isinstance(table, dict) for table in tables.values())
                and all(type(count) is int for count in verdicts.values())
                and all(isinstance(month, str) for month in totals.get("closed_months", ()))
                and all(map(_is_decimal, (credits, unmapped, estimated, totals.get("credits_unrated", "0"))))
                and all(map(_is_decimal, amounts.values()))
            )
        case _:
            return False


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
        with duckdb.connect(str(path), read_only=True) as connection:
            yield connection, frozenset(manifest["tables"])
    except duckdb.Error as error:
        first_line = str(error).splitlines()[0][:120]
        raise CreditsError(f"{path} can't be read ({first_line}): run `credits rebuild`.") from None


def published(table: str, settings: Settings | None = None) -> pd.DataFrame:
    """One table of the current version as a pandas DataFrame: decimals exact, dates and times as such.

    Raises:
        NotPublishedError: nothing is published yet, or the version has no such table.
    """
    import duckdb
    from pandas import ArrowDtype

    settings = settings or load_settings()
    version = current_version(settings)
    if version is None:
        raise NotPublishedError("nothing is published yet: run `credits run` first.")
    manifest = _manifest_of(version, settings)
    if table not in manifest["tables"]:
        raise NotPublishedError(f"there is no table {table!r}; there are {', '.join(sorted(manifest['tables']))}.")
    with duckdb.connect(str(version / manifest["database"]), read_only=True) as connection:
        rows = connection.table(f'marts."{table}"').to_arrow_table()
    return rows.to_pandas(types_mapper=ArrowDtype)
