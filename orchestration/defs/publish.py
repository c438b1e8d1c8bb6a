"""The published version as an asset, behind every mart and every check."""

from collections.abc import Sequence
from datetime import timedelta

import dagster as dg

from ingest.settings import Settings
from orchestration.defs.failures import RETRIES, as_failures
from orchestration.pipeline import publish_version

PUBLISH_FRESHNESS = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=26), warn_window=timedelta(hours=3))
BALANCE = "totals_tie_from_ledger_to_marts"


def published_version_of(marts: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """The asset that switches in a new version of these marts."""

    @dg.asset(
        name="published_version",
        deps=list(marts),
        group_name="published",
        check_specs=[dg.AssetCheckSpec(BALANCE, asset="published_version", blocking=True)],
        freshness_policy=PUBLISH_FRESHNESS,
        retry_policy=RETRIES,
        pool="warehouse",
    )
    def published_version(warehouse: dg.ResourceParam[Settings]) -> dg.MaterializeResult:
        """What BI reads, switched in at once after all totals were compared."""
        with as_failures():
            publication = publish_version(warehouse)
        totals = publication.totals
        share = totals.credits_unmapped / totals.credits if totals.credits else 0
        return dg.MaterializeResult(
            metadata={
                "version": publication.version,
                "path": dg.MetadataValue.path(str(publication.path)),
                "tables": publication.tables,
                "months written": ", ".join(publication.months_written) or "none",
                "operations": totals.operations,
                "credits": f"{totals.credits:f}",
                "credits unmapped": f"{totals.credits_unmapped:f}",
                "unmapped share": float(share),
                **{f"records {verdict}": count for verdict, count in totals.verdicts.items()},
            },
            check_results=[
                dg.AssetCheckResult(passed=True, check_name=BALANCE, metadata={"credits": str(totals.credits)})
            ],
        )

    return published_version
