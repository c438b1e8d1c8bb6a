"""Landing as assets: the raw tables that dbt reads as its source."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import dagster as dg

from ingest.contract.left_out import TO_MEND
from ingest.landing.inputs import INPUTS
from ingest.landing.raw_tables import RAW_DESCRIPTIONS
from ingest.settings import Settings
from orchestration.defs.failures import RETRIES, as_failures
from orchestration.pipeline import Landed, land_new_files
from orchestration.progress import report
from orchestration.terminal_text import shown_path, shown_reason

LANDING_FRESHNESS = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=26), warn_window=timedelta(hours=3))


class LandingConfig(dg.Config):
    """`rebuild` makes the build database again from all files below landing/."""

    rebuild: bool = False


@dg.multi_asset(
    name="landing",
    specs=[
        dg.AssetSpec(
            ["raw", table],
            deps=[["corti", pull] for pull in INPUTS[table].pulled_by] if table in INPUTS else [],
            group_name="landing",
            description=text,
            freshness_policy=LANDING_FRESHNESS,
        )
        for table, text in RAW_DESCRIPTIONS.items()
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
    if landed.rebuilt:
        context.log.warning(f"everything was landed again: {landed.rebuilt}.")
    summary = landed.summary
    for file in summary.left_out:
        context.log.warning(f"{shown_path(file.path)} did not land: {shown_reason(file.reason)}.")
    for notice in summary.notices:
        context.log.warning(f"{shown_path(notice.path)}: {shown_reason(notice.detail)}.")
    for table in RAW_DESCRIPTIONS:
        yield dg.MaterializeResult(asset_key=["raw", table], metadata=landing_metadata(landed))


def landing_metadata(landed: Landed) -> dict[str, Any]:
    """The catalog's metadata of each raw table after a landing step."""
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
        "pending loads": landed.summary.pending_loads,
        "landed again": landed.rebuilt or "no",
    }
