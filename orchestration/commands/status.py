"""The lines of `credits status` and `credits quarantine list`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from ingest.error_lines import os_error_line
from ingest.errors import CreditsError
from ingest.settings import Settings
from ingest.wording import counted
from orchestration.commands.errors import AnsweredError
from orchestration.freshness import age_in_words
from orchestration.published_version import require_home
from orchestration.status import Balance, Elsewhere, LeftOutFile, Status, as_object, read_status
from orchestration.terminal_text import printable, shown_path, shown_reason

_MOST_FILES = 20
_MOST_SOURCES = 3
_MOST_BALANCES = 5
_LEFT_OUT = {
    "unreadable": "unreadable",
    "set_aside": "set aside",
    "unread": "not read",
    "changed": "changing",
}
"""The names of the kinds of files that are left out; those to mend come first."""


def show_status(settings: Settings, *, as_json: bool, show: Callable[[str], object]) -> None:
    """Print what is published, how fresh it is, and what needs a person, as lines or as one JSON object.

    Raises:
        NothingPublishedError: nothing is published; this is printed too.
        LeftOutError: a person has to mend a file that was left out; this is printed too.
        CreditsError: the landing folder or the published version can't be read.
    """
    status = read_status(settings)
    error: AnsweredError | None = None
    if status.version is None:
        error = NothingPublishedError(_why_nothing(settings))
    elif status.to_mend:
        them = "it" if len(status.to_mend) == 1 else "them"
        error = LeftOutError(f"{counted_to_mend(status.to_mend)} what is published lacks {them}.")
    if as_json:
        facts = as_object(status) | {"error": str(error) if error else None}
        show(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        for line in status_lines(status, datetime.now(UTC)):
            show(line)
    if error:
        raise error


def _why_nothing(settings: Settings) -> str:
    if settings.home.is_dir():
        return "nothing is published yet: run `credits run`."
    return (
        f"nothing is published: {settings.home} is not a folder; set CREDITS_HOME to the folder that contains landing/."
    )


class NothingPublishedError(AnsweredError):
    """There is no published version."""


class LeftOutError(AnsweredError):
    """A version is published, but a person has to mend something that was left out."""

    exit_code = 3


def counted_to_mend(files: tuple[LeftOutFile, ...]) -> str:
    """How many files a person has to mend, and the first of them, up to a colon."""
    first = ", ".join(shown_path(file.path) for file in files[:3])
    more = ", …" if len(files) > 3 else ""
    return f"{counted(len(files), 'file')} to mend ({first}{more}):"


def status_lines(status: Status, now: datetime) -> Iterator[str]:
    """The facts as lines; ages are counted up to `now` (aware)."""
    yield f"home        {status.home}"
    if status.version is None or status.built_at is None:
        yield "published   nothing yet: run `credits run`"
        return
    hours = (now - status.built_at).total_seconds() / 3600
    waiting = {
        True: "new files or models wait: run `credits run`",
        False: "holds all that has landed",
        None: "what waits is unknown: this user can't look into landing/ and warehouse/, or into the bucket",
    }[status.is_waiting]
    if status.elsewhere and status.elsewhere.error:
        waiting = "what waits is unknown"
    yield f"published   {status.version}, {hours:.1f} h ago, {waiting}"
    if status.elsewhere:
        yield f"bucket      {_elsewhere_line(status.elsewhere, status.version, now)}"
    if status.whole_checks_at:
        hours = (now - status.whole_checks_at).total_seconds() / 3600
        yield f"checked     all of history {hours:.1f} h ago; since then what each run changes"
    yield f"credits     {status.credits:f} in {counted(status.operations, 'operation')}"
    verdicts = ", ".join(f"{count} {name}" for name, count in (status.verdicts or {}).items())
    yield f"lines read  {status.lines_read}: {verdicts}"
    yield f"unmapped    {status.unmapped_credits:f} credits ({_share(status.unmapped_credits, status.credits)})"
    yield f"estimated   {status.estimated_credits:f} credits ({_share(status.estimated_credits, status.credits)})"
    yield f"unreported  {counted(status.unreported_operations, 'operation')} whose usage never came"
    yield f"quarantine  {counted(status.quarantined_lines, 'line')} refused: `credits quarantine list`"
    yield f"conflicts   {counted(status.conflicts, 'record id')} with different contents: mart_record_conflicts"
    yield f"last usage  {_moment(status.last_usage_at, now)}"
    if status.last_heartbeat_at:
        yield f"heartbeat   {_moment(status.last_heartbeat_at, now)}"
    if status.silent_sources:
        names = ", ".join(printable(source) for source in status.silent_sources[:_MOST_SOURCES])
        more = ", …" if len(status.silent_sources) > _MOST_SOURCES else ""
        yield f"silent      {counted(len(status.silent_sources), 'source')} ({names}{more}): mart_capture_sources"
    yield from _corti_lines(status)
    if status.quotas:
        over, near = status.quotas.over, status.quotas.near
        yield f"quotas      {over} over, {near} near their limit, of {status.quotas.quotas}: mart_quota_consumption"
    yield from _balance_lines(status.balances)
    yield from _statement_lines(status)
    yield f"alerts      {status.alerts_open} open ({status.alerts_critical} critical): mart_usage_alerts"
    yield from status.deliveries
    yield from _file_lines(status)


def _balance_lines(balances: Sequence[Balance]) -> Iterator[str]:
    """What remains of each account's prepaid credits."""
    for balance in balances[:_MOST_BALANCES]:
        account = "/".join(printable(part or "?") for part in (balance.environment, balance.corti_tenant))
        said = f"balance     {account}: {balance.remaining_credits:f} credits"
        if balance.remaining_credits and balance.runway_days is not None:
            said += f", for {balance.runway_days_low} to {balance.runway_days_high} days"
        if balance.next_expiry_date is not None:
            said += f"; {balance.next_expiring_credits:f} expire on {balance.next_expiry_date}"
        yield f"{said}: mart_credit_balance"
    if len(balances) > _MOST_BALANCES:
        yield f"balance     {counted(len(balances) - _MOST_BALANCES, 'more account')}: mart_credit_balance"


def _elsewhere_line(there: Elsewhere, here: str, now: datetime) -> str:
    """What is published in the bucket, and whether it is the version of this disk."""
    if there.error:
        return there.error
    if there.version is None or there.published_at is None:
        return f"{there.url} has no version yet: run `credits run`"
    hours = (now - datetime.fromisoformat(there.published_at)).total_seconds() / 3600
    version = "the same version" if there.version == here else f"another version, {there.version},"
    return f"{there.url} has {version} since {hours:.1f} h, published by {printable(there.host or '')}"


def _moment(at: datetime | None, now: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC, {age_in_words(at, now)}" if at else "none"


def _corti_lines(status: Status) -> Iterator[str]:
    """The lines about Corti's own view, if there is any."""
    if status.late_provisional:
        late = counted(status.late_provisional, "operation")
        yield f"provisional {late} still processing after more than a day: `credits pull` looks them up"
    if coverage := status.coverage:
        gaps = f"; {counted(coverage.days_failed, 'day')} whose pull failed" if coverage.days_failed else ""
        gaps += f"; {counted(coverage.days_not_asked, 'day')} not asked for" if coverage.days_not_asked else ""
        share = _share(coverage.covered, coverage.listed) if coverage.listed else "nothing"
        listed, missing = counted(coverage.listed, "resource"), counted(coverage.missing, "resource")
        yield f"coverage    {share} of {listed} that Corti lists have a record{gaps}: mart_capture_coverage"
        yield f"missing     {missing} that Corti lists without a record: mart_missing_captures"
    if totals := status.reconciliation:
        matched = f"{totals.matched} of {counted(totals.totals, 'total')} from Corti match ours"
        yield f"reconciled  {matched}: mart_provider_reconciliation"


def _statement_lines(status: Status) -> Iterator[str]:
    """The lines about what was billed, what could not be billed, and which months are closed."""
    amounts = [f"{amount.normalize():f} {currency}" for currency, amount in (status.amounts or {}).items()]
    if amounts:
        unrated = f"; {status.unrated_credits:f} credits have no rate" if status.unrated_credits else ""
        unrated += ", and are withheld from focus_cost_and_usage" if unrated else ""
        yield f"statements  {', '.join(amounts)}{unrated}: mart_tenant_statements"
    if closed := status.closed_months:
        corrections = status.open_corrections
        since = f"; {counted(corrections, 'correction line')} on open statements" if corrections else ""
        yield f"closed      {counted(len(closed), 'month')}, the last {closed[-1]}{since}"


def _file_lines(status: Status) -> Iterator[str]:
    """The lines about files that are not in the version, those to mend first, and about notices."""
    for kind, name in _LEFT_OUT.items():
        files = [file for file in status.left_out if file.kind == kind]
        if files:
            yield f"{name:<11} {counted(len(files), 'file')} below landing/: mart_unread_files"
        for file in files[:_MOST_FILES]:
            yield f"  {shown_path(file.path)}: {shown_reason(file.reason)}"
        if len(files) > _MOST_FILES:
            yield f"  … and {len(files) - _MOST_FILES} more"
    if status.notices:
        files = len({notice.path for notice in status.notices})
        yield f"{'look at':<11} {counted(files, 'file')} that landed: mart_file_notices"
    for notice in status.notices[:_MOST_FILES]:
        rows = f" ({counted(notice.rows, 'row')})" if notice.rows else ""
        yield f"  {shown_path(notice.path)}: {shown_reason(notice.detail)}{rows}"
    if len(status.notices) > _MOST_FILES:
        yield f"  … and {len(status.notices) - _MOST_FILES} more"


def quarantine_lines(settings: Settings, limit: int) -> Iterator[str]:
    """The refused lines, newest load first, at most `limit` (0: all).

    Raises:
        CreditsError: a quarantine file can't be read.
    """
    require_home(settings)
    shown = 0
    total = 0
    for path in _quarantine_files(settings):
        try:
            with path.open(encoding="utf-8") as file:
                for line in file:
                    refused = json.loads(line)
                    lines = refused.get("lines", 1)
                    total += lines
                    if limit and shown >= limit:
                        continue
                    shown += lines
                    fields = ", ".join(f"{name}={printable(value)}" for name, value in refused["fields"].items())
                    readable = f" ({fields})" if fields else ""
                    where = f":{refused['line']}" if refused["line"] is not None else f": {counted(lines, 'more line')}"
                    yield f"{printable(refused['file'])}{where}: {refused['reason']}{readable}"
        except OSError as error:
            raise CreditsError(f"{os_error_line(error)}.") from None
        except (ValueError, KeyError):
            raise CreditsError(f"{path} can't be read: delete it, the next run writes it again.") from None
    if total == 0:
        yield "nothing was refused"
    elif total > shown:
        yield f"… and {total - shown} more: --limit 0 shows all"


def _quarantine_files(settings: Settings) -> list[Path]:
    try:
        paths = [path for path in settings.quarantine.iterdir() if path.match("load-*.jsonl")]
    except FileNotFoundError:  # nothing has landed yet
        return []
    except OSError as error:
        raise CreditsError(f"{os_error_line(error)}.") from None
    return sorted(paths, reverse=True)


def _share(part: Decimal | int, whole: Decimal | int) -> str:
    return f"{100 * Decimal(part) / Decimal(whole):.1f} %" if whole else "0 %"
