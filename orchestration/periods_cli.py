"""`credits close` and `credits reopen` as commands."""

from __future__ import annotations

from datetime import datetime

import click

from ingest.settings import load_settings
from orchestration.command_errors import one_line_errors

_MONTH = click.argument("month", type=click.DateTime(formats=["%Y-%m"]), metavar="YYYY-MM")
_BY = click.option("--by", default=None, help="Who does it; default: the login name.")


@click.command()
@_MONTH
@_BY
@click.option("--dry-run", is_flag=True, help="Say what would be frozen, and write nothing.")
@one_line_errors
def close(month: datetime, by: str | None, dry_run: bool) -> None:
    """Close a month: freeze its statements as they stand, all that has landed included.

    What arrives later for it appears as corrections on the next open month.
    """
    from orchestration.period_commands import close_period, show_closing

    if dry_run:
        show_closing(load_settings(), month.date(), show=click.echo)
    else:
        close_period(load_settings(), month.date(), by=by, show=click.echo)


@click.command()
@_MONTH
@_BY
@click.option("--reason", required=True, help="Why; kept with the event.")
@one_line_errors
def reopen(month: datetime, by: str | None, reason: str) -> None:
    """Open a closed month again: its statements follow the truth until it is closed anew."""
    from orchestration.period_commands import reopen_period

    reopen_period(load_settings(), month.date(), reason=reason, by=by, show=click.echo)
