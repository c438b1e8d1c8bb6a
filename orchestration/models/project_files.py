"""What identifies the state of the dbt project. Its files are read again only if one of them has changed."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_FOLDERS = ("models", "macros", "tests")
_FILES = ("dbt_project.yml", "profiles.yml")
_UNIT_TESTS = "_unit_tests.yml"
_METRICS = "models/semantic/"
_PROFILE = "profiles.yml"
_VARIABLE = re.compile(r"\b[A-Z][A-Z0-9_]{2,}\b")
"""What may be the name of an environment variable in the dbt project's text."""
_State = tuple[str, int, int, int]
"""The name of a file below the project, its size, and the times of its last modification and last change."""


@dataclass(frozen=True)
class ProjectState:
    """Hashes of the project's text.

    `models` covers everything that decides what the models make from the raw tables. Metrics are left out: adding one
    rebuilds no table. `description` covers everything in the project's own documentation: the models and the metrics.
    `variables` has the words that may name an environment variable which a compiled statement depends on; the profile
    is left out, since its settings are those of the session.
    """

    models: str
    description: str
    variables: frozenset[str]


def project_state(project: Path) -> ProjectState:
    """The state of the dbt project in this folder.

    Raises:
        OSError: a file can't be read.
    """
    return _read(project, tuple(sorted(_states(project))))


def _states(project: Path) -> Iterator[_State]:
    for name in _FILES:
        if (project / name).is_file():
            yield _state(name, (project / name).stat())
    folders = [(part, str(project / part)) for part in _FOLDERS if (project / part).is_dir()]
    for name, folder in folders:
        with os.scandir(folder) as entries:
            for entry in entries:
                below = f"{name}/{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    folders.append((below, entry.path))
                elif entry.is_file():
                    yield _state(below, entry.stat())


def _state(name: str, stat: os.stat_result) -> _State:
    return (name, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)


@lru_cache(maxsize=2)
def _read(project: Path, states: tuple[_State, ...]) -> ProjectState:
    models, description = hashlib.sha256(), hashlib.sha256()
    variables: set[str] = set()
    for name, *_ in states:
        content = (project / name).read_bytes()
        if name != _PROFILE:
            variables.update(_VARIABLE.findall(content.decode(errors="replace")))
        if name.endswith(_UNIT_TESTS):
            continue
        description.update(name.encode() + b"\0" + content + b"\0")
        if not name.startswith(_METRICS):
            models.update(name.encode() + b"\0" + content + b"\0")
    return ProjectState(models.hexdigest()[:16], description.hexdigest()[:16], frozenset(variables))
