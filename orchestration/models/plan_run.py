"""Runs the statements of a kept plan, and says about each what dbt would have logged.

If a statement or a check fails, dbt builds again and reports the failure. A plan never reports one itself. An
`increment` leaves out what nothing new can reach (`unreached_steps.py`) and reports its last results again.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ingest.error_lines import raise_if_interrupted
from ingest.settings import Settings
from ingest.sql_text import literal, quoted
from orchestration.models.build_plan import Event, Plan, Relation, Step
from orchestration.models.unreached_steps import note_results, unreached_steps
from orchestration.progress import report
from orchestration.run_log import LOGGER

if TYPE_CHECKING:
    import duckdb

_NOT_OF_MODELS = ("raw", "main", "information_schema", "pg_catalog")


@contextmanager
def plan_session(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """One connection to both databases, with the settings of dbt's profile `warehouse`.

    Raises:
        duckdb.Error: a database can't be opened.
    """
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": str(settings.threads),
        "memory_limit": settings.memory_limit,
        "temp_directory": str(settings.warehouse / "spill"),
    }
    with duckdb.connect(":memory:", config=config) as connection:
        for name, path in (("build", settings.build_database), ("marts", settings.marts_database)):
            connection.execute(f"attach {literal(str(path))} as {name}")
        for setting in ("TimeZone = 'UTC'", "preserve_insertion_order = true", "schema = 'build.main'"):
            connection.execute(f"set {setting}")
        yield connection


def existing_relations(connection: duckdb.DuckDBPyConnection) -> frozenset[Relation]:
    """The relations that the models have made so far."""
    rows = connection.execute(
        """
        select database_name, schema_name, table_name, 'table' from duckdb_tables() where not temporary
        union all
        select database_name, schema_name, view_name, 'view' from duckdb_views() where not internal
        """
    ).fetchall()
    return frozenset((row[0], row[1], row[2], row[3]) for row in rows if row[1] not in _NOT_OF_MODELS)


def run_plan(connection: duckdb.DuckDBPyConnection, plan: Plan) -> tuple[Event, ...] | None:
    """Run the statements of a plan; return what dbt would have logged about each, or None if one failed or a check
    found something that stops a build. Then the database is as after a killed build, and the next build, by dbt,
    continues from there.
    """
    models = sum(not step.is_check for step in plan.steps)
    invocation = str(uuid.uuid4())
    events: list[Event] = []
    done = 0
    try:
        if plan.kind == "fresh":
            _make_schemas(connection, plan.relations)
        unreached = unreached_steps(connection, plan.steps) if plan.kind == "increment" else frozenset[int]()
        for place, step in enumerate(plan.steps):
            began = time.time()
            failures = 0 if place in unreached else _run_step(connection, step)
            if failures is None:
                LOGGER.info("%s found something: dbt builds again", _name(step))
                return None
            events.append(_logged(step, began, failures, invocation))
            if not step.is_check:
                done += 1
                report("building the marts", done, models)
    except Exception as error:
        raise_if_interrupted(error)
        LOGGER.info("the plan of the last build failed (%s): dbt builds again", type(error).__name__)
        return None
    _note_results(connection, [step for place, step in enumerate(plan.steps) if place not in unreached])
    return tuple(events)


def _note_results(connection: duckdb.DuckDBPyConnection, ran: Sequence[Step]) -> None:
    """Note what the steps left. Without the notes the next build only leaves less out."""
    try:
        note_results(connection, ran)
    except Exception as error:
        raise_if_interrupted(error)
        LOGGER.info("what the models left could not be noted (%s)", type(error).__name__)


def _run_step(connection: Any, step: Step) -> int | None:
    """Run one step; return the number of rows that a check found (0 for a model), or None if they stop the build."""
    if step.is_check:
        failures, warns, fails = connection.execute(step.statement).fetchone()
        if fails and step.fails_build:
            return None
        return failures if warns or fails else 0
    connection.execute("begin")
    connection.execute(step.statement)
    connection.execute("commit")
    return 0


def _make_schemas(connection: Any, relations: Collection[Relation]) -> None:
    for database, schema in sorted({(relation[0], relation[1]) for relation in relations}):
        connection.execute(f"create schema if not exists {quoted(database)}.{quoted(schema)}")


def _logged(step: Step, began: float, failures: int, invocation: str) -> Event:
    """The result of a step as dbt would log it now."""
    ended = time.time()
    info, data = step.event["info"], step.event["data"]
    node = data["node_info"] | {"node_started_at": _stamp(began), "node_finished_at": _stamp(ended)}
    found: dict[str, Any] = {"execution_time": ended - began}
    if step.is_check:
        status = "warn" if failures else "pass"
        node |= {"node_status": status}
        found |= {"status": status, "num_failures": failures}
    return {
        "info": info | {"invocation_id": invocation, "ts": _stamp(ended)},
        "data": data | found | {"node_info": node},
    }


def _stamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def _name(step: Step) -> str:
    return str(step.event["data"]["node_info"].get("node_name", "a check"))
