"""What dbt made of the current models, passed on from one home of a checkout to the next.

dbt takes 20 CPU-seconds to parse, compile and describe the models for a new home. The results depend on the models, the
settings that they read and the versions of dbt and DuckDB, not on the home. So each home leaves a copy in the dbt
project's own `target` folder, and a new home begins with it. A checkout that can't be written only makes new homes
slower.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

from orchestration.models.build_plan import valid_for

_PASSED_ON = ("manifest.json", "plan-*.json", "documentation-*")
_UNFINISHED = (".partial", ".dbt")
_PATIENCE_SECONDS = 3600
"""After this time a copy that is not finished has been given up."""
_KEPT_STATES = 3
"""How many states of the models a checkout keeps; developers switch between a few."""


def receive(folder: Path, project: Path) -> None:
    """Begin a home's folder of the current models with what another home has left, whole or not at all."""
    if folder.exists() or not (shared := _shared(folder, project)).is_dir():
        return
    making = _beside(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(shared, making, ignore=shutil.ignore_patterns(*(f"*{ending}" for ending in _UNFINISHED)))
        making.rename(folder)
    except (OSError, shutil.Error):
        shutil.rmtree(making, ignore_errors=True)


def pass_on(folder: Path, project: Path) -> None:
    """Leave what dbt has made in a home's folder for the next home of this checkout."""
    shared = _shared(folder, project)
    with suppress(OSError, shutil.Error):
        shared.mkdir(parents=True, exist_ok=True)
        for pattern in _PASSED_ON:
            for path in folder.glob(pattern):
                if path.is_dir():
                    _copy_pages(path, shared / path.name)
                else:
                    _copy_json(path, shared / path.name)
        states = sorted(shared.parent.iterdir(), key=lambda state: state.stat().st_mtime, reverse=True)
        for state in states[_KEPT_STATES:]:
            # Renamed first, so that no home receives half of it.
            shutil.rmtree(state.rename(_beside(state)), ignore_errors=True)


def is_being_received(folder: Path) -> bool:
    """Whether a process may be copying into this folder; one that was killed an hour ago is not."""
    try:
        is_recent = time.time() - folder.stat().st_mtime < _PATIENCE_SECONDS
    except OSError:
        return False
    return folder.name.startswith(".") and is_recent


def _shared(folder: Path, project: Path) -> Path:
    """The folder of the checkout for the models and whatever else the results depend on."""
    state = hashlib.sha256(json.dumps(valid_for(project), sort_keys=True).encode()).hexdigest()
    return project / "target" / "homes" / f"{folder.name}-{state[:16]}"


def _copy_pages(folder: Path, target: Path) -> None:
    if target.exists() or folder.name.endswith(_UNFINISHED):
        return
    making = _beside(target)
    shutil.copytree(folder, making)
    making.rename(target)


def _copy_json(path: Path, target: Path) -> None:
    """Copy a file without the path of its home, which dbt notes for each model that it has compiled."""
    made_at = path.stat().st_mtime_ns
    if target.exists() and target.stat().st_mtime_ns == made_at:
        return
    making = _beside(target)
    making.write_bytes(path.read_bytes().replace(str(path.parent).encode(), b"target"))
    os.utime(making, ns=(made_at, made_at))
    making.replace(target)


def _beside(target: Path) -> Path:
    """Where a copy is made, so that no other process sees half of it."""
    return target.with_name(f".{target.name}.{os.getpid()}.partial")
