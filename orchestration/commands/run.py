"""`credits run` and `credits rebuild`: all steps in this process, under one lock, with one outcome."""

from __future__ import annotations

import json
import logging
import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ingest.contract.left_out import Kind, LeftOut
from ingest.error_lines import access_fault, raise_if_interrupted, safe_line, storage_fault
from ingest.errors import CreditsError
from ingest.settings import Settings
from ingest.wording import counted
from orchestration import progress
from orchestration.change_detection import bring_landing, has_news
from orchestration.commands.errors import AnsweredError
from orchestration.published_version import current_manifest, current_version
from orchestration.run_metrics import measured_run
from orchestration.run_outcome import RunOutcome
from orchestration.terminal_text import shown_path, shown_reason

if TYPE_CHECKING:
    from orchestration.pipeline import Record
    from orchestration.status import NoticedFile

Show = Callable[[str], object]
_MOST_LINES = 20


class LeftOutError(AnsweredError):
    """Everything else was published, but a person has to mend files that were left out."""

    exit_code = 3


def run_once(settings: Settings, *, rebuild: bool, show: Show, check_all: bool = False) -> RunOutcome:
    """Run all steps once and say what happened; end at once if nothing is new, unless `check_all` asks to check all of
    history.

    Raises:
        CreditsError: a step failed; the message is that step's own line.
    """
    with measured_run(settings, show) as measure:
        measure.outcome = _run_once(settings, rebuild, check_all, show)
        return measure.outcome


def _run_once(settings: Settings, rebuild: bool, check_all: bool, show: Show) -> RunOutcome:
    bring_landing(settings)
    if not rebuild and not check_all and not has_news(settings):
        return _nothing_new(settings, show)
    started = time.monotonic()
    show(f"working in {settings.home}")
    outcome = _run(settings, rebuild, check_all, show)
    if check_all:
        show("  every check passed over all of history")
    if outcome.rebuilt:
        show(f"  everything was landed again: {outcome.rebuilt}")
    for line in outcome.alert_lines:
        show(f"  {line}")
    if outcome.is_new:
        to = f" to {settings.publish_to}" if settings.publish_to else ""
        show(f"published {outcome.version}{to} in {time.monotonic() - started:.0f} s")
    elif outcome.is_sent:
        show(f"version {outcome.version} is published to {settings.publish_to} too")
    else:
        show(f"the run changed nothing: version {outcome.version} stays")
    for line in [
        *summary(outcome.totals),
        *_left_out_lines(outcome.left_out),
        *_notice_lines(_published_notices(settings)),
    ]:
        show(f"  {line}")
    show(f"look at {settings.published / 'current'}: dashboard.html, credits.duckdb, parquet/, manifest.json,")
    show("  data-dictionary.html (what each column means), docs/index.html (models and lineage)")
    return outcome


def show_run(settings: Settings, *, rebuild: bool, as_json: bool, check_all: bool = False) -> None:
    """Run once and say what happened; with `as_json` as one object on standard output, and the lines on standard error.

    Raises:
        CreditsError: a step failed.
        LeftOutError: published, but a person has to mend files that were left out.
    """
    import click

    if not as_json:
        refuse_left_out(run_once(settings, rebuild=rebuild, show=click.echo, check_all=check_all))
        return
    outcome = run_once(settings, rebuild=rebuild, show=lambda line: click.echo(line, err=True), check_all=check_all)
    error = left_out_error(outcome)
    facts = {"published": outcome.is_new, "landed_anew": outcome.rebuilt, "error": str(error) if error else None}
    click.echo(json.dumps(_as_object(settings, outcome.exit_code) | facts, ensure_ascii=False))
    if error:
        raise error


def _as_object(settings: Settings, exit_code: int) -> dict[str, Any]:
    """The facts of `credits status --json`, with the exit code of this run."""
    from orchestration.status import as_object, read_status

    return as_object(read_status(settings, ask_bucket=False)) | {"exit_code": exit_code}


def refuse_left_out(outcome: RunOutcome) -> None:
    """End a command with exit code 3 if a person has to mend something.

    Raises:
        LeftOutError: files were left out; names the first.
    """
    if error := left_out_error(outcome):
        raise error


def left_out_error(outcome: RunOutcome) -> LeftOutError | None:
    """What a person has to mend, as the error that a command ends with; None if there is nothing."""
    if not outcome.to_mend:
        return None
    first = outcome.to_mend[0]
    more = len(outcome.to_mend) - 1
    others = f" (and {counted(more, 'more file')}, see `credits status`)" if more else ""
    return LeftOutError(
        f"{shown_path(first.path)} below landing/ is not in version {outcome.version}: "
        f"{shown_reason(first.reason)}{others}; everything else is published."
    )


def summary(totals: Mapping[str, Any]) -> list[str]:
    """The last lines of a run: the totals of the published version."""
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in totals["verdicts"].items())
    unreported = totals["unreported_operations"]
    return [
        f"{counted(totals['lines_read'], 'line')} read: {verdicts}",
        f"{totals['credits']} credits in {counted(totals['operations'], 'operation')}, the same in every mart",
        f"{totals['credits_unmapped']} of them unmapped, {totals['credits_estimated']} estimated",
        f"{counted(unreported, 'operation')} never reported {'its' if unreported == 1 else 'their'} usage",
    ]


def _left_out_lines(files: tuple[LeftOut, ...]) -> Iterator[str]:
    """The files that were left out; those that a person has to mend come first."""
    order = {"set_aside": 0, "unreadable": 1, "changed": 2, "unread": 3}
    for file in sorted(files, key=lambda file: (order[file.kind], file.path))[:_MOST_LINES]:
        yield f"left out: {shown_path(file.path)}: {shown_reason(file.reason)}"
    if len(files) > _MOST_LINES:
        yield f"left out: {counted(len(files) - _MOST_LINES, 'more file')}, see mart_unread_files"


def _notice_lines(notices: tuple[NoticedFile, ...]) -> Iterator[str]:
    for notice in notices[:_MOST_LINES]:
        yield f"look at {shown_path(notice.path)}: {shown_reason(notice.detail)}"
    if len(notices) > _MOST_LINES:
        yield f"look at {counted(len(notices) - _MOST_LINES, 'more notice')} in mart_file_notices"


def _nothing_new(settings: Settings, show: Show) -> RunOutcome:
    manifest = current_manifest(settings) or {}
    show(f"nothing new: version {manifest['version']} holds all that has landed.")
    lines: tuple[str, ...] = ()
    try:
        from orchestration.alerts.targets import load_targets

        # Alerts that an earlier run could not deliver must not wait until something new lands.
        if load_targets():
            from orchestration.pipeline import tell_people

            lines = tell_people(settings).lines()
    except CreditsError as error:
        lines = (f"no alert was delivered: {error}",)
    for line in lines:
        show(f"  {line}")
    left_out = _still_left_out(settings, manifest)
    for line in [*_left_out_lines(left_out), *_notice_lines(_published_notices(settings))]:
        show(f"  {line}")
    return RunOutcome(manifest["version"], False, manifest["totals"], left_out=left_out, alert_lines=lines)


def _still_left_out(settings: Settings, manifest: Mapping[str, Any]) -> tuple[LeftOut, ...]:
    """The files that the published version names as left out; a version without any is not opened."""
    if not manifest["tables"].get("mart_unread_files", {}).get("rows"):
        return ()
    from orchestration.status import read_status

    return tuple(
        LeftOut(file.path, file.reason, file.size, cast(Kind, file.kind))
        for file in read_status(settings, ask_bucket=False).left_out
    )


def _published_notices(settings: Settings) -> tuple[NoticedFile, ...]:
    """The notices of the published version; a version without any is not opened."""
    manifest = current_manifest(settings)
    if manifest is None or not manifest["tables"].get("mart_file_notices", {}).get("rows"):
        return ()
    from orchestration.status import read_status

    return read_status(settings, ask_bucket=False).notices


def _run(settings: Settings, rebuild: bool, check_all: bool, show: Show) -> RunOutcome:
    """All steps under the writer's lock, with a log of their own."""
    from ingest.landing.warehouse import writer_lock
    from orchestration.pipeline import run_steps
    from orchestration.run_log import run_log

    run_id = str(uuid.uuid4())
    log: Path | None = None
    before = current_version(settings)
    try:
        with (
            writer_lock(settings, f"run {run_id}"),
            run_log(settings, f"run {run_id}") as log,
            _libraries_silenced(),
            _catalog(settings, show) as record,
            progress.shown(show),
        ):
            return run_steps(
                settings, run_id, rebuild=rebuild, report=progress.report, record=record, check_all=check_all
            )
    except CreditsError:
        raise
    except Exception as error:
        raise_if_interrupted(error)
        after = current_version(settings)
        outcome = (
            "the last published version stays" if after == before else f"version {after and after.name} is published"
        )
        raise CreditsError(f"{_line_of(error, settings)}; {outcome}{f' (details: {log})' if log else ''}.") from error


@contextmanager
def _catalog(settings: Settings, show: Show) -> Iterator[Record]:
    """Dagster's catalog, if DAGSTER_HOME names one. Dagster is imported for nothing else."""
    if not os.environ.get("DAGSTER_HOME"):
        yield lambda _: None
        return
    from orchestration.defs.catalog import recorded

    with recorded(settings, show) as record:
        yield record


@contextmanager
def _libraries_silenced() -> Iterator[None]:
    """Keep the libraries' log messages off the terminal: the command prints its own clear line."""
    silent = logging.NullHandler()
    logging.getLogger().addHandler(silent)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(silent)


def _line_of(error: Exception, settings: Settings) -> str:
    """The message of an error without a line of its own: the machine's fault, or the exception."""
    if fault := storage_fault(error, settings.warehouse) or access_fault(error):
        return f"the run failed: {fault}"
    return f"the run failed ({type(error).__name__}: {safe_line(error)})"
