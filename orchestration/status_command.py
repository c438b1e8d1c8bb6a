"""What `credits status` and `credits quarantine list` say, as plain lines."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from ingest.errors import CreditsError
from ingest.settings import Settings
from orchestration.alerting import delivery_lines
from orchestration.news import has_news
from orchestration.published_version import current_manifest, current_version


def status_lines(settings: Settings) -> Iterator[str]:
    """Say what is published, how fresh it is, and what waits for a person. Reads the published version alone.

    Raises:
        CreditsError: the landing folder or the published version can't be read.
    """
    _check_home(settings)
    yield f"home        {settings.home}"
    manifest = current_manifest(settings)
    version = current_version(settings)
    if manifest is None or version is None:
        yield "published   nothing yet: run `credits run`"
        return
    totals = manifest["totals"]
    verdicts = totals["verdicts"]
    built_at = datetime.fromisoformat(manifest["built_at"])
    hours = (datetime.now(UTC) - built_at).total_seconds() / 3600
    waiting = "new files or models wait: run `credits run`" if has_news(settings) else "holds all that has landed"
    yield f"published   {manifest['version']}, {hours:.1f} h ago, {waiting}"
    yield f"credits     {totals['credits']} in {totals['operations']} operations"
    yield f"lines read  {totals['lines_read']}: " + ", ".join(f"{count} {name}" for name, count in verdicts.items())
    yield f"unmapped    {totals['credits_unmapped']} credits ({_share(totals['credits_unmapped'], totals['credits'])})"
    estimated = _share(totals["credits_estimated"], totals["credits"])
    yield f"estimated   {totals['credits_estimated']} credits ({estimated})"
    yield f"unreported  {totals['unreported_operations']} operations whose usage never came"
    yield f"quarantine  {verdicts['rejected']} lines refused: `credits quarantine list`"
    with _opened(version / str(manifest["database"])) as marts:
        conflicts = marts.execute("select count(distinct record_id) from marts.mart_record_conflicts").fetchone()
        count = conflicts[0] if conflicts else 0
        yield f"conflicts   {count} record ids with different contents: mart_record_conflicts"
        last = marts.execute("select max(occurred_at), max(first_captured_at) from marts.fct_credit_usage").fetchone()
        yield f"last usage  {last[0] if last and last[0] else 'none'} UTC"
        yield from _corti_lines(marts, {*manifest["tables"]})
        if "mart_quota_consumption" in manifest["tables"]:
            yield from _quota_lines(marts)
        yield from _statement_lines(marts, totals)
    yield from delivery_lines(settings)


def _corti_lines(marts: duckdb.DuckDBPyConnection, tables: Collection[str]) -> Iterator[str]:
    """What Corti's own view says, as far as there is any. Versions of an earlier day lack its tables."""
    late = _counts(
        marts,
        "select count(*) from marts.fct_credit_usage "
        "where status = 'provisional' and occurred_at < (now() at time zone 'UTC') - interval 1 day",
    )
    if late[0]:
        yield f"provisional {late[0]} operations still processing after more than a day: `credits pull` looks them up"
    if "mart_capture_coverage" in tables:
        created, covered, missing, failed, unasked = _counts(
            marts,
            """
            select sum(created_at_corti), sum(captured + filled_by_read), sum(missing),
                count(distinct (date_day, environment, corti_tenant)) filter (where pull_outcome = 'failed'),
                count(distinct (date_day, environment, corti_tenant))
                    filter (where pull_outcome = 'not asked' and kind = 'transcript')
            from marts.mart_capture_coverage
            """,
        )
        if created or failed:
            gaps = f"; {failed} days whose pull failed" if failed else ""
            gaps += f"; {unasked} days not asked for" if unasked else ""
            share = _share(str(covered), str(created)) if created else "nothing"
            yield f"coverage    {share} of {created} that Corti lists has a record{gaps}: mart_capture_coverage"
            yield f"missing     {missing} that Corti lists and no record covers: mart_missing_captures"
    if "mart_provider_reconciliation" in tables:
        totals, matched = _counts(
            marts, "select count(*), count(*) filter (where status = 'matched') from marts.mart_provider_reconciliation"
        )
        if totals:
            yield f"reconciled  {matched} of {totals} totals of Corti's match ours: mart_provider_reconciliation"


def _quota_lines(marts: duckdb.DuckDBPyConnection) -> Iterator[str]:
    quotas, over, near = _counts(
        marts,
        """
        select count(*), count(*) filter (where status = 'over'), count(*) filter (where status = 'warn')
        from marts.mart_quota_consumption where is_current
        """,
    )
    if quotas:
        yield f"quotas      {over} over, {near} near their limit, of {quotas}: mart_quota_consumption"


def _statement_lines(marts: duckdb.DuckDBPyConnection, totals: Mapping[str, Any]) -> Iterator[str]:
    """What was billed, what could not be, and which months are closed. Versions of an earlier day say nothing of it."""
    amounts = [f"{Decimal(amount).normalize():f} {currency}" for currency, amount in totals.get("amounts", {}).items()]
    if amounts:
        unrated = f"; {totals['credits_unrated']} credits have no rate" if Decimal(totals["credits_unrated"]) else ""
        unrated += ", and are withheld from focus_cost_and_usage" if unrated else ""
        yield f"statements  {', '.join(amounts)}{unrated}: mart_tenant_statements"
    if closed := totals.get("closed_months"):
        (corrections,) = _counts(
            marts,
            "select count(*) from marts.mart_tenant_statement_lines "
            "where line_type = 'correction' and period_status = 'open'",
        )
        since = f"; {corrections} correction lines on open statements" if corrections else ""
        yield f"closed      {len(closed)} month{'s' if len(closed) > 1 else ''}, the last {closed[-1]}{since}"


def _counts(marts: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    row = marts.execute(query).fetchone()
    return tuple(int(value or 0) for value in row or ())


def quarantine_lines(settings: Settings, limit: int) -> Iterator[str]:
    """The refused lines, newest load first, `limit` at most (0: all).

    Raises:
        CreditsError: a quarantine file can't be read.
    """
    _check_home(settings)
    shown = 0
    total = 0
    for path in sorted(settings.quarantine.glob("load-*.jsonl"), reverse=True):
        try:
            with path.open(encoding="utf-8") as file:
                for line in file:
                    total += 1
                    if limit and shown >= limit:
                        continue
                    shown += 1
                    refused = json.loads(line)
                    fields = ", ".join(f"{name}={_printable(value)}" for name, value in refused["fields"].items())
                    readable = f" ({fields})" if fields else ""
                    yield f"{_printable(refused['file'])}:{refused['line']}: {refused['reason']}{readable}"
        except (OSError, ValueError, KeyError):
            raise CreditsError(f"{path} can't be read: delete it, the next run writes it again.") from None
    if total == 0:
        yield "nothing was refused"
    elif total > shown:
        yield f"… and {total - shown} more: --limit 0 shows all"


def _printable(text: object) -> str:
    """A text from a file without what a terminal would act on: escapes, and marks that turn the writing round."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in str(text))


def _check_home(settings: Settings) -> None:
    if not settings.home.is_dir():
        raise CreditsError(f"{settings.home} is no folder: set CREDITS_HOME to the one that holds landing/.")


def _share(part: str, whole: str) -> str:
    return f"{100 * Decimal(part) / Decimal(whole):.1f} %" if Decimal(whole) else "0 %"


def _opened(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        raise CreditsError(
            f"{path} can't be read ({str(error).splitlines()[0][:120]}): run `credits rebuild`."
        ) from None
