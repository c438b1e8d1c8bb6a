"""Makes the sample's closed month: really closes it, with the sample's own clock and without the files that come later.

::

    python -m orchestration.commands.sample_month data/sample/landing
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.contract.datasets import CLOSED_CHARGES, CLOSED_LINES, FOLDERS, PERIOD_EVENTS
from ingest.landing.warehouse import open_build_database
from ingest.settings import load_settings
from orchestration.commands.run import run_once
from orchestration.periods.closing import close_month

CLOSED_MONTH = date(2026, 9, 1)
CLOSED_AT = datetime(2026, 10, 9, 8, tzinfo=UTC)
CLOSED_BY = "Synthetic billing desk"
_COME_LATER = ("-late-", "-history-", "adjustments-", "backfill-")
"""Parts of the names of the sample's files that cause corrections of the closed month."""


def close_sample_month(landing: Path, show: Callable[[str], object]) -> None:
    """Close the month without the files that come later, and add the closing's own files.

    Raises:
        CreditsError: a run failed, or the month can't be closed.
    """
    with TemporaryDirectory() as home:
        settings = load_settings({"CREDITS_HOME": home})
        shutil.copytree(landing, settings.landing, ignore=_come_later)
        run_once(settings, rebuild=False, show=show)
        with open_build_database(settings) as connection:
            connection.execute(f"attach '{settings.marts_database}' as marts (read_only)")
            close_month(connection, settings.landing, CLOSED_MONTH, CLOSED_BY, CLOSED_AT)
        for dataset in (CLOSED_CHARGES, CLOSED_LINES, PERIOD_EVENTS):
            shutil.copytree(settings.landing / FOLDERS[dataset], landing / FOLDERS[dataset])


def _come_later(_: str, names: list[str]) -> set[str]:
    return {name for name in names if any(part in name for part in _COME_LATER)}


if __name__ == "__main__":
    close_sample_month(Path(sys.argv[1]), show=print)
