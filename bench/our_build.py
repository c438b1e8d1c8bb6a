"""Our whole run of a home in one process, without start-up. Prints its CPU-seconds, also for each step."""

from __future__ import annotations

import json
import time
from itertools import pairwise

from ingest.settings import load_settings
from orchestration.models.building import manifest_path
from orchestration.pipeline import build, land_new_files, publish_version


def main() -> None:
    """Land, build and publish the home that CREDITS_HOME names."""
    import dbt.cli.main  # noqa: F401  # start-up is counted apart

    settings = load_settings()
    manifest_path(settings)  # and parsing the models with dbt is left out too
    times = [time.process_time()]
    land_new_files(settings, "bench")
    times.append(time.process_time())
    build(settings).raise_on_failure()
    times.append(time.process_time())
    publication = publish_version(settings)
    times.append(time.process_time())
    land, models, publish = (after - before for before, after in pairwise(times))
    print(
        json.dumps(
            {
                "cpu": times[-1] - times[0],
                "land": land,
                "models": models,
                "publish": publish,
                "rows": publication.totals.operations,
            }
        )
    )


if __name__ == "__main__":
    main()
