"""The published version as readers find it: its folder, its manifest, and its tables for a notebook.

::

    from orchestration.published_version import published
    published("agg_credits_daily")          # a pandas DataFrame of the current version
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.errors import CreditsError
from ingest.settings import Settings, load_settings

if TYPE_CHECKING:
    import pandas as pd

CURRENT = "current"
MANIFEST = "manifest.json"


class NotPublishedError(CreditsError):
    """There is no published version, or no such table in it."""


def current_version(settings: Settings) -> Path | None:
    """The folder of the current version, resolved: it stays the same one whatever is published later."""
    link = settings.published / CURRENT
    return link.resolve() if (link / MANIFEST).exists() else None


def current_manifest(settings: Settings) -> dict[str, Any] | None:
    """The manifest of the current version."""
    version = current_version(settings)
    return json.loads((version / MANIFEST).read_text(encoding="utf-8")) if version else None


def published(table: str, settings: Settings | None = None) -> pd.DataFrame:
    """One table of the current version as a pandas DataFrame: decimals exact, dates and times as such.

    Raises:
        NotPublishedError: nothing is published yet, or the version has no such table.
    """
    import pyarrow.parquet as parquet
    from pandas import ArrowDtype

    version = current_version(settings or load_settings())
    if version is None:
        raise NotPublishedError("nothing is published yet: run `credits run` first.")
    tables = json.loads((version / MANIFEST).read_text(encoding="utf-8"))["tables"]
    if table not in tables:
        raise NotPublishedError(f"there is no table {table!r}; there are {', '.join(sorted(tables))}.")
    paths = [version / file["path"] for file in tables[table]["files"]]
    return parquet.ParquetDataset(paths, partitioning=None).read().to_pandas(types_mapper=ArrowDtype)
