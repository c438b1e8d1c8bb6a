"""Builds the dbt models in this process: the state of the models, and one build of them. Does not use Dagster.

dbt runs in this process, because a separate dbt process takes seconds to start and would outlive a killed run.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from ingest.contract.dimensions import DEFAULT_KEYS
from ingest.error_lines import access_fault, causes, raise_if_interrupted, safe_line, storage_fault
from ingest.errors import CreditsError, DamagedError, LockedError
from ingest.settings import Settings
from orchestration.models.build_plan import (
    Kind,
    Node,
    Recorder,
    Relation,
    drop_plan,
    keep_plan,
    kept_plan,
    kind_of,
)
from orchestration.models.compiled_models import is_being_received, pass_on, receive
from orchestration.models.plan_run import existing_relations, plan_session, run_plan
from orchestration.models.project_files import project_state
from orchestration.progress import report
from orchestration.run_log import LOGGER
from orchestration.shipped_files import DBT_PROJECT

PROJECT = DBT_PROJECT
MANIFEST = "manifest.json"
PARTIAL_PARSE = "partial_parse.msgpack"

_MOST_NAMES = 5


class ModelsError(CreditsError):
    """A dbt model or a check failed; nothing is published."""


@dataclass(frozen=True)
class FailedNode:
    """A model or a check that failed: dbt's own message in one line, and the file of the SQL that it ran."""

    name: str
    is_check: bool
    message: str
    compiled: str | None


@dataclass(frozen=True)
class ModelBuild:
    """The outcome of one build: dbt's result events in order, and the failures.

    `fault` says what was wrong with the machine, if that stopped the build; `is_full` says that all tables were made
    again, and `has_whole_checks` that the checks compared all of history; `damage` is DuckDB's message about a damaged
    database file, if a model met one.
    """

    events: tuple[Mapping[str, object], ...]
    failed: tuple[FailedNode, ...]
    fault: str | None = None
    is_full: bool = False
    has_whole_checks: bool = False
    damage: str | None = None

    def raise_on_failure(self) -> None:
        """Raise unless everything was built and every check passed.

        Raises:
            ModelsError: names what failed, and why the first one failed.
        """
        if not self.failed:
            return
        names = ", ".join(node.name for node in self.failed[:_MOST_NAMES])
        if len(self.failed) > _MOST_NAMES:
            names += f" and {len(self.failed) - _MOST_NAMES} more"
        if self.fault:
            raise ModelsError(f"not published: {self.fault} ({names} failed); the last published version stays.")
        # A check may fail because of what an increment left; an SQL error would come again even in a full build.
        can_help = self.damage is not None or (not self.is_full and all(node.is_check for node in self.failed))
        advice = " `credits rebuild` makes all tables again from landing." if can_help else ""
        raise ModelsError(
            f"not published: {names} failed ({self.failed[0].message}); the last published version stays.{advice}"
        )


def models_fingerprint() -> str:
    """A hash of everything that decides what the models make from the raw tables."""
    return project_state(PROJECT).models


def build_fingerprint(settings: Settings) -> str:
    """The same with the engine, and with the settings that decide columns and amounts of all rows: tables that were
    made otherwise are no base for increments.
    """
    parts = [models_fingerprint()]
    if settings.engine != "duckdb":
        parts.append(settings.engine)
    if (settings.dimensions, settings.list_price, settings.list_currency) != (DEFAULT_KEYS, Decimal(1), "USD"):
        stated = (*settings.dimensions, f"{settings.list_price.normalize():f}", settings.list_currency)
        parts.append(hashlib.sha256("\n".join(stated).encode()).hexdigest()[:16])
    return "-".join(parts)


def description_fingerprint() -> str:
    """A hash of everything in the project's own documentation: the models and the metrics."""
    return project_state(PROJECT).description


def manifest_path(settings: Settings) -> Path:
    """dbt's manifest of the current models, which is parsed if that has not been done yet.

    Raises:
        ModelsError: the project does not parse.
    """
    target_path = target_path_of(settings)
    receive(target_path, PROJECT)
    path = target_path / MANIFEST
    if not path.exists():
        # Whole or not at all: a killed process must not leave half a file, and no other process may read one.
        making = target_path / f"parse-{os.getpid()}"
        _invoke(settings, ["parse"], making)
        for name in (PARTIAL_PARSE, MANIFEST):
            (making / name).replace(target_path / name)
        shutil.rmtree(making, ignore_errors=True)
        if target_path == target_path_of(settings):  # else the models were edited while dbt read them
            pass_on(target_path, PROJECT)
    return path


def build_models(settings: Settings, *, full_refresh: bool, whole_checks: bool = False) -> ModelBuild:
    """Build all models and run all checks on the build database. With `full_refresh` or `whole_checks` the checks
    compare all of history, else what the build touches.

    Raises:
        WarehouseError: the marts' database can't be opened, for a reason other than damage.
        LockedError: another process holds the database.
        DamagedError: the file of a database is damaged.
        ModelsError: dbt could not start, or the project does not parse.
    """
    from ingest.landing.warehouse import check_marts_database

    if settings.engine == "spark":
        return _build_on_spark(settings, full_refresh=full_refresh, whole_checks=whole_checks or full_refresh)
    target_path = target_path_of(settings)
    for older in target_path.parent.glob("*"):
        if older != target_path and not is_being_received(older):
            shutil.rmtree(older, ignore_errors=True)
    receive(target_path, PROJECT)
    whole_checks = whole_checks or full_refresh
    planned = _build_by_plan(settings, target_path, full_refresh, whole_checks)
    if planned.events is not None:
        return ModelBuild(planned.events, (), is_full=full_refresh, has_whole_checks=whole_checks)
    check_marts_database(settings)
    recorder = Recorder()
    outcome = _invoke(settings, _build_command(full_refresh), target_path, recorder, whole_checks=whole_checks)
    kind = planned.next_kind
    plan = recorder.plan(kind) if kind and not outcome.failed else None
    # Models that were edited while dbt read them are not those that the folder is named by.
    is_of_these_models = target_path == target_path_of(settings)
    if plan and is_of_these_models and (kind == "fresh" or plan.relations <= planned.existing):
        keep_plan(plan, target_path, PROJECT)
        pass_on(target_path, PROJECT)
    return replace(outcome, is_full=full_refresh, has_whole_checks=whole_checks)


def _build_command(full_refresh: bool) -> list[str]:
    # Unit tests check the rules, not the data: they run with the project's own tests.
    without = ["--exclude-resource-type", "unit_test"]
    return ["--no-write-json", "build", *without, *(["--full-refresh"] if full_refresh else [])]


def _build_on_spark(settings: Settings, *, full_refresh: bool, whole_checks: bool) -> ModelBuild:
    """The same on Spark: dbt builds and checks in its session, then the tables come to where publishing reads them."""
    from orchestration.engines.spark_build import lake_for_build

    target_path = settings.warehouse / "dbt-spark" / models_fingerprint()
    with lake_for_build(settings, full_refresh=full_refresh) as lake:
        nodes: list[Any] = []
        command = _build_command(full_refresh)
        outcome = _invoke(settings, command, target_path, whole_checks=whole_checks, lake=lake.uri, ran=nodes.extend)
        if not outcome.failed:
            lake.hand_over(nodes)
    return replace(outcome, is_full=full_refresh, has_whole_checks=whole_checks)


@dataclass(frozen=True)
class _PlannedBuild:
    """What a plan has built: its events, or None if dbt has to build. Then `next_kind` is the kind of plan that dbt's
    build can leave, and `existing` has the relations of before.
    """

    events: tuple[Mapping[str, object], ...] | None = None
    next_kind: Kind | None = None
    existing: frozenset[Relation] = frozenset()


def _build_by_plan(settings: Settings, target_path: Path, full_refresh: bool, whole_checks: bool) -> _PlannedBuild:
    """Build by the plan of an earlier build, if there is one that is valid."""
    import duckdb

    try:
        with plan_session(settings) as connection:
            existing = existing_relations(connection)
            kind = kind_of(existing, full_refresh=full_refresh, whole_checks=whole_checks)
            plan = kept_plan(target_path, kind, PROJECT, existing) if kind else None
            if plan is None:
                return _PlannedBuild(None, kind, existing)
            events = run_plan(connection, plan)
    except duckdb.Error:
        return _PlannedBuild()  # dbt will say why the databases can't be used
    if events is not None:
        return _PlannedBuild(events)
    drop_plan(plan, target_path)
    # Its first tables exist now, so what dbt runs from here on can't be a plan for databases without tables.
    return _PlannedBuild(None, None if kind == "fresh" else kind, existing)


def write_dbt_docs(settings: Settings, target_path: Path) -> None:
    """Have dbt describe the models that it built: `static_index.html`, `catalog.json` and `manifest.json`.

    Nothing is compiled, so these files contain nothing that a model looks up in the database.

    Raises:
        LockedError: another process holds the database.
        ModelsError: dbt could not describe them.
    """
    parsed = target_path_of(settings) / PARTIAL_PARSE
    target_path.mkdir(parents=True)
    if parsed.exists():
        shutil.copyfile(parsed, target_path / PARTIAL_PARSE)
    _invoke(settings, ["parse"], target_path)
    _invoke(settings, ["docs", "generate", "--static", "--no-compile"], target_path)


def target_path_of(settings: Settings) -> Path:
    """The folder of dbt's files for the current models; changed models have another one."""
    return settings.warehouse / "dbt" / models_fingerprint()


def _invoke(
    settings: Settings,
    arguments: list[str],
    target_path: Path,
    recorder: Recorder | None = None,
    *,
    whole_checks: bool = False,
    lake: str | None = None,
    ran: Callable[[list[Any]], object] | None = None,
) -> ModelBuild:
    """Run a command of dbt in this process: on Spark if `lake` is the URI of its tables. `ran` gets the nodes."""
    # dbt takes a second to import and DuckDB a tenth, which a run with nothing to build should not need.
    from dbt.cli.main import dbtRunner
    from dbt_common.events.base_types import EventMsg
    from google.protobuf.json_format import MessageToDict
    from google.protobuf.message import Message

    from ingest.landing.warehouse import is_damage

    target_path.mkdir(parents=True, exist_ok=True)
    events: list[Mapping[str, object]] = []
    total = len(list((PROJECT / "models").rglob("*.sql")))

    def keep_results(event: EventMsg) -> None:
        if event.info.name in {"LogModelResult", "LogTestResult", "LogSkipBecauseError", "LogNodeResult"}:
            events.append(MessageToDict(cast(Message, event), preserving_proto_field_name=True))
            if recorder:
                recorder.result(_node_of(event), events[-1])
        if recorder and event.info.name == "SQLQuery":
            recorder.statement(_node_of(event), cast(Any, event).data.sql)
        if event.info.name == "LogModelResult":
            report("building the marts", min(len(events), total), total)

    target = "spark" if lake else "warehouse"
    where = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target", target]
    paths = ["--target-path", str(target_path), "--log-path", str(target_path)]
    quiet = ["--log-level", "none", "--log-level-file", "none", "--no-use-colors"]
    with _environment_of(settings, whole_checks, lake):
        try:
            outcome = dbtRunner(callbacks=[keep_results]).invoke([*quiet, *arguments, *where, *paths])
        finally:
            _close_databases()
    if outcome.exception is not None:
        raise _own_error(settings, outcome.exception)
    results = getattr(outcome.result, "results", None) or []
    failed = [result for result in results if str(result.status) in {"error", "fail", "runtime error"}]
    messages = [str(result.message) for result in failed]
    faults = (storage_fault(message, settings.warehouse) or access_fault(message) for message in messages)
    damages = (safe_line(message) for message in messages if is_damage(message))
    nodes = tuple(map(_failed, failed))
    if ran:
        ran([result.node for result in results])
    if recorder:
        recorder.ran(_planned(result.node) for result in results if _is_planned(result.node))
    return ModelBuild(tuple(events), nodes, next(filter(None, faults), None), damage=next(damages, None))


def _node_of(event: Any) -> str:
    return event.data.node_info.unique_id


def _is_planned(node: Any) -> bool:
    return node.resource_type in ("model", "test")


def _planned(node: Any) -> Node:
    """What a plan needs to know about a node."""
    reads = tuple(node.depends_on.nodes)
    if node.resource_type != "model":
        return Node(node.unique_id, None, str(node.config.severity).lower() == "error", reads)
    kind = "view" if node.config.materialized == "view" else "table"
    makes_all_rows = node.config.materialized in ("view", "table")
    return Node(node.unique_id, (node.database, node.schema, node.alias, kind), True, reads, makes_all_rows)


@contextmanager
def _environment_of(settings: Settings, whole_checks: bool, lake: str | None) -> Iterator[None]:
    """What dbt's profile and its checks read from the environment, for as long as dbt runs."""
    own = {
        "CREDITS_BUILD_DATABASE": str(settings.build_database),
        "CREDITS_MARTS_DATABASE": str(settings.marts_database),
        "CREDITS_SPILL_DIRECTORY": str(settings.warehouse / "spill"),
        "CREDITS_MEMORY_LIMIT": settings.memory_limit,
        "CREDITS_THREADS": str(settings.threads),
        "CREDITS_WHOLE_CHECKS": "yes" if whole_checks else "no",
        "CREDITS_DIMENSIONS": ",".join(settings.dimensions) or "none",
        "CREDITS_LIST_PRICE": f"{settings.list_price:f}",
        "CREDITS_LIST_CURRENCY": settings.list_currency,
        **({"CREDITS_SPARK_TABLES": lake} if lake else {}),
    }
    before = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _failed(result: Any) -> FailedNode:
    """dbt's message about a node that failed; it also goes to the run's log."""
    node = result.node
    message = safe_line(str(result.message or result.status))
    compiled = getattr(node, "compiled_path", None)
    LOGGER.error("%s failed: %s (SQL: %s)", node.name, message, compiled or "none")
    return FailedNode(node.name, str(result.status) == "fail", message, compiled)


def _close_databases() -> None:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    if DuckDBConnectionManager._ENV is not None:
        DuckDBConnectionManager._ENV.close()
    DuckDBConnectionManager.close_all_connections()


def _own_error(settings: Settings, error: BaseException) -> CreditsError:
    import duckdb

    from ingest.landing.warehouse import is_damage

    raise_if_interrupted(error)
    for cause in causes(error):
        if not isinstance(cause, Exception):
            raise cause
    text = " ".join(str(cause) for cause in causes(error))
    fault = storage_fault(error, settings.warehouse) or access_fault(error)
    # DuckDB's first message is the reason; later ones follow from it, for example about a file that is being closed.
    first = [cause for cause in causes(error) if isinstance(cause, duckdb.Error)][-1:]
    said = safe_line(*first or [error])
    is_of_the_machine = any(isinstance(cause, OSError) for cause in causes(error))
    for cause in causes(error):
        # The error's frames would keep the database open as long as the error is in use.
        traceback.clear_frames(cause.__traceback__)
    if "Could not set lock" in text:
        return LockedError(f"{settings.build_database} is open in another process: close it, then run again.")
    if fault:
        return ModelsError(f"not published: {fault}; the last published version stays.")
    if is_damage(text):
        return DamagedError(f"not published ({said}): `credits rebuild` makes that database again from landing.")
    advice = "look at the path that it names" if is_of_the_machine else "correct the model that it names"
    return ModelsError(f"dbt could not run ({said}): {advice}; the last published version stays.")


def read_manifest(settings: Settings) -> dict[str, object]:
    """dbt's manifest as a mapping."""
    return json.loads(manifest_path(settings).read_text(encoding="utf-8"))
