"""A publisher in a process of its own: `python publisher.py FOLDER URL MONTHS [STEP]`.

It reads what is published, prints `ready`, waits for a line, and then publishes a version of these months (JSON). STEP
is the step at which it kills itself, such as `before put current.json` or `after commit fct_credit_usage`. It prints
the version, or the line of the error.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ingest.errors import CreditsError
from orchestration.publish import bucket_versions, version_folders
from orchestration.publish.bucket_versions import BucketVersions
from tests.objects.publishing.small_versions import SmallHome


def main() -> None:
    folder, url, months = sys.argv[1:4]
    step = sys.argv[4] if len(sys.argv) > 4 else None
    home = SmallHome.at(Path(folder), url)
    storage = home.storage
    if step:
        _die_at(step, storage)
    try:
        store = BucketVersions(home.settings, storage)
        print("ready", flush=True)
        sys.stdin.readline()
        print(json.dumps({"version": home.publish(json.loads(months), store)}), flush=True)
    except CreditsError as error:
        print(json.dumps({"error": str(error)}), flush=True)


def _die_at(step: str, storage: Any) -> None:
    """Kill this process at a step; a step is matched as a pattern."""
    moment, what = step.split(" ", 1)

    def dying(name: Callable[..., str], call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any) -> Any:
            is_it = re.fullmatch(what, name(*arguments)) is not None
            if is_it and moment == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            answer = call(*arguments)
            if is_it and moment == "after":
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

        return called

    objects: Any = storage._objects
    objects.put = dying(lambda key, *_: f"put {key}", objects.put)
    table: Any = bucket_versions.OpenedTable
    table.commit = dying(lambda _, content, *__: f"commit {content.name}", table.commit)
    folders: Any = version_folders
    folders.point_to = dying(lambda *_: "switch here", folders.point_to)
    versions: Any = bucket_versions
    versions.clean = dying(lambda *_: "clean", versions.clean)


if __name__ == "__main__":
    main()
