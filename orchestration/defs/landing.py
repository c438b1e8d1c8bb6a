"""Landing as assets: the raw tables that dbt reads as its source."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import dagster as dg

from ingest.landing.left_out import TO_MEND
from ingest.settings import Settings
from orchestration.defs.failures import RETRIES, as_failures
from orchestration.pipeline import Landed, land_new_files
from orchestration.progress import report
from orchestration.terminal_text import shown_path, shown_reason

RAW_TABLES = {
    "usage_records": "Accepted lines of usage record files.",
    "interactions": "Rows of interactions exports.",
    "users": "Rows of users exports.",
    "tenants": "Rows of tenants exports.",
    "rates": "Rows of rates exports.",
    "quotas": "Rows of quotas exports.",
    "adjustments": "Rows of adjustments files.",
    "period_events": "Months that were closed and reopened.",
    "closed_charges": "Charges of statements, as they were closed.",
    "closed_lines": "Lines of statements, as they were closed.",
    "corti_interactions": "Interactions as Corti listed them.",
    "corti_resources": "Transcripts, documents and recordings as Corti listed them.",
    "corti_pulls": "What became of each day that Corti was asked for.",
    "provider_consumption": "Totals that Corti reported for a window.",
    "heartbeats": "Heartbeats of capturing processes.",
    "rejected_lines": "Refused lines, with the reason.",
    "file_notices": "What a person should look at in files that landed.",
    "unread_files": "Files and folders that did not land, with why.",
    "seen_files": "The content that stands under each path.",
    "landed_files": "The ledger: one row per landed file content.",
    "loads": "Landing steps that found something new.",
    "publications": "Published versions, with the last load that each holds.",
}
PULLED = {
    "usage_records": ("reads",),
    "corti_interactions": ("interactions",),
    "corti_resources": ("interactions",),
    "corti_pulls": ("interactions",),
    "provider_consumption": ("consumption",),
}
"""Raw tables of which pulls write files, by the asset that does."""
LANDING_FRESHNESS = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=26), warn_window=timedelta(hours=3))


class LandingConfig(dg.Config):
    """`rebuild` makes the build database anew from all files below landing/."""

    rebuild: bool = False


@dg.multi_asset(
    name="landing",
    specs=[
        dg.AssetSpec(
            ["raw", table],
            deps=[["corti", asset] for asset in PULLED.get(table, ())],
            group_name="landing",
            description=text,
            freshness_policy=LANDING_FRESHNESS,
        )
        for table, text in RAW_TABLES.items()
    ],
    retry_policy=RETRIES,
    pool="warehouse",
)
def landing(
    context: dg.AssetExecutionContext, config: LandingConfig, warehouse: dg.ResourceParam[Settings]
) -> Iterator[dg.MaterializeResult]:
    """Land all new files in one transaction."""
    with as_failures():
        landed = land_new_files(warehouse, context.run.run_id, rebuild=config.rebuild, report=report)
    if landed.healed:
        context.log.warning(f"everything was landed anew: {landed.healed}.")
    summary = landed.summary
    for file in summary.left_out:
        context.log.warning(f"{shown_path(file.path)} did not land: {shown_reason(file.reason)}.")
    for notice in summary.notices:
        context.log.warning(f"{shown_path(notice.path)}: {shown_reason(notice.detail)}.")
    for table in RAW_TABLES:
        yield dg.MaterializeResult(asset_key=["raw", table], metadata=landing_metadata(landed))


def landing_metadata(landed: Landed) -> dict[str, Any]:
    """What the catalog says of each raw table after a landing step."""
    summary = landed.summary
    return {
        "files": summary.files,
        "lines read": summary.lines,
        "accepted": summary.accepted,
        "rejected": summary.rejected,
        "figures rounded to 9 places": summary.credits_rounded,
        "files left out": [asdict(file) for file in summary.left_out],
        "files to mend": sum(file.kind in TO_MEND for file in summary.left_out),
        "notices": [asdict(notice) for notice in summary.notices],
        "pending loads": landed.pending_loads,
        "landed anew": landed.healed or "no",
    }
