"""Delivery of alerts as an asset after the published version. It never affects or delays publishing.

Without a target it is skipped: not materialized, since nothing was sent, and not failed, since nothing is wrong.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from ingest.settings import Settings
from orchestration.alerts.alerting import NOT_CONFIGURED
from orchestration.defs.failures import as_failures
from orchestration.pipeline import Alerted, tell_people

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
    """Send the alerts that have not been sent. A failure is a warning, and the next run tries again."""
    with as_failures():
        alerted = tell_people(warehouse)
    for problem in [alerted.error] if alerted.error else alerted.round.problems if alerted.round else ():
        context.log.warning(problem)
    said, metadata = delivery_metadata(alerted)
    if metadata["state"] == "delivered":
        yield dg.MaterializeResult(asset_key=DELIVERED, metadata=metadata)
    else:
        # Without a delivery there is no success.
        yield dg.AssetObservation(DELIVERED, description=said, metadata=metadata)


def delivery_metadata(alerted: Alerted) -> tuple[str | None, dict[str, Any]]:
    """The catalog's metadata of a round of deliveries: the figures, and a sentence if nothing was delivered.

    `state` is `delivered`, or else `failed` or `not configured`.
    """
    said = "; ".join(alerted.lines())
    if alerted.error:
        return said, {"state": "failed", "said": said}
    outcome = alerted.round
    if outcome is None:
        return NOT_CONFIGURED, {"state": "not configured"}
    return None, {
        "state": "failed" if outcome.waiting else "delivered",
        "targets": outcome.targets,
        "open alerts": outcome.open,
        "delivered": outcome.delivered,
        "waiting": outcome.waiting,
        "cut off": outcome.unknown,
        "said": said,
    }
