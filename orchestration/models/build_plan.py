"""The statements that dbt ran in a build, kept so that a later build of the same kind runs them without dbt.

dbt compiles the models. The compiled statements stay valid as long as the models, the settings that they read, the raw
tables and the versions of dbt and DuckDB stay the same. A plan has these statements in dbt's order, one for each model
and each check. A build with a plan costs only its SQL: it does not import dbt, parse the project or look up what each
model needs.

Three kinds are kept. `fresh` makes all tables in databases that have none. `increment` continues from tables that the
same models made. `checked_increment` does the same, but its checks compare all of history.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from ingest.landing.raw_tables import raw_definition
from orchestration.models.project_files import project_state

Kind = Literal["fresh", "increment", "checked_increment"]
Relation = tuple[str, str, str, str]
"""Database, schema, name, and `table` or `view`."""
Event = Mapping[str, Any]
"""What dbt logs about a finished model or check, as a mapping."""
_FORMAT = 4
_PACKAGES = ("dbt-adapters", "dbt-common", "dbt-core", "dbt-duckdb", "duckdb")
"""What turns a model into a statement, and runs it."""
_QUESTIONS = ("select", "describe")
"""Statements by which dbt looks something up before it builds a node."""


@dataclass(frozen=True)
class Step:
    """One model or one check: the statement that dbt ran for it, and how dbt logged its result.

    `makes` is the table or view that the model makes, and `makes_all_rows` says that an increment makes it whole.
    `reads` has the schemas and names of what dbt says that it reads. `fails_build` says that the build stops if the
    check finds something; other checks only warn.
    """

    statement: str
    event: Event
    makes: Relation | None
    fails_build: bool
    reads: frozenset[tuple[str, str]]
    makes_all_rows: bool = False

    @property
    def is_check(self) -> bool:
        """Whether it is a check, which makes nothing."""
        return self.makes is None


@dataclass(frozen=True)
class Plan:
    """The statements of one kind of build, in order."""

    kind: Kind
    steps: tuple[Step, ...]

    @property
    def relations(self) -> frozenset[Relation]:
        """The relations that they make."""
        return frozenset(step.makes for step in self.steps if step.makes)


@dataclass(frozen=True)
class Node:
    """What a plan needs to know about a model or check that dbt ran. `depends_on` has dbt's names of what it reads."""

    unique_id: str
    relation: Relation | None
    fails_build: bool
    depends_on: tuple[str, ...] = ()
    makes_all_rows: bool = False


class Recorder:
    """Records what dbt runs: its statements and results one by one, and finally the nodes that ran."""

    def __init__(self) -> None:
        self._statements: dict[str, list[str]] = {}
        self._events: dict[str, Event] = {}
        self._nodes: dict[str, Node] = {}

    def statement(self, unique_id: str, sql: str) -> None:
        """A statement that dbt sends to the database for a node."""
        self._statements.setdefault(unique_id, []).append(sql.strip())

    def result(self, unique_id: str, event: Event) -> None:
        """What dbt logs when a node has finished."""
        self._events[unique_id] = event

    def ran(self, nodes: Iterable[Node]) -> None:
        """The models and checks of a build."""
        self._nodes = {node.unique_id: node for node in nodes}

    def plan(self, kind: Kind) -> Plan | None:
        """The plan of the build; None if anything ran except models and checks of one statement each, such as a hook
        or a seed.
        """
        if not {*self._statements} - {""} <= {*self._events}:
            return None
        steps: list[Step] = []
        for unique_id, event in self._events.items():
            statement = _only_statement(self._statements.get(unique_id, []))
            node = self._nodes.get(unique_id)
            if node is None or statement is None:
                return None
            reads = frozenset(map(self._name_of, node.depends_on))
            steps.append(Step(statement, event, node.relation, node.fails_build, reads, node.makes_all_rows))
        return Plan(kind, tuple(steps))

    def _name_of(self, unique_id: str) -> tuple[str, str]:
        """Schema and name of what another node makes, or of a source."""
        node = self._nodes.get(unique_id)
        if node and node.relation:
            return node.relation[1], node.relation[2]
        *_, schema, name = unique_id.split(".")
        return schema, name


def _only_statement(statements: Sequence[str]) -> str | None:
    """The one statement of a node's transaction; None if there are others, or a change before it."""
    begins = [at for at, sql in enumerate(statements) if sql.upper() == "BEGIN"]
    if len(begins) != 1:
        return None
    before, after = statements[: begins[0]], statements[begins[0] + 1 :]
    if any(sql.split(None, 1)[0].lower() not in _QUESTIONS for sql in before):
        return None
    own = [sql for sql in after if sql.upper() not in ("COMMIT", "ROLLBACK")]
    return own[0] if len(own) == 1 and after[0] == own[0] else None


def kind_of(existing: Collection[Relation], *, full_refresh: bool, whole_checks: bool) -> Kind | None:
    """The kind of plan that a build can use or make; None if it replaces existing tables."""
    if not full_refresh:
        return "checked_increment" if whole_checks else "increment"
    return None if existing else "fresh"


def kept_plan(folder: Path, kind: Kind, project: Path, existing: Collection[Relation]) -> Plan | None:
    """The plan of an earlier build; None if there is none that is still valid.

    `folder` is dbt's own folder for the current models, `project` the dbt project, `existing` the relations that the
    models have made so far.
    """
    path = _path(folder, kind)
    try:
        stat = path.stat()
        valid_here, steps = _read(path, stat.st_size, stat.st_mtime_ns)
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None
    plan = Plan(kind, steps)
    if valid_here != valid_for(project) or (kind != "fresh" and not plan.relations <= frozenset(existing)):
        return None
    return plan


@lru_cache(maxsize=4)
def _read(path: Path, size: int, modified_ns: int) -> tuple[Mapping[str, object], tuple[Step, ...]]:
    """What the plan in a file is valid for, and its steps; a process that stays warm reads it once."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    return kept["holds_for"], tuple(_step(**step) for step in kept["steps"])


def _step(*, makes: Sequence[str] | None, reads: Sequence[Sequence[str]], **others: Any) -> Step:
    relation = (makes[0], makes[1], makes[2], makes[3]) if makes else None
    return Step(makes=relation, reads=frozenset((schema, name) for schema, name in reads), **others)


def keep_plan(plan: Plan, folder: Path, project: Path) -> None:
    """Keep a plan for later builds, whole or not at all. If it can't be written, the next build only takes longer."""
    kept = {
        "holds_for": valid_for(project),
        "steps": [asdict(step) | {"reads": sorted(step.reads)} for step in plan.steps],
    }
    path = _path(folder, plan.kind)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    with suppress(OSError):
        partial.write_text(json.dumps(kept), encoding="utf-8")
        partial.replace(path)


def drop_plan(plan: Plan, folder: Path) -> None:
    """Forget a plan that did not run to its end: the next build of its kind is dbt's."""
    with suppress(OSError):
        _path(folder, plan.kind).unlink(missing_ok=True)


def _path(folder: Path, kind: Kind) -> Path:
    return folder / f"plan-{kind}.json"


def valid_for(project: Path) -> dict[str, Any]:
    """What the statements depend on, except the models' own text, which decides the folder of the plan."""
    named = project_state(project).variables
    read = {name: value for name, value in os.environ.items() if name in named or name.startswith("DBT_")}
    return {
        "format": _FORMAT,
        "raw_tables": raw_definition(),
        "versions": {package: version(package) for package in _PACKAGES},
        # No value of a variable is written down: it may be a secret.
        "environment": hashlib.sha256(json.dumps(read, sort_keys=True).encode()).hexdigest(),
    }
