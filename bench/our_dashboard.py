"""Makes the dashboard from a database of published tables, without start-up. Prints its CPU-seconds and its bytes."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from ingest.settings import load_settings
from orchestration.dashboard.making import make_dashboard
from orchestration.dashboard.page_data import VersionStamp


def main() -> None:
    """Make the page of the database that the first argument names."""
    started = time.process_time()
    page = make_dashboard(load_settings(), Path(sys.argv[1]), VersionStamp("bench", "2026-01-01T00:00:00+00:00"))
    print(json.dumps({"cpu": time.process_time() - started, "bytes": len(page)}))


if __name__ == "__main__":
    main()
