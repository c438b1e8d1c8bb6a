"""The `credits` command. Each subcommand imports only what it needs, so that a run with nothing to do stays cheap."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import click

from ingest.errors import ArgumentError, CreditsError
from ingest.settings import load_settings
from ingest.wording import counted
from orchestration.commands.capture import capture, gateway, pull, simulate
from orchestration.commands.errors import Commands, answers_in_json, end_at_once, one_line_errors, open_standard_streams
from orchestration.commands.periods_cli import close, reopen

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
FORMATS = ("html", "csv", "parquet", "pdf")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="credits-warehouse", prog_name="credits")
def main() -> None:
    """Land usage records, build balanced marts, publish them for BI.

    Everything is read and written below CREDITS_HOME (default: data/ in the checkout).

    Exit codes: 0, published and balanced, or nothing new; 1, not published; 2, an argument or a setting is wrong; 3,
    published, but a person has to mend something that was left out.
    """


@main.command(short_help="Make a home with commented settings.")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--sample", "with_sample", is_flag=True, help="Put the sample's input files into it.")
@one_line_errors
def init(directory: Path, with_sample: bool) -> None:
    """Make DIRECTORY a home: the folders of its input files, and credits.env with all settings as comments."""
    from orchestration.commands.new_home import make_home

    for line in make_home(directory, with_sample=with_sample):
        click.echo(line)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON; progress goes to standard error.")
@click.option("--check-all", is_flag=True, help="Run every check over all of history, even if nothing is new.")
@one_line_errors
@answers_in_json("published", "landed_anew")
def run(as_json: bool, check_all: bool) -> None:
    """Land, build, check and publish once, in this process.

    Ends at once if the published version already contains everything below landing/. The first run of a day (UTC) that
    builds something checks all of history; later ones check what they change. The exit code is 3 if a version is
    published, but a person has to mend a file that was left out.
    """
    from orchestration.commands.run import show_run

    show_run(load_settings(), rebuild=False, as_json=as_json, check_all=check_all)


def _finite(_context: click.Context, _option: click.Parameter, value: float) -> float:
    """A range lets nan pass."""
    if not math.isfinite(value):
        raise click.BadParameter(f"{value} is not in the range 0.1<=x<=3600.")
    return value


@main.command(short_help="Keep running; run the pipeline whenever something lands.")
@click.option(
    "--every",
    "every_seconds",
    type=click.FloatRange(0.1, 3600),
    default=5.0,
    show_default=True,
    help="Seconds between two checks of landing/.",
    callback=_finite,
)
@one_line_errors
def watch(every_seconds: float) -> None:
    """Keep running, and run the pipeline whenever something lands or the published version is no longer current.

    A run in this process costs a fraction of a run in a new process. Each run prints what `credits run` prints; a run
    that fails says why, and is tried again later. Ctrl-C or SIGTERM ends the watch.
    """
    from orchestration.commands.watch import watch as watch_landing

    def warn(line: str) -> None:
        click.echo(f"credits: {line}", err=True)

    watch_landing(load_settings(), every_seconds, show=click.echo, warn=warn)


@main.command(short_help="Make all tables from landing/ again, then publish.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON; progress goes to standard error.")
@one_line_errors
@answers_in_json("published", "landed_anew")
def rebuild(as_json: bool) -> None:
    """Make all tables again from the files below landing/, then publish.

    The published version stays readable meanwhile. Exit codes are those of `credits run`.
    """
    from orchestration.commands.run import show_run

    show_run(load_settings(), rebuild=True, as_json=as_json)


@main.command(short_help="Say what is published, how fresh it is, and what waits.")
@_AS_JSON
@one_line_errors
@answers_in_json()
def status(as_json: bool) -> None:
    """Say what is published, how fresh it is, and what is unmapped, quarantined, unread or in conflict.

    The exit code is 1 if nothing is published, and 3 while a person has to mend a file that was left out.
    """
    from orchestration.commands.status import show_status

    show_status(load_settings(), as_json=as_json, show=click.echo)


@main.command(short_help="Join small files of closed months into bundles.")
@click.option("--dry-run", is_flag=True, help="Say what would be joined, and write nothing.")
@one_line_errors
def compact(dry_run: bool) -> None:
    """Join the small landed files of closed months into one tar file for each month and dataset.

    A file of up to 256 KiB is joined if it has landed and is published, and all of its records lie in closed months.
    Every record, its file's path and its line stay as they are. A run then looks at a few files in place of very many.
    """
    from orchestration.commands.compact import compact_landing

    compact_landing(load_settings(), dry_run=dry_run, show=click.echo)


@main.command("statement", short_help="Write one customer's statement of a month.")
@click.argument("tenant")
@click.argument("month")
@click.option("--format", "form", type=click.Choice(FORMATS), default="html", show_default=True, help="File format.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="File to write; else standard output.")
@click.option(
    "--fonts",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of more fonts for PDF, for scripts that the built-in ones lack.",
)
@one_line_errors
def write_one_statement(tenant: str, month: str, form: str, out: Path | None, fonts: Path | None) -> None:
    """Write TENANT's published statement of MONTH (2026-10), so that it can be sent to that customer.

    TENANT is a tenant_id, a name, or the beginning of one of them if it is unique; `credits tenants` lists them.
    """
    from orchestration.commands.statement import write_statement

    remark = write_statement(load_settings(), tenant, month, form, out, fonts, sys.stdout.buffer)
    if remark:
        click.echo(f"credits: {remark}", err=True)


@main.command("statements", short_help="Write the statements of all customers for a month.")
@click.argument("month")
@click.option(
    "--format",
    "forms",
    default="html",
    show_default=True,
    help=f"File formats, separated by commas: {', '.join(FORMATS)}.",
)
@click.option(
    "--out", "folder", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write to."
)
@click.option(
    "--fonts",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of more fonts for PDF, for scripts that the built-in ones lack.",
)
@one_line_errors
def write_all_statements(month: str, forms: str, folder: Path, fonts: Path | None) -> None:
    """Write all customers' published statements of MONTH (2026-10) into a folder: MONTH-TENANT.FORMAT."""
    wanted = tuple(dict.fromkeys(form.strip().lower() for form in forms.split(",")))
    if unknown := [form for form in wanted if form not in FORMATS]:
        raise ArgumentError(f"--format names {unknown[0][:20]!r}: give some of {', '.join(FORMATS)}.")
    from orchestration.commands.statement import write_statements

    write_statements(load_settings(), month, wanted, folder, fonts, show=click.echo)


@main.command("share", short_help="Write each customer's own rows as DuckDB and Parquet.")
@click.argument("tenants", nargs=-1, metavar="[TENANT]...")
@click.option(
    "--out", "folder", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write to."
)
@one_line_errors
def share_rows(tenants: tuple[str, ...], folder: Path) -> None:
    """Write the published rows of each TENANT, or of all customers, so that they can be sent to that customer.

    Each customer gets a folder of its own below --out: a DuckDB file, Parquet files and a manifest, which hold nothing
    of another customer. TENANT is a tenant_id, a name, or the beginning of one of them if it is unique; `credits
    tenants` lists them.
    """
    from orchestration.commands.share import write_shares

    write_shares(load_settings(), tenants, folder, show=click.echo)


@main.command(short_help="Open the dashboard, or write one for a customer.")
@click.option(
    "--tenant", help="Write a page with only this customer's usage (id, name or beginning), which can be sent to it."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write a customer's page to (default: dashboard-TENANT.html here).",
)
@click.option("--open/--no-open", "opened", default=True, show_default=True, help="Whether to open a browser.")
@one_line_errors
def dashboard(tenant: str | None, out: Path | None, opened: bool) -> None:
    """Open the published version's dashboard, or write one for a single customer.

    Prints where the page is.
    """
    from orchestration.commands.dashboard import open_dashboard, write_tenant_dashboard

    if tenant is None:
        if out is not None:
            raise ArgumentError("--out is for a customer's page: give --tenant too.")
        click.echo(open_dashboard(load_settings(), opened=opened))
    else:
        click.echo(write_tenant_dashboard(load_settings(), tenant, out))


@main.command(short_help="List the published customers by id and name.")
@click.argument("text", required=False, default="")
@_AS_JSON
@one_line_errors
def tenants(text: str, as_json: bool) -> None:
    """List the published customers by id and name: all, or those with TEXT in one of them."""
    from orchestration.commands.names import show_tenants

    show_tenants(load_settings(), text, as_json=as_json, show=click.echo)


@main.command(short_help="List the published users by id and name.")
@click.argument("text", required=False, default="")
@_AS_JSON
@one_line_errors
def users(text: str, as_json: bool) -> None:
    """List the published users by id and name, with their customers: all, or those with TEXT in id or name."""
    from orchestration.commands.names import show_users

    show_users(load_settings(), text, as_json=as_json, show=click.echo)


@main.command(short_help="Write a realistic landing folder to try things with.")
@click.option("--out", "out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Home to write to.")
@click.option("--records", default=3000, show_default=True, help="Approximate number of usage records.")
@click.option("--days", default=120, show_default=True, help="Number of days that they cover.")
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same bytes.")
@one_line_errors
def sample(out: Path, records: int, days: int, seed: int) -> None:
    """Write a realistic landing folder below a new home: OUT/landing/."""
    from ingest.sample import write_sample

    try:
        summary = write_sample(out, records=records, days=days, seed=seed)
    except ValueError as error:
        raise ArgumentError(f"{error}; see `credits sample --help`.") from None
    except OSError as error:
        raise CreditsError(f"{out} cannot be written ({error.strerror}): give another --out.") from None
    wrote = f"wrote {counted(summary.files, 'file')} with {counted(summary.lines, 'line')} of usage records"
    click.echo(f"{wrote} below {out / 'landing'}; `CREDITS_HOME={out} credits run` publishes them.")


@main.group(cls=Commands)
def quarantine() -> None:
    """Show what was refused."""


@quarantine.command("list")
@click.option(
    "--limit", type=click.IntRange(min=0), default=50, show_default=True, help="Maximum number of lines; 0 for all."
)
@one_line_errors
def list_quarantine(limit: int) -> None:
    """List refused lines: file, line, reason, and the fields that could be read."""
    from orchestration.commands.status import quarantine_lines

    for line in quarantine_lines(load_settings(), limit):
        click.echo(line)


@main.command("dev-copy", short_help="Make databases for `dbt build` by hand.")
@click.option("--from-published", is_flag=True, help="Copy the marts of the published version too.")
@one_line_errors
def dev_copy(from_published: bool) -> None:
    """Make databases for `dbt build` by hand: the sample's raw tables, and empty or published marts."""
    from orchestration.commands.dev_copy import make_dev_databases

    for line in make_dev_databases(load_settings(), from_published=from_published):
        click.echo(line)


for subcommand in (gateway, capture, pull, simulate, close, reopen):
    main.add_command(subcommand)


def console() -> None:
    """The command as its own process."""
    open_standard_streams()
    try:
        main()
    except SystemExit as ended:
        if sys.modules.keys() & {"dagster", "duckdb"}:
            # Threads that a failed run left must not keep the process alive, or make DuckDB's bindings list pages of
            # objects that the interpreter could not free.
            end_at_once(ended.code if isinstance(ended.code, int) else 0)
        raise


if __name__ == "__main__":
    console()
