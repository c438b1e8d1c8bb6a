"""The dbt models as assets, their tests as asset checks."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from dagster_dbt import dbt_assets
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from ingest.settings import Settings, load_settings
from orchestration.defs.failures import as_failures
from orchestration.models.building import ModelBuild, manifest_path, read_manifest
from orchestration.pipeline import build


def credit_models() -> dg.AssetsDefinition:
    """All models as one asset definition: they are built and tested together, in this process."""
    manifest_file = manifest_path(load_settings())

    @dbt_assets(manifest=manifest_file, name="models", pool="warehouse")
    def models(context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Settings]) -> Iterator[Any]:
        """Build what pending loads touch, and check every balance."""
        with as_failures():
            outcome = build(warehouse)
        yield from events_of(outcome, warehouse, context)
        with as_failures():
            outcome.raise_on_failure()

    return models


def events_of(
    outcome: ModelBuild, settings: Settings, context: dg.AssetExecutionContext | None = None
) -> Iterator[Any]:
    """What Dagster records about a build: each model and each check. Without a step's context the events belong to no
    run.
    """
    manifest = read_manifest(settings)
    for event in outcome.events:
        message = DbtCoreCliEventMessage(dict(event), {})
        if message.is_result_event:
            yield from message.to_default_asset_events(manifest=manifest, context=context)
