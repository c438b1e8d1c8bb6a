"""Makes the dashboard from a database of published tables, without start-up. Prints its CPU-seconds and its bytes, and
for a version with a manifest also the CPU-seconds of the next page if the last month of each table has changed.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import pandas  # noqa: F401  # start-up is counted apart, and a run has imported it

from ingest.settings import load_settings
from orchestration.dashboard.making import make_dashboard, make_dashboard_by_month
from orchestration.dashboard.page_data import VersionStamp
from orchestration.publish.parquet_export import PublishedFile
from orchestration.publish.version_files import contents_by_month
from orchestration.published_version import MANIFEST

_MADE = VersionStamp("bench", "2026-01-01T00:00:00+00:00")


def main() -> None:
    """Make the page of the database that the first argument names."""
    database = Path(sys.argv[1])
    started = time.process_time()
    page = make_dashboard(load_settings(), database, _MADE)
    said = {"cpu": time.process_time() - started, "bytes": len(page)}
    if (manifest := database.with_name(MANIFEST)).exists():
        said["next"] = _next_page(database, manifest)
    print(json.dumps(said))


def _next_page(database: Path, manifest: Path) -> float:
    tables = json.loads(manifest.read_text(encoding="utf-8"))["tables"].items()
    now = contents_by_month({table: [PublishedFile(**file) for file in said["files"]] for table, said in tables})
    before = {table: months | dict.fromkeys([max(months)] if months else [], "other") for table, months in now.items()}
    with tempfile.TemporaryDirectory() as home:
        settings = load_settings({"CREDITS_HOME": home})
        make_dashboard_by_month(settings, database, _MADE, before)
        started = time.process_time()
        make_dashboard_by_month(settings, database, _MADE, now)
        return time.process_time() - started


if __name__ == "__main__":
    main()
