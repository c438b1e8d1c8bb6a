"""The steps of a run, each one call: what the Dagster assets do."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.errors import LockedError, NewerWarehouseError, OlderWarehouseError, WarehouseError
from ingest.landing.ledger import last_published_models, ledger_differences, pending_loads
from ingest.landing.load import LoadSummary, Report, land
from ingest.landing.warehouse import make_marts_database, open_build_database, prepare_folders
from ingest.settings import Settings
from orchestration.build_notes import (
    forget_audit,
    forget_models_of_tables,
    models_of_tables,
    note_audit,
    note_models_of_tables,
)
from orchestration.documentation.making import make_documentation
from orchestration.model_building import ModelBuild, build_models, models_fingerprint
from orchestration.news import require_landing
from orchestration.publishing import Publication, publish


@dataclass(frozen=True)
class Landed:
    """A landing step, and whether the build database had to be made anew before it (`healed` says why)."""

    summary: LoadSummary
    healed: str | None
    pending_loads: int


def land_new_files(settings: Settings, run_id: str, *, rebuild: bool = False, report: Report | None = None) -> Landed:
    """Land what is new. With `rebuild`, or where the raw tables are not what the ledger says, land everything anew.

    Raises:
        HomeError, MappingError, WarehouseError: see `ingest.landing.load.land`.
    """
    require_landing(settings)
    prepare_folders(settings)
    healed = None
    if rebuild:
        _remove_databases(settings)
    elif settings.build_database.exists():
        healed = _damage(settings)
        if healed:
            _remove_databases(settings)
    make_marts_database(settings)
    summary = land(settings, run_id, report)
    with open_build_database(settings) as connection:
        return Landed(summary, healed, len(pending_loads(connection)))


def build(settings: Settings) -> ModelBuild:
    """Build and test the models: what pending loads touch, or everything where the models are not those of the last
    published version, or not those that made the tables.

    Raises:
        LockedError, ModelsError: see `orchestration.model_building`.
    """
    models = models_fingerprint()
    with open_build_database(settings) as connection:
        full_refresh = {last_published_models(connection), models_of_tables(connection)} != {models}
        forget_audit(connection)
        if full_refresh:
            forget_models_of_tables(connection)
    if full_refresh:
        # A file of its own makes up for what replaced tables would leave unused in it.
        _remove(settings.marts_database)
        make_marts_database(settings)
    outcome = build_models(settings, full_refresh=full_refresh)
    if not outcome.failed:
        with open_build_database(settings) as connection:
            note_audit(connection, models)
            note_models_of_tables(connection, models)
        make_documentation(settings)
    return outcome


def publish_version(settings: Settings) -> Publication:
    """Check and publish the marts as a new version.

    Raises:
        PublishError: see `orchestration.publishing.publish`.
    """
    return publish(settings, models_fingerprint())


def _damage(settings: Settings) -> str | None:
    last_try = time.monotonic() + settings.lock_wait_seconds
    while True:
        try:
            with open_build_database(settings) as connection:
                differing = ledger_differences(connection)
            break
        except LockedError:
            if time.monotonic() >= last_try:
                raise
            time.sleep(0.5)
        except NewerWarehouseError:
            raise
        except OlderWarehouseError:
            return "the raw tables' definition changed"
        except (WarehouseError, duckdb.Error):
            return "the build database could not be read"
    return f"the raw tables differed from the ledger for {', '.join(differing[:3])}" if differing else None


def _remove_databases(settings: Settings) -> None:
    _remove(settings.build_database)
    _remove(settings.marts_database)


def _remove(database: Path) -> None:
    for file in (database, database.with_name(f"{database.name}.wal")):
        file.unlink(missing_ok=True)
