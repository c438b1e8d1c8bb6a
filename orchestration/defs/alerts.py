"""Delivery of alerts as an asset, behind the published version. It never takes back or holds up what is published.

Without a target it is skipped: not materialised, since nobody was told, and not failed, since nothing is wrong.
"""

from collections.abc import Iterator

import dagster as dg

from ingest.errors import CreditsError
from ingest.settings import Settings
from orchestration.alerting import NOT_CONFIGURED, deliver_alerts

DELIVERED = dg.AssetKey("delivered_alerts")


@dg.multi_asset(
    name="delivered_alerts",
    specs=[
        dg.AssetSpec(
            DELIVERED,
            deps=["published_version"],
            group_name="published",
            skippable=True,
            description="Open alerts of the published version, sent once to each URL of CREDITS_ALERT_URLS.",
        )
    ],
    pool="warehouse",
)
def delivered_alerts(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Settings]
) -> Iterator[dg.MaterializeResult | dg.AssetObservation]:
    """Send what has not been sent; what can't be is a warning, and is tried again at the next run."""
    try:
        outcome = deliver_alerts(warehouse)
    except CreditsError as error:
        said = f"no alert was delivered: {error}"
        context.log.warning(said)
        yield dg.AssetObservation(DELIVERED, description=said, metadata={"state": "failed", "said": said})
        return
    if outcome is None:
        yield dg.AssetObservation(DELIVERED, description=NOT_CONFIGURED, metadata={"state": "not configured"})
        return
    for problem in outcome.problems:
        context.log.warning(problem)
    metadata = {
        "targets": outcome.targets,
        "open alerts": outcome.open,
        "delivered": outcome.delivered,
        "waiting": outcome.waiting,
        "cut off": outcome.unknown,
        "said": "; ".join(outcome.lines()),
    }
    if outcome.waiting:
        # What nobody was told of yet is no success.
        yield dg.AssetObservation(DELIVERED, metadata={"state": "failed", **metadata})
    else:
        yield dg.MaterializeResult(asset_key=DELIVERED, metadata=metadata)
