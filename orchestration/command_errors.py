"""How a command ends that could not do its work: one clear line, never a traceback for a user's mistake."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import NoReturn, ParamSpec

import click

from ingest.errors import CreditsError

P = ParamSpec("P")


def one_line_errors(command: Callable[P, None]) -> Callable[P, None]:
    """Let a command end with one line on standard error, and a code other than 0, where it fails."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except CreditsError as error:
            click.echo(f"credits: {error}", err=True)
            sys.exit(error.exit_code)
        except BrokenPipeError:
            raise  # whoever read along has read enough; click ends in silence
        except OSError as error:
            reason = f"{error.filename}: {error.strerror}" if error.filename else error
            click.echo(f"credits: {reason}: check the path, its owner and its mode.", err=True)
            sys.exit(1)
        except KeyboardInterrupt:
            click.echo("credits: stopped; the next run goes on where this one was.", err=True)
            end_at_once(130)

    return guarded


def end_at_once(code: int) -> NoReturn:
    """End as `sys.exit` does, but for the interpreter's own ending: it aborts while a thread is busy in DuckDB."""
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(code)
