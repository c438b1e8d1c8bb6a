"""Reports runs by hand to Dagster's catalog: it shows the result of `credits run` as it would show that of the job.

A failure of the catalog is a warning, since the warehouse does not depend on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dagster as dg

from ingest.error_lines import safe_line
from ingest.landing.raw_tables import RAW_DESCRIPTIONS
from ingest.settings import Settings
from orchestration.defs.alerts import DELIVERED, delivery_metadata
from orchestration.defs.dead_runs import end_dead_runs
from orchestration.defs.history import forget_old_runs
from orchestration.defs.landing import landing_metadata
from orchestration.defs.models import events_of
from orchestration.defs.publish import BALANCE, USAGE, ages, dashboard_metadata, publication_metadata
from orchestration.models.building import ModelBuild
from orchestration.pipeline import Alerted, Landed, Record, StepResult
from orchestration.publish.publishing import Publication
from orchestration.run_log import LOGGER

AssetEvent = dg.AssetMaterialization | dg.AssetObservation | dg.AssetCheckEvaluation


@contextmanager
def recorded(settings: Settings, show: Callable[[str], object]) -> Iterator[Record]:
    """Yield a function that reports a step, as events that belong to no run of Dagster.

    Killed runs of Dagster are ended first; the caller holds the writer's lock. Old history is deleted, since with runs
    by hand there may be no daemon to do it.
    """
    stopped: list[str] = []

    def warn(error: Exception) -> None:
        stopped.append(safe_line(error))
        LOGGER.warning("Dagster's catalog in DAGSTER_HOME does not take it: %s", stopped[0])
        show(f"  Dagster's catalog does not show this run: {stopped[0]}")

    try:
        instance = dg.DagsterInstance.get()
        for run_id in end_dead_runs(instance, settings):
            LOGGER.info("Dagster's run %s was killed: marked as failed", run_id)
        forget_old_runs(instance)
    except Exception as error:
        warn(error)
        yield lambda _: None
        return

    def record(step: StepResult) -> None:
        if stopped:
            return
        try:
            for event in _events_of(step, settings):
                instance.report_runless_asset_event(event)
        except Exception as error:
            warn(error)

    with instance:
        yield record


def _events_of(step: StepResult, settings: Settings) -> Iterator[AssetEvent]:
    match step:
        case Landed():
            for table in RAW_DESCRIPTIONS:
                yield dg.AssetMaterialization(["raw", table], metadata=landing_metadata(step))
        case ModelBuild():
            yield from events_of(step, settings)
        case Publication():
            freshness = step.freshness()
            yield dg.AssetMaterialization("published_version", metadata=publication_metadata(step, freshness))
            yield dg.AssetCheckEvaluation(
                asset_key=dg.AssetKey("published_version"),
                check_name=BALANCE,
                passed=True,
                metadata={"credits": dg.MetadataValue.text(str(step.totals.credits))},
            )
            yield dg.AssetCheckEvaluation(
                asset_key=dg.AssetKey("published_version"),
                check_name=USAGE,
                passed=not freshness.silent_sources,
                severity=dg.AssetCheckSeverity.WARN,
                metadata={name: dg.MetadataValue.text(text) for name, text in ages(freshness).items()},
            )
            yield dg.AssetMaterialization("dashboard", metadata=dashboard_metadata(step))
        case Alerted():
            said, metadata = delivery_metadata(step)
            delivered = metadata["state"] == "delivered"
            kind = dg.AssetMaterialization if delivered else dg.AssetObservation
            yield kind(DELIVERED, description=said, metadata=metadata)
