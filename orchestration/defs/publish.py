"""The published version and its dashboard as assets, after every mart and every check."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from ingest.settings import Settings
from orchestration.dashboard.making import DASHBOARD
from orchestration.defs.failures import RETRIES, as_failures
from orchestration.freshness import Freshness, age_in_words
from orchestration.pipeline import publish_version
from orchestration.publish.publishing import Publication

PUBLISH_FRESHNESS = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=26), warn_window=timedelta(hours=3))
BALANCE = "totals_tie_from_ledger_to_marts"
USAGE = "no_source_of_usage_is_silent"


def published_version_of(marts: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """The assets that switch in a new version of these marts: its tables and its dashboard, in one step that can't
    leave out either.
    """

    @dg.multi_asset(
        name="published_version",
        specs=[
            dg.AssetSpec(
                "published_version",
                deps=list(marts),
                group_name="published",
                description="What BI reads, switched in at once after all totals were compared.",
                freshness_policy=PUBLISH_FRESHNESS,
            ),
            dg.AssetSpec(
                "dashboard",
                deps=["published_version"],
                group_name="published",
                description="The version as a page to look at: made of its tables before it is switched in, with it.",
            ),
        ],
        check_specs=[
            dg.AssetCheckSpec(BALANCE, asset="published_version", blocking=True),
            dg.AssetCheckSpec(
                USAGE,
                asset="published_version",
                description="Warns while a source gives no sign in usual hours, and says how old usage is.",
            ),
        ],
        retry_policy=RETRIES,
        pool="warehouse",
    )
    def published_version(warehouse: dg.ResourceParam[Settings]) -> Iterator[dg.MaterializeResult]:
        """Compare all totals, write a version with its dashboard, and make it the current one."""
        with as_failures():
            publication = publish_version(warehouse)
            freshness = publication.freshness()
        credits = str(publication.totals.credits)
        yield dg.MaterializeResult(
            asset_key="published_version",
            metadata=publication_metadata(publication, freshness),
            check_results=[
                dg.AssetCheckResult(passed=True, check_name=BALANCE, metadata={"credits": credits}),
                dg.AssetCheckResult(
                    passed=not freshness.silent_sources,
                    check_name=USAGE,
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata=ages(freshness),
                ),
            ],
        )
        yield dg.MaterializeResult(asset_key="dashboard", metadata=dashboard_metadata(publication))

    return published_version


def publication_metadata(publication: Publication, freshness: Freshness) -> dict[str, Any]:
    """The catalog's metadata of a published version."""
    totals = publication.totals
    share = totals.credits_unmapped / totals.credits if totals.credits else 0
    return {
        "version": publication.version,
        "path": dg.MetadataValue.path(str(publication.path)),
        "tables": publication.tables,
        "months written": ", ".join(publication.months_written) or "none",
        "operations": totals.operations,
        "credits": f"{totals.credits:f}",
        "credits unmapped": f"{totals.credits_unmapped:f}",
        "unmapped share": float(share),
        **ages(freshness),
        **{f"records {verdict}": count for verdict, count in totals.verdicts.items()},
    }


def dashboard_metadata(publication: Publication) -> dict[str, Any]:
    """The catalog's metadata of a version's page."""
    page = publication.path / DASHBOARD
    return {"path": dg.MetadataValue.path(str(page)), "bytes": page.stat().st_size}


def ages(freshness: Freshness) -> Mapping[str, str]:
    """The times of the last usage and the last heartbeat, and the silent sources."""
    now = datetime.now(UTC)
    moments = {"last usage": freshness.last_usage_at, "last heartbeat": freshness.last_heartbeat_at}
    times = {
        name: f"{at:%Y-%m-%d %H:%M} UTC, {age_in_words(at, now)}" if at else "none" for name, at in moments.items()
    }
    return times | {"silent sources": ", ".join(freshness.silent_sources) or "none"}
