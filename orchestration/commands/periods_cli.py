"""`credits close` and `credits reopen` as commands."""

from __future__ import annotations

import click

from ingest.errors import ArgumentError
from ingest.settings import load_settings
from orchestration.commands.errors import one_line_errors
from orchestration.months import month_of

_MONTH = click.argument("month", metavar="YYYY-MM")
_BY = click.option("--by", default=None, help="Who does it; default: the login name.")


@click.command(short_help="Close a month: freeze its statements.")
@_MONTH
@_BY
@click.option("--dry-run", is_flag=True, help="Say what would be frozen, and write nothing.")
@one_line_errors
def close(month: str, by: str | None, dry_run: bool) -> None:
    """Close a month: land all new files, then freeze its statements.

    Later changes to it appear as corrections on the next open month.
    """
    from orchestration.commands.periods import close_period, show_closing

    if dry_run:
        show_closing(load_settings(), month_of(month), show=click.echo)
    else:
        close_period(load_settings(), month_of(month), by=by, show=click.echo)


@click.command(short_help="Open a closed month again.")
@_MONTH
@_BY
@click.option("--reason", help="Why; kept with the event. Required except with --dry-run.")
@click.option("--dry-run", is_flag=True, help="Say what would be opened, and write nothing.")
@one_line_errors
def reopen(month: str, by: str | None, reason: str | None, dry_run: bool) -> None:
    """Open a closed month again: its statements show the current figures until it is closed again."""
    from orchestration.commands.periods import reopen_period, show_reopening

    if dry_run:
        show_reopening(load_settings(), month_of(month), show=click.echo)
        return
    if reason is None:
        raise ArgumentError("--reason is missing: say why the month is opened again, it is kept with the event.")
    reopen_period(load_settings(), month_of(month), reason=reason, by=by, show=click.echo)
