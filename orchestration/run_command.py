"""`credits run` and `credits rebuild`: the same Dagster job that schedules launch, in this process."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ingest.errors import CreditsError
from ingest.settings import Settings
from orchestration import progress
from orchestration.news import has_news
from orchestration.published_version import current_manifest

Show = Callable[[str], object]


class UnreadableFilesError(CreditsError):
    """Everything else was published, but some files could not be opened."""


def run_once(settings: Settings, *, rebuild: bool, show: Show) -> None:
    """Run the job once and say what it did; end at once where nothing is new.

    Raises:
        CreditsError: the job failed; the message is the failed step's own line.
        UnreadableFilesError: a version was published without files that could not be opened.
    """
    if not settings.landing.is_dir():
        raise CreditsError(
            f"{settings.landing} does not exist: set CREDITS_HOME to a folder that holds landing/, "
            "or try `credits sample --out DIR`."
        )
    if not rebuild and not has_news(settings):
        manifest = current_manifest(settings)
        show(f"nothing new: version {manifest['version'] if manifest else ''} holds all that has landed.")
        _deliver_what_waits(settings, show)
        return
    started = time.monotonic()
    before = current_manifest(settings)
    show(f"working in {settings.home}")
    unreadable = _execute(settings, "rebuild_job" if rebuild else "credits_job", show)
    manifest = current_manifest(settings)
    if manifest is None:
        raise CreditsError("the run ended without a published version: run it again.")
    if before and before["version"] == manifest["version"]:
        show(f"nothing new came of it: version {manifest['version']} stays")
    else:
        show(f"published {manifest['version']} in {time.monotonic() - started:.0f} s")
    for line in summary(manifest["totals"]):
        show(f"  {line}")
    show(f"look at {settings.published / 'current'}: dashboard.html, credits.duckdb, parquet/, manifest.json,")
    show("  data-dictionary.html (what each column means), docs/index.html (models and lineage)")
    if unreadable:
        raise UnreadableFilesError(
            f"{unreadable} files below {settings.landing} could not be opened and are not in that version: "
            "check their owner and mode, then run again."
        )


def summary(totals: Mapping[str, Any]) -> list[str]:
    """The totals of a published version, in the lines that a run ends with."""
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in totals["verdicts"].items())
    unreported = totals["unreported_operations"]
    return [
        f"{_counted(totals['lines_read'], 'line')} read: {verdicts}",
        f"{totals['credits']} credits in {_counted(totals['operations'], 'operation')}, the same in every mart",
        f"{totals['credits_unmapped']} of them unmapped, {totals['credits_estimated']} estimated",
        f"{_counted(unreported, 'operation')} never reported {'its' if unreported == 1 else 'their'} usage",
    ]


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _deliver_what_waits(settings: Settings, show: Show) -> None:
    """Try again what an earlier run could not deliver: it must not wait for something new to land."""
    from orchestration.alert_targets import load_targets

    try:
        if not load_targets():
            return
        from orchestration.alerting import deliver_alerts

        outcome = deliver_alerts(settings)
    except CreditsError as error:
        show(f"  no alert was delivered: {error}")
        return
    for line in outcome.lines() if outcome else ():
        show(f"  {line}")


def _execute(settings: Settings, job_name: str, show: Show) -> int:
    """Execute the job; return how many landing files could not be opened."""
    os.environ["CREDITS_HOME"] = str(settings.home)
    logging.disable(logging.CRITICAL)  # the one clear line is ours to say
    import dagster as dg

    from ingest.landing.warehouse import prepare_folders
    from orchestration.definitions import defs

    try:
        prepare_folders(settings)
        instance = dg.DagsterInstance.get() if os.environ.get("DAGSTER_HOME") else dg.DagsterInstance.ephemeral()
        with instance, progress.shown(show):
            result = defs().resolve_job_def(job_name).execute_in_process(instance=instance)
    except CreditsError:
        raise
    except dg.DagsterExecutionInterruptedError:
        raise KeyboardInterrupt from None
    except Exception as error:
        raise CreditsError(_own_line(error)) from error
    finally:
        logging.disable(logging.NOTSET)
    landed = result.get_asset_materialization_events()[0].materialization.metadata
    if (healed := str(landed["landed anew"].value)) != "no":
        show(f"  everything was landed anew: {healed}")
    told = [
        *result.asset_materializations_for_node("delivered_alerts"),
        *result.asset_observations_for_node("delivered_alerts"),
    ]
    for event in told:
        if said := event.metadata.get("said"):
            show(f"  {said.value}")
    return int(str(landed["files to mend"].value))


def _own_line(error: BaseException) -> str:
    """What the project itself said of the failure, else the first line of what went wrong."""
    from dagster import Failure

    for each in _causes(error):
        if isinstance(each, CreditsError):
            return str(each)
        if isinstance(each, Failure) and each.description:
            return each.description
    first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
    return f"the run failed ({type(error).__name__}: {first_line[:200]}); the last published version stays."


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
