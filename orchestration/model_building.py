"""Building the dbt models in this process: what the models are, and one build of them. Knows no Dagster.

In this process, because a dbt of its own costs seconds to start and would outlive a killed run.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ingest.errors import CreditsError, LockedError
from ingest.settings import CHECKOUT, Settings
from orchestration.progress import report

PROJECT = CHECKOUT / "dbt_project"
MANIFEST = "manifest.json"
PARTIAL_PARSE = "partial_parse.msgpack"
_PARTS_OF_MODELS = ("models", "macros", "tests", "dbt_project.yml", "profiles.yml")
_UNIT_TESTS = "_unit_tests.yml"
_METRICS = "models/semantic"


class ModelsError(CreditsError):
    """A dbt model or a check failed; nothing is published."""


@dataclass(frozen=True)
class ModelBuild:
    """What one build came to: dbt's result events in order, and the names of what failed."""

    events: tuple[Mapping[str, object], ...]
    failed: tuple[str, ...]

    def raise_on_failure(self) -> None:
        """Raise unless everything was built and every check passed.

        Raises:
            ModelsError: names what failed.
        """
        if self.failed:
            raise ModelsError(
                f"not published: {', '.join(self.failed)} failed; the last published version stays. "
                "`credits rebuild` makes all tables anew from landing."
            )


def models_fingerprint() -> str:
    """A hash of everything that decides what the models make of the raw tables.

    Metrics decide nothing of that: no table is made anew because one was added.
    """
    return _fingerprint(without=_METRICS)


def description_fingerprint() -> str:
    """A hash of everything that the project's own documentation tells: the models and the metrics."""
    return _fingerprint()


def _fingerprint(*, without: str | None = None) -> str:
    digest = hashlib.sha256()
    for part in _PARTS_OF_MODELS:
        path = PROJECT / part
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            name = file.relative_to(PROJECT).as_posix()
            if file.is_file() and not name.endswith(_UNIT_TESTS) and not (without and name.startswith(f"{without}/")):
                digest.update(name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def manifest_path(settings: Settings) -> Path:
    """dbt's manifest of the models as they stand, parsed where that has not been done yet.

    Raises:
        ModelsError: the project does not parse.
    """
    target_path = target_path_of(settings)
    path = target_path / MANIFEST
    if not path.exists():
        # Whole or not at all: a killed process must not leave half of it, nor a second one read what is half written.
        making = target_path / f"parse-{os.getpid()}"
        _invoke(settings, ["parse"], making)
        for name in (PARTIAL_PARSE, MANIFEST):
            (making / name).replace(target_path / name)
        shutil.rmtree(making, ignore_errors=True)
    return path


def build_models(settings: Settings, *, full_refresh: bool) -> ModelBuild:
    """Build all models and run all checks on the build database.

    Raises:
        LockedError: another process holds the database.
        ModelsError: dbt could not start, or the project does not parse.
    """
    target_path = target_path_of(settings)
    for older in target_path.parent.glob("*"):
        if older != target_path:
            shutil.rmtree(older, ignore_errors=True)
    # Unit tests hold for the rules, whatever the data: they are run with the project's own tests.
    without = ["--exclude-resource-type", "unit_test"]
    command = ["--no-write-json", "build", *without, *(["--full-refresh"] if full_refresh else [])]
    return _invoke(settings, command, target_path)


def write_dbt_docs(settings: Settings, target_path: Path) -> None:
    """Have dbt describe the models that it built: `static_index.html`, `catalog.json` and `manifest.json`.

    Nothing is compiled, so that nothing that a model looks up in the database stands in them.

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
    """Where dbt keeps what it makes of the models as they stand, until the models change."""
    return settings.warehouse / "dbt" / models_fingerprint()


def _invoke(settings: Settings, arguments: list[str], target_path: Path) -> ModelBuild:
    # dbt takes a second to import: whoever has nothing to build should not pay for it.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner
    from dbt_common.events.base_types import EventMsg
    from google.protobuf.json_format import MessageToDict
    from google.protobuf.message import Message

    target_path.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        CREDITS_BUILD_DATABASE=str(settings.build_database),
        CREDITS_MARTS_DATABASE=str(settings.marts_database),
        CREDITS_SPILL_DIRECTORY=str(settings.warehouse / "spill"),
        CREDITS_MEMORY_LIMIT=settings.memory_limit,
    )
    events: list[Mapping[str, object]] = []
    total = len(list((PROJECT / "models").rglob("*.sql")))

    def keep_results(event: EventMsg) -> None:
        if event.info.name in {"LogModelResult", "LogTestResult", "LogSkipBecauseError", "LogNodeResult"}:
            events.append(MessageToDict(cast(Message, event), preserving_proto_field_name=True))
        if event.info.name == "LogModelResult":
            report("building the marts", min(len(events), total), total)

    where = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target", "warehouse"]
    paths = ["--target-path", str(target_path), "--log-path", str(target_path)]
    quiet = ["--log-level", "none", "--log-level-file", "none", "--no-use-colors"]
    try:
        outcome = dbtRunner(callbacks=[keep_results]).invoke([*quiet, *arguments, *where, *paths])
    finally:
        DuckDBConnectionManager.close_all_connections()
    if outcome.exception is not None:
        for cause in _causes(outcome.exception):
            if not isinstance(cause, Exception):
                raise cause  # stopped by a signal; dbt stumbles over its own busy connection then
        said = " ".join(str(outcome.exception).split()) or type(outcome.exception).__name__
        for cause in _causes(outcome.exception):
            # The frames of what failed would hold the database open for as long as the error is looked at.
            traceback.clear_frames(cause.__traceback__)
        if "Could not set lock" in said:
            raise LockedError(f"{settings.build_database} is open in another process: close it, then run again.")
        raise ModelsError(
            f"dbt could not run ({said[:400]}): correct the model that it names; where it names a database file, "
            "`credits rebuild` makes that anew."
        )
    results = getattr(outcome.result, "results", None) or []
    failed = [each.node.name for each in results if str(each.status) in {"error", "fail", "runtime error"}]
    return ModelBuild(tuple(events), tuple(failed))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def read_manifest(settings: Settings) -> dict[str, object]:
    """dbt's manifest as a mapping."""
    return json.loads(manifest_path(settings).read_text(encoding="utf-8"))
