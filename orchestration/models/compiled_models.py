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
from contextlib import suppress
from pathlib import Path

from orchestration.models.build_plan import valid_for

_PASSED_ON = ("manifest.json", "plan-*.json", "documentation-*")
_UNFINISHED = shutil.ignore_patterns("*.partial", "*.dbt")
_KEPT_STATES = 3
"""How many states of the models a checkout keeps; developers switch between a few."""


def receive(folder: Path, project: Path) -> None:
    """Begin a home's folder of the current models with what another home has left, whole or not at all."""
    shared = _shared(folder, project)
    if folder.exists() or not shared.is_dir():
        return
    making = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(shared, making, ignore=_UNFINISHED)
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
                _copy(path, shared / path.name)
        states = sorted(shared.parent.iterdir(), key=lambda state: state.stat().st_mtime, reverse=True)
        for state in states[_KEPT_STATES:]:
            shutil.rmtree(state, ignore_errors=True)


def _shared(folder: Path, project: Path) -> Path:
    """The folder of the checkout for the models and whatever else the results depend on."""
    state = hashlib.sha256(json.dumps(valid_for(project), sort_keys=True).encode()).hexdigest()
    return project / "target" / "homes" / f"{folder.name}-{state[:16]}"


def _copy(path: Path, target: Path) -> None:
    """Copy a file or a folder, so that no other process sees half of it."""
    making = target.with_name(f".{target.name}.{os.getpid()}.partial")
    if path.is_dir():
        if not target.exists() and not path.name.endswith((".partial", ".dbt")):
            shutil.copytree(path, making)
            making.rename(target)
        return
    if not target.exists() or (target.stat().st_size, target.stat().st_mtime_ns) != (
        path.stat().st_size,
        path.stat().st_mtime_ns,
    ):
        shutil.copy2(path, making)
        making.replace(target)
