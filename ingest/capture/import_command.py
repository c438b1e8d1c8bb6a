"""`credits capture import`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ingest.capture.log_replay import Imported, import_log
from ingest.settings import Settings

_MOST_NUMBERS = 20


def run_import(
    settings: Settings,
    show: Callable[[str], None],
    *,
    files: Sequence[Path],
    environment: str | None,
    corti_tenant: str | None,
) -> None:
    """Import the logs one after the other, and say what each came to.

    Raises:
        CreditsError: a log can't be read, or landing not be written; the logs before it were imported.
    """
    for log in files:
        for line in _told(import_log(log, settings.landing, environment=environment, corti_tenant=corti_tenant)):
            show(line)


def _told(imported: Imported) -> list[str]:
    log = imported.log
    if imported.landed:
        told = [f"{log}: {imported.records} usage records from {imported.lines} lines -> {imported.landed}"]
    else:
        told = [f"{log}: no usage records in {imported.lines} lines"]
    if imported.quiet:
        told.append(f"{log}: {imported.quiet} calls cost nothing that was reported")
    if imported.timeless:
        told.append(f"{log}: {imported.timeless} records took the log's modification time, for want of a usable `time`")
    if imported.broken:
        shown = ", ".join(str(number) for number in imported.broken[:_MOST_NUMBERS])
        more = f" and {len(imported.broken) - _MOST_NUMBERS} more" if len(imported.broken) > _MOST_NUMBERS else ""
        told.append(f"{log}: {len(imported.broken)} lines are no logged call: {shown}{more}")
    return told
