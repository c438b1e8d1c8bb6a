"""The `credits` command. Each subcommand imports what it needs, so that a run with nothing to do stays cheap."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn, ParamSpec

import click

from ingest.errors import CreditsError
from ingest.settings import load_settings

P = ParamSpec("P")


def _one_line_errors(command: Callable[P, None]) -> Callable[P, None]:
    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except CreditsError as error:
            click.echo(f"credits: {error}", err=True)
            sys.exit(1)
        except BrokenPipeError:
            raise  # whoever read along has read enough; click ends in silence
        except OSError as error:
            reason = f"{error.filename}: {error.strerror}" if error.filename else error
            click.echo(f"credits: {reason}: check the path, its owner and its mode.", err=True)
            sys.exit(1)
        except KeyboardInterrupt:
            click.echo("credits: stopped; the next run goes on where this one was.", err=True)
            _end_at_once(130)

    return guarded


def _end_at_once(code: int) -> NoReturn:
    """End as `sys.exit` does, but for the interpreter's own ending: it aborts while a thread is busy in DuckDB."""
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(code)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="credits-warehouse", prog_name="credits")
def main() -> None:
    """Land usage records, build balanced marts, publish them for BI.

    Everything is read and written below CREDITS_HOME (default: data/ in the checkout). The exit code is 0 when a
    version was published and balances, or nothing was new.
    """


@main.command()
@_one_line_errors
def run() -> None:
    """Land, build, check and publish once, in this process.

    Ends at once when the published version holds all that stands below landing/.
    """
    from orchestration.run_command import run_once

    run_once(load_settings(), rebuild=False, show=click.echo)


@main.command()
@_one_line_errors
def rebuild() -> None:
    """Make all tables anew from the files below landing/, then publish.

    The published version stays readable meanwhile.
    """
    from orchestration.run_command import run_once

    run_once(load_settings(), rebuild=True, show=click.echo)


@main.command()
@_one_line_errors
def status() -> None:
    """Say what is published, how fresh it is, and what is unmapped, quarantined or in conflict."""
    from orchestration.status_command import status_lines

    for line in status_lines(load_settings()):
        click.echo(line)


@main.command()
@click.option("--out", "out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Home to write to.")
@click.option("--records", default=3000, show_default=True, help="Roughly how many usage records.")
@click.option("--days", default=120, show_default=True, help="How many days they cover.")
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same bytes.")
@_one_line_errors
def sample(out: Path, records: int, days: int, seed: int) -> None:
    """Write a life-like landing folder below a home of its own: OUT/landing/."""
    from ingest.sample import write_sample

    try:
        summary = write_sample(out, records=records, days=days, seed=seed)
    except ValueError as error:
        raise CreditsError(str(error)) from None
    except OSError as error:
        raise CreditsError(f"{out} cannot be written ({error.strerror}): give another --out.") from None
    click.echo(
        f"wrote {summary.files} files with {summary.lines} lines of usage records below {out / 'landing'}; "
        f"`CREDITS_HOME={out} credits run` publishes them."
    )


@main.group()
def quarantine() -> None:
    """Look at what was refused."""


@quarantine.command("list")
@click.option(
    "--limit", type=click.IntRange(min=0), default=50, show_default=True, help="How many lines at most; 0 for all."
)
@_one_line_errors
def list_quarantine(limit: int) -> None:
    """List refused lines: file, line, reason, and the fields that could be read."""
    from orchestration.status_command import quarantine_lines

    for line in quarantine_lines(load_settings(), limit):
        click.echo(line)


@main.command("dev-copy")
@click.option("--from-published", is_flag=True, help="Copy the marts of the published version too.")
@_one_line_errors
def dev_copy(from_published: bool) -> None:
    """Make databases for `dbt build` by hand: the sample's raw tables, and empty or published marts."""
    from orchestration.dev_command import make_dev_databases

    for line in make_dev_databases(load_settings(), from_published=from_published):
        click.echo(line)


@main.command()
@click.option("--environment", type=click.Choice(["eu", "us"]), help="Corti's environment: its four hosts.")
@click.option("--environment-name", help="What records say of the environment, where URLs are given instead.")
@click.option("--listen", default="127.0.0.1:8790", show_default=True, help="HOST:PORT; port 0 takes a free one.")
@click.option("--upstream-base", help="https://…/v2, the REST API.")
@click.option("--upstream-wss", help="wss://…/audio-bridge/v2, the sockets.")
@click.option("--upstream-login", help="https://…/realms, the login endpoint.")
@click.option("--upstream-agents", help="https://…, the agents.")
@click.option("--rotate-seconds", type=click.FloatRange(min=0.1), default=60, show_default=True)
@click.option("--timeout-seconds", type=click.FloatRange(min=0.1), default=300, show_default=True)
@click.option("--drain-seconds", type=click.FloatRange(min=1), default=30, show_default=True)
@_one_line_errors
def gateway(**options: Any) -> None:
    """Pass calls on to Corti and write down what each one cost.

    Records reach landing/usage_records/ every --rotate-seconds, and at once when the gateway is stopped. Corti may
    stay silent for --timeout-seconds; running calls get --drain-seconds to end.
    """
    from ingest.capture.gateway.command import run_gateway

    run_gateway(load_settings(), click.echo, **options)


@main.group()
def capture() -> None:
    """Bring in usage that was seen elsewhere."""


@capture.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--environment", help="Corti's environment (eu, us), where a line and its URL name none.")
@click.option("--corti-tenant", help="The Corti tenant that was charged, where a line names none.")
@_one_line_errors
def import_logs(**options: Any) -> None:
    """Turn logged responses (one JSON object a line) into usage records below landing/usage_records/."""
    from ingest.capture.import_command import run_import

    run_import(load_settings(), click.echo, **options)


@main.command()
@_one_line_errors
def pull() -> None:
    """Ask Corti what was created there and what it cost, for every account in CREDITS_CORTI_ACCOUNTS.

    Writes files below landing/; `credits run` publishes them. May be stopped at any time: the next one goes on.
    """
    from orchestration.pull_command import run_pull

    run_pull(load_settings(), click.echo)


@main.command()
@click.option("--listen", default="127.0.0.1:8791", show_default=True, help="HOST:PORT.")
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same ids and prices.")
@click.option("--processing-seconds", default=2.0, show_default=True, help="How long an asynchronous transcript takes.")
@_one_line_errors
def simulate(**options: Any) -> None:
    """Serve a simulated Corti with a ledger of its own, to try capture on."""
    from ingest.simulator.command import run_simulator

    run_simulator(click.echo, **options)


def console() -> None:
    """The command as a process of its own."""
    try:
        main()
    except SystemExit as ended:
        if "dagster" in sys.modules:
            # Threads that a failed run left behind must not keep the process alive.
            _end_at_once(ended.code if isinstance(ended.code, int) else 0)
        raise


if __name__ == "__main__":
    console()
