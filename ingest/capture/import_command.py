"""`credits capture import`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from ingest.capture.log_replay import Imported, Refused, import_log
from ingest.errors import CreditsError, HomeError
from ingest.landing_store import landing_store
from ingest.settings import Settings
from ingest.wording import counted


class LeftOutError(CreditsError):
    """Records were imported, and lines or whole logs were left out."""

    exit_code = 3


def run_import(
    settings: Settings,
    show: Callable[[str], None],
    *,
    files: Sequence[Path],
    environment: str | None,
    corti_tenant: str | None,
) -> None:
    """Import the logs one after the other, and print the outcome of each. If one can't be read, the others are
    imported.

    Raises:
        HomeError: landing can't be written; the logs before that were imported.
        LeftOutError: lines were refused, or a log could not be read; everything else was imported.
        CreditsError: no line of any log could be used.
    """
    unread: list[str] = []
    refused: Counter[str] = Counter()
    used = 0
    store = landing_store(settings)
    with store.outbox(resend=True) as folder:
        for log in files:
            try:
                imported = import_log(
                    log,
                    folder,
                    environment=environment,
                    corti_tenant=corti_tenant,
                    dimension_keys=settings.dimensions,
                )
            except HomeError:
                raise
            except CreditsError as error:
                unread.append(str(error))
                continue
            for line in _summary(imported, imported.landed and store.place_of(imported.landed, folder)):
                show(line)
            refused.update({reason: lines.count for reason, lines in imported.refused.items()})
            used += imported.lines - sum(lines.count for lines in imported.refused.values())
    if not unread and not refused:
        return
    said = [*unread, *(f"{_lines(count)} refused ({reason})" for reason, count in refused.items())]
    left_out = "; ".join(line.rstrip(".") for line in said)
    if used:
        raise LeftOutError(f"{left_out}; everything else was imported.")
    raise CreditsError(f"nothing was imported: {left_out}.")


def _summary(imported: Imported, place: str | None) -> Iterable[str]:
    log = imported.log
    if place:
        yield f"{log}: {counted(imported.records, 'usage record')} from {_lines(imported.lines)} -> {place}"
    else:
        yield f"{log}: no usage records in {_lines(imported.lines)}"
    if imported.quiet:
        yield f"{log}: {counted(imported.quiet, 'call')} cost nothing that was reported"
    if imported.timeless:
        yield f"{log}: {counted(imported.timeless, 'record')} took the log's modification time, for want of a `time`"
    for reason, lines in imported.refused.items():
        yield f"{log}: {_lines(lines.count)} refused ({reason}): {_numbers(lines)}"


def _numbers(refused: Refused) -> str:
    shown = ", ".join(str(number) for number in refused.numbers)
    more = refused.count - len(refused.numbers)
    return f"{shown} and {more} more" if more else shown


def _lines(count: int) -> str:
    return counted(count, "line")
