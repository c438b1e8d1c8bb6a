"""How a command begins and ends: all settings are checked first, and what it could not do is one clear line, never a
traceback for a user's mistake.
"""

from __future__ import annotations

import atexit
import difflib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from typing import IO, Any, NoReturn, ParamSpec

import click

from ingest.error_lines import os_error_line
from ingest.errors import CreditsError
from orchestration.checked_settings import check_all_settings
from orchestration.terminal_text import printable

P = ParamSpec("P")


def one_line_errors(command: Callable[P, None]) -> Callable[P, None]:
    """Let a command check all settings first, and end with one line on standard error, and a code other than 0, if it
    fails. A variable that nothing reads is a warning there.
    """

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            for warning in check_all_settings():
                click.echo(f"credits: warning: {warning}", err=True)
            command(*args, **kwargs)
        except CreditsError as error:
            click.echo(f"credits: {printable(error)}", err=True)
            sys.exit(error.exit_code)
        except BrokenPipeError:
            raise  # whoever read along has read enough; click ends in silence
        except OSError as error:
            click.echo(f"credits: {os_error_line(error)}.", err=True)
            sys.exit(1)
        except KeyboardInterrupt:
            click.echo("credits: stopped; the next run goes on where this one was.", err=True)
            end_at_once(130)

    return guarded


class UsageLine(click.UsageError):
    """What was asked wrongly, in one line with the way to help."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the line to standard error."""
        text = " ".join(self.format_message().split()).rstrip(".")
        command = self.ctx.command_path if self.ctx else "credits"
        click.echo(f"credits: {text[:1].lower()}{text[1:]}; see `{command} --help`.", file=file, err=file is None)


class Commands(click.Group):
    """A group whose usage errors are one line, and that suggests the nearest command."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """As click does it."""
        with _usage_lines():
            return super().make_context(*args, **extra)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does it; nothing at all asks for help."""
        if not args:
            click.echo(ctx.get_help())
            ctx.exit()
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """As click does it."""
        with _usage_lines():
            return super().invoke(ctx)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with a suggestion for a name that is none."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            near = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            hint = f": did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"no such command {args[0][:60]!r}{hint}")
        return super().resolve_command(ctx, args)


@contextmanager
def _usage_lines() -> Iterator[None]:
    try:
        yield
    except UsageLine:
        raise
    except click.UsageError as error:
        raise UsageLine(error.format_message(), error.ctx) from None


def end_at_once(code: int) -> NoReturn:
    """End as `sys.exit` does, but for the interpreter's own ending: it aborts while a thread is busy in DuckDB."""
    atexit._run_exitfuncs()
    with suppress(BrokenPipeError):  # whoever read along has read enough
        sys.stdout.flush()
    os._exit(code)
