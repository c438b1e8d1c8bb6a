"""The steps of a run, one function each, and a function for all of them in order. Dagster's assets call the
same steps.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.error_lines import access_fault, causes, safe_line
from ingest.errors import (
    CreditsError,
    DamagedError,
    HomeError,
    LockedError,
    OlderWarehouseError,
    PublishError,
    StorageError,
)
from ingest.landing.ledger import ledger_differences
from ingest.landing.load import LoadSummary, Report, land
from ingest.landing.publications import last_published_models
from ingest.landing.warehouse import (
    check_marts_database,
    is_damage,
    make_marts_database,
    open_build_database,
    prepare_folders,
    unusable,
)
from ingest.settings import Settings
from orchestration.alerts.alerting import Delivered, deliver_alerts
from orchestration.change_detection import require_landing
from orchestration.documentation.making import make_documentation
from orchestration.engines.spark_session import require_spark
from orchestration.engines.spark_tasks import landing_tasks
from orchestration.models.build_notes import (
    are_whole_checks_due,
    forget_audit,
    forget_models_of_tables,
    forget_whole_checks,
    models_of_tables,
    note_audit,
    note_models_of_tables,
    note_whole_checks,
)
from orchestration.models.building import ModelBuild, build_fingerprint, build_models
from orchestration.periods.strays import clear_strays
from orchestration.publish.held_listing import note_held_listing
from orchestration.publish.publishing import Publication, holds_all, publish
from orchestration.publish.settling import settle_switching
from orchestration.published_version import current_manifest
from orchestration.run_log import LOGGER, logged_step
from orchestration.run_outcome import RunOutcome
from orchestration.terminal_text import printable, shown_path


@dataclass(frozen=True)
class Landed:
    """A landing step, and whether the build database had to be rebuilt before it (`rebuilt` says why)."""

    summary: LoadSummary
    rebuilt: str | None


@dataclass(frozen=True)
class Alerted:
    """The delivery of open alerts. `round` is None if no target is configured, or if `error` says why it failed."""

    round: Delivered | None = None
    error: str | None = None

    def lines(self) -> tuple[str, ...]:
        """The lines for a person."""
        if self.error:
            return (f"no alert was delivered: {self.error}",)
        return tuple(self.round.lines()) if self.round else ()


StepResult = Landed | ModelBuild | Publication | Alerted
Record = Callable[[StepResult], object]
"""Gets the outcome of each step as soon as it has finished, including failures of a build."""


def run_steps(
    settings: Settings, run_id: str, *, rebuild: bool, report: Report, record: Record, check_all: bool = False
) -> RunOutcome:
    """Land, build, publish, deliver alerts. With `check_all` the models are built even if nothing is new, and the
    checks compare all of history. The caller holds the writer's lock.

    Raises:
        CreditsError: a step failed; the last published version stays.
    """
    if settings.engine == "spark":
        require_spark()
    landed = land_new_files(settings, run_id, rebuild=rebuild, report=report)
    before = current_manifest(settings)
    record(landed)
    must_build = rebuild or check_all or landed.rebuilt or landed.summary.pending_loads
    if before is not None and not must_build and holds_all(settings, build_fingerprint(settings)):
        return RunOutcome(
            before["version"], False, before["totals"], None, landed.summary.left_out, tell_people(settings).lines()
        )
    built = build(settings, check_all=check_all)
    record(built)
    built.raise_on_failure()
    publication = publish_version(settings)
    record(publication)
    alerted = tell_people(settings)
    record(alerted)
    return RunOutcome(
        publication.version,
        before is None or before["version"] != publication.version,
        publication.totals.as_json(),
        landed.rebuilt,
        landed.summary.left_out,
        alerted.lines(),
        publication.is_sent,
    )


def land_new_files(settings: Settings, run_id: str, *, rebuild: bool = False, report: Report | None = None) -> Landed:
    """Land new bytes. With `rebuild`, or if the raw tables differ from the ledger, land everything again.

    Raises:
        HomeError, MappingError, WarehouseError: see `ingest.landing.load.land`.
    """
    require_landing(settings)
    prepare_folders(settings)
    with logged_step("landing"):
        settle_switching(settings)
        clear_strays(settings)
        rebuilt = None
        if rebuild:
            _remove_databases(settings)
        elif settings.build_database.exists():
            rebuilt = _damage(settings)
            if rebuilt:
                LOGGER.info("everything is landed again: %s", rebuilt)
                _remove_databases(settings)
        make_marts_database(settings)
        with landing_tasks(settings) as tasks:
            summary = land(settings, run_id, report, tasks)
        LOGGER.info("%d files with %d lines, %d refused", summary.files, summary.lines, summary.rejected)
        for file in summary.left_out:
            LOGGER.info("left out (%s): %s: %s", file.kind, shown_path(file.path), printable(file.reason))
        return Landed(summary, rebuilt)


def build(settings: Settings, *, check_all: bool = False) -> ModelBuild:
    """Build and test the models: what pending loads touch, or everything if the models have changed since the last
    published version or since the tables were made. If a database file is damaged, its tables are made again. The
    checks compare all of history if everything is built, in the first build of a day, and with `check_all`.

    Raises:
        WarehouseError: the marts' database can't be opened, for a reason other than damage.
        LockedError, ModelsError: see `orchestration.models.building`.
    """
    with logged_step("building the marts"):
        try:
            return _build(settings, check_all)
        except DamagedError as error:
            LOGGER.info("all tables are made again: %s", error)
            _require_whole_build(settings)
            return _build(settings, check_all, marts_are_damaged=True)


def _require_whole_build(settings: Settings) -> None:
    """Let the next build make all tables, and the marts in a new file."""
    with open_build_database(settings) as connection:
        forget_models_of_tables(connection)


def _build(settings: Settings, check_all: bool, *, marts_are_damaged: bool = False) -> ModelBuild:
    models = build_fingerprint(settings)
    with open_build_database(settings) as connection:
        full_refresh = {last_published_models(connection), models_of_tables(connection)} != {models}
        whole_checks = check_all or are_whole_checks_due(connection)
        forget_audit(connection)
        if whole_checks:
            forget_whole_checks(connection)
        if full_refresh:
            forget_models_of_tables(connection)
    if full_refresh:
        if not marts_are_damaged:
            check_marts_database(settings)  # a file that can't be opened is kept, and named
        # A new file, because replaced tables would leave unused space in the old one.
        _remove(settings.marts_database)
        make_marts_database(settings)
    if whole_checks and (version := current_manifest(settings)):
        # Until a run publishes or finds all as published, the next one must look again, whether or not files arrive.
        note_held_listing(settings, str(version["version"]), None)
    outcome = build_models(settings, full_refresh=full_refresh, whole_checks=whole_checks)
    if outcome.damage and not full_refresh:
        raise DamagedError(outcome.damage)
    # Models that were edited while they were built made tables of neither state.
    if not outcome.failed and models == build_fingerprint(settings):
        with open_build_database(settings) as connection:
            note_audit(connection, models)
            note_models_of_tables(connection, models)
            if outcome.has_whole_checks:
                note_whole_checks(connection)
        make_documentation(settings)
    return outcome


def publish_version(settings: Settings) -> Publication:
    """Check and publish the marts as a new version.

    Raises:
        PublishError: see `orchestration.publish.publishing.publish`.
    """
    with logged_step("publishing"):
        try:
            return publish(settings, build_fingerprint(settings))
        except StorageError as error:
            raise PublishError(f"not published: {error}") from None
        except (PublishError, duckdb.Error) as error:
            damage = [cause for cause in causes(error) if isinstance(cause, duckdb.Error) and is_damage(str(cause))]
            if not damage:
                raise
            _require_whole_build(settings)
            raise PublishError(
                f"not published: {settings.marts_database} is damaged ({safe_line(damage[-1])}); the last published "
                "version stays. The next run makes all tables again, as `credits rebuild` does."
            ) from None


def tell_people(settings: Settings) -> Alerted:
    """Deliver open alerts that have not been delivered; a failure never affects the published version."""
    try:
        with logged_step("delivering alerts"):
            return Alerted(deliver_alerts(settings))
    except CreditsError as error:
        LOGGER.warning("no alert was delivered: %s", error)
        return Alerted(error=str(error))


def _damage(settings: Settings) -> str | None:
    """Why the build database must be made again; None if it is sound.

    Raises:
        WarehouseError: it can't be opened, for a reason other than damage; it is left as it is.
    """
    last_try = time.monotonic() + settings.lock_wait_seconds
    while True:
        try:
            with open_build_database(settings) as connection:
                differing = _differences(settings, connection)
            break
        except LockedError:
            if time.monotonic() >= last_try:
                raise
            time.sleep(0.5)
        except OlderWarehouseError:
            return "the raw tables' definition changed"
        except DamagedError:
            return "the build database could not be read"
    return f"the raw tables differed from the ledger for {', '.join(differing[:3])}" if differing else None


def _differences(settings: Settings, connection: duckdb.DuckDBPyConnection) -> list[str]:
    try:
        return ledger_differences(connection)
    except (duckdb.CatalogException, duckdb.BinderException):
        raise DamagedError(f"{settings.build_database} lacks a raw table or a column of one.") from None
    except duckdb.Error as error:
        raise unusable(settings.build_database, error) from None


def _remove_databases(settings: Settings) -> None:
    _remove(settings.build_database)
    _remove(settings.marts_database)


def _remove(database: Path) -> None:
    for file in (database, database.with_name(f"{database.name}.wal")):
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            fault = access_fault(error) if not file.is_dir() else None
            raise HomeError(f"{fault or f'{file} cannot be removed ({error.strerror}): check what it is'}.") from None
