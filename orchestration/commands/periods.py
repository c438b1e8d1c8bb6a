"""`credits close` and `credits reopen`: a run that lands all new files, the event, and a run that publishes it."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from ingest.contract.datasets import PERIOD_EVENTS
from ingest.contract.landing_listing import list_dataset
from ingest.errors import ArgumentError
from ingest.landing.ledger import unseen_files
from ingest.landing.publications import pending_loads
from ingest.landing.warehouse import open_build_database, writer_lock
from ingest.landing_store import landing_store
from ingest.settings import Settings
from ingest.sql_text import literal
from ingest.wording import counted
from orchestration.change_detection import would_publish
from orchestration.commands.run import run_once
from orchestration.models.build_notes import is_audited
from orchestration.models.building import build_fingerprint
from orchestration.periods.closing import close_month, reopen_month
from orchestration.periods.rules import (
    PeriodError,
    StatementSum,
    Unsettled,
    refuse_closing,
    refuse_reopening,
    refuse_unfinished,
    statements_of,
    unsettled_of,
)
from orchestration.periods.strays import clear_strays
from orchestration.published_version import opened_version
from orchestration.terminal_text import shown_path, shown_reason

if TYPE_CHECKING:
    import duckdb

Show = Callable[[str], object]
_BUILT = "marts.marts"


def close_period(settings: Settings, month: date, *, by: str | None, show: Show) -> None:
    """Close a month: freeze its statements, and publish them as closed.

    Raises:
        PeriodError: the month can't be closed.
        CreditsError: a run failed. After the event the month is closed, and the next run publishes it.
    """
    who = _login_name() if by is None else _one_line("--by", by)
    store = landing_store(settings)
    refuse_unfinished(month, datetime.now(UTC))
    if to_mend := run_once(settings, rebuild=False, show=show).to_mend:
        raise PeriodError(
            f"{month:%Y-%m} stays open: {shown_path(to_mend[0].path)} was left out "
            f"({shown_reason(to_mend[0].reason)}); mend it, then close."
        )
    with _built_databases(settings, f"close {month:%Y-%m}") as connection:
        now = datetime.now(UTC)
        refuse_closing(connection, _BUILT, month, now)
        frozen, unsettled = statements_of(connection, _BUILT, month), unsettled_of(connection, _BUILT, month)
        with store.outbox(resend=False) as folder:
            event = close_month(connection, folder, month, who, now)
    show(f"closed {month:%Y-%m}: {store.place_of(event, folder)}")
    for line in _summary_lines(frozen, unsettled):
        show(line)
    run_once(settings, rebuild=False, show=show)


def show_closing(settings: Settings, month: date, *, show: Show) -> None:
    """Say what closing a month would freeze, according to the published version. Writes nothing.

    Raises:
        PeriodError: the month can't be closed.
        NotPublishedError: nothing is published.
    """
    with opened_version(settings) as (connection, _):
        refuse_closing(connection, "marts", month, datetime.now(UTC))
        statements, unsettled = statements_of(connection, "marts", month), unsettled_of(connection, "marts", month)
    show(f"{month:%Y-%m} would be closed with, as published:")
    for line in _summary_lines(statements, unsettled):
        show(line)
    _show_waiting(settings, "closing", show)


def show_reopening(settings: Settings, month: date, *, show: Show) -> None:
    """Say which statements reopening a month would open, according to the published version. Writes nothing.

    Raises:
        PeriodError: the month can't be reopened.
        NotPublishedError: nothing is published.
    """
    with opened_version(settings) as (connection, _):
        refuse_reopening(connection, "marts", month)
        statements = statements_of(connection, "marts", month)
    show(f"{month:%Y-%m} would be opened again; it is closed with, as published:")
    for line in _summary_lines(statements, Unsettled(Decimal(0), 0, 0)):
        show(line)
    _show_waiting(settings, "reopening", show)


def reopen_period(settings: Settings, month: date, *, reason: str, by: str | None, show: Show) -> None:
    """Open a closed month again, and publish it as open.

    Raises:
        PeriodError: the month can't be reopened.
        CreditsError: a run failed. After the event the month is open, and the next run publishes it.
    """
    who = _login_name() if by is None else _one_line("--by", by)
    why = _one_line("--reason", reason)
    store = landing_store(settings)
    run_once(settings, rebuild=False, show=show)
    with _built_databases(settings, f"reopen {month:%Y-%m}") as connection:
        refuse_reopening(connection, _BUILT, month)
        with store.outbox(resend=False) as folder:
            event = reopen_month(connection, folder, month, who, why, datetime.now(UTC))
    show(f"reopened {month:%Y-%m}: {store.place_of(event, folder)}")
    run_once(settings, rebuild=False, show=show)


def _show_waiting(settings: Settings, doing: str, show: Show) -> None:
    waits = would_publish(settings)
    if waits:
        show(f"something has landed since: {doing} takes it in first; `credits run` shows it.")
    elif waits is None:
        show("whether something has landed since is unknown: this user can't look into landing/ and warehouse/.")


def _one_line(option: str, text: str) -> str:
    """The text in the form of the event: one line, without blanks around it."""
    kept = " ".join(text.split())
    if not kept or not kept.isprintable():
        raise ArgumentError(f"{option} is kept with the event, for people to read: give it a line of plain text.")
    return kept


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in a container
        raise ArgumentError("this account has no name: say with --by who it is.") from None


@contextmanager
def _built_databases(settings: Settings, purpose: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build databases under the writer's lock, in the state that the last run published."""
    with writer_lock(settings, purpose):
        landing_store(settings).bring()
        clear_strays(settings)
        with open_build_database(settings) as connection:
            if pending_loads(connection) or not is_audited(connection, build_fingerprint(settings)):
                raise PeriodError("another run has landed something meanwhile: try again when it has published.")
            if unseen_files(connection, list_dataset(settings.landing, PERIOD_EVENTS)):
                raise PeriodError("a month was closed or reopened meanwhile: try again when that is published.")
            connection.execute(f"attach {literal(settings.marts_database)} as marts (read_only)")
            yield connection


def _summary_lines(statements: Sequence[StatementSum], unsettled: Unsettled) -> Iterator[str]:
    for statement in statements:
        amount = "no amount" if statement.amount is None else f"{statement.amount.normalize():f} {statement.currency}"
        carried = ""
        if statement.correction_credits or statement.correction_amount:
            of_it = (
                ""
                if statement.correction_amount is None
                else f", {statement.correction_amount.normalize():f} {statement.currency}"
            )
            carried = f"; corrections of {statement.correction_credits.normalize():f} credits{of_it} among them"
        unrated = " (unrated)" if statement.amount is None else ""
        lines = counted(statement.lines, "line")
        yield f"  {statement.tenant_id}: {statement.credits.normalize():f} credits{unrated}, {amount}, {lines}{carried}"
    if unsettled:
        yield (
            f"  not settled: {unsettled.estimated_credits.normalize():f} estimated credits, "
            f"{unsettled.provisional_operations} provisional and "
            f"{counted(unsettled.unreported_operations, 'unreported operation')}; "
            "what comes of them later is a correction"
        )
