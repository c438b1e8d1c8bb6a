"""The subcommands that bring usage in: the gateway, imported logs, pulls, and a simulated Corti to try them with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ingest.settings import load_settings
from orchestration.commands.errors import Commands, one_line_errors


@click.command()
@click.option("--environment", type=click.Choice(["eu", "us"]), help="Corti's environment: its hosts.")
@click.option("--environment-name", help="The environment in records, if URLs are given instead.")
@click.option("--listen", default="127.0.0.1:8790", show_default=True, help="HOST:PORT; port 0 takes a free one.")
@click.option("--upstream-base", help="https://…/v2, the REST API.")
@click.option("--upstream-wss", help="wss://…/audio-bridge/v2, the sockets.")
@click.option("--upstream-login", help="https://…/realms, the login endpoint.")
@click.option("--upstream-agents", help="https://…, the agents.")
@click.option("--upstream-models", help="https://…, Corti Models.")
@click.option(
    "--rotate-seconds",
    type=click.FloatRange(min=0.1),
    default=60,
    show_default=True,
    help="Age at which landing sees a file of records.",
)
@click.option(
    "--timeout-seconds",
    type=click.FloatRange(min=0.1),
    default=300,
    show_default=True,
    help="How long Corti may be silent within a call.",
)
@click.option(
    "--call-linger-seconds",
    type=click.FloatRange(min=0),
    default=60,
    show_default=True,
    help="How long to wait for Corti's answer after the caller has hung up.",
)
@click.option(
    "--socket-linger-seconds",
    type=click.FloatRange(min=0),
    default=10,
    show_default=True,
    help="How long to wait for the cost of a socket after its caller has left.",
)
@click.option(
    "--drain-seconds",
    type=click.FloatRange(min=1),
    default=30,
    show_default=True,
    help="How long running calls and sockets may go on when the gateway is stopped.",
)
@click.option(
    "--head-seconds",
    type=click.FloatRange(min=0.1),
    default=15,
    show_default=True,
    help="How long a caller may take to send a request's head.",
)
@click.option(
    "--max-connections",
    type=click.IntRange(min=1),
    default=1024,
    show_default=True,
    help="Callers' connections at once; beyond them only the gateway's own pages are answered.",
)
@click.option("--landing", help="Where records go instead of CREDITS_LANDING: a folder, or a URL of a bucket.")
@click.option("--host", help="This machine's name in heartbeats and file names; default: its own name.")
@click.option(
    "--heartbeats/--no-heartbeats", default=True, show_default=True, help="One line a minute in landing/heartbeats/."
)
@one_line_errors
def gateway(**options: Any) -> None:
    """Pass calls on to Corti and record what each one cost.

    Records reach landing/usage_records/ every --rotate-seconds, and at once when the gateway is stopped. Corti may be
    silent for --timeout-seconds; running calls get --drain-seconds to end.
    """
    from ingest.capture.gateway.command import run_gateway

    run_gateway(load_settings(), click.echo, **options)


@click.group(cls=Commands)
def capture() -> None:
    """Bring in usage from other sources."""


@capture.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--environment", help="Corti's environment (eu, us), if a line and its URL name none.")
@click.option("--corti-tenant", help="The Corti tenant that was charged, if a line names none.")
@one_line_errors
def import_logs(**options: Any) -> None:
    """Turn logged responses (one JSON object on each line) into usage records below landing/usage_records/."""
    from ingest.capture.import_command import run_import

    run_import(load_settings(), click.echo, **options)


@click.command(short_help="Ask Corti what was created there and what it cost.")
@one_line_errors
def pull() -> None:
    """Ask Corti what was created there and what it cost, for every account in CREDITS_CORTI_ACCOUNTS.

    Writes files below landing/; `credits run` publishes them. It can be stopped at any time: the next pull continues.
    """
    from orchestration.commands.pull import run_pull

    run_pull(load_settings(), click.echo)


@click.command(short_help="Serve a simulated Corti to try capture with.")
@click.option("--listen", default="127.0.0.1:8791", show_default=True, help="HOST:PORT.")
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same ids and prices.")
@click.option(
    "--processing-seconds",
    type=click.FloatRange(min=0),
    default=2.0,
    show_default=True,
    help="How long an asynchronous transcript takes.",
)
@one_line_errors
def simulate(**options: Any) -> None:
    """Serve a simulated Corti with its own ledger, to try capture with."""
    from ingest.simulator.command import run_simulator

    run_simulator(click.echo, **options)
