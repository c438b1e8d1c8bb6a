"""Our landing of a home, without start-up. Prints its CPU-seconds."""

from __future__ import annotations

import json
import time

from ingest.landing.load import land
from ingest.landing.warehouse import prepare_folders
from ingest.settings import load_settings


def main() -> None:
    """Land the home that CREDITS_HOME names."""
    settings = load_settings()
    prepare_folders(settings)
    begun = time.process_time()
    summary = land(settings, "bench")
    print(json.dumps({"cpu": time.process_time() - begun, "rows": summary.accepted}))


if __name__ == "__main__":
    main()
