"""How a command begins and ends: it checks all settings first, and a failure is one clear line. A user's mistake never
gives a traceback.
"""

from __future__ import annotations

import atexit
import difflib
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from types import FrameType
from typing import IO, Any, NoReturn, ParamSpec

import click

from ingest.error_lines import os_error_line, raise_if_interrupted, safe_line
from ingest.errors import CreditsError
from ingest.settings import load_settings
from orchestration.checked_settings import check_all_settings
from orchestration.terminal_text import printable

P = ParamSpec("P")
_FURTHER = "further_facts"
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
_OF_SIGNALS = 128
"""A shell reports the end by a signal as this number plus the signal's number."""


def one_line_errors(command: Callable[P, None]) -> Callable[P, None]:
    """Let a command check all settings first, and end with one line on standard error, and a code other than 0, if it
    fails. A variable that nothing reads is a warning on standard error. SIGTERM and SIGHUP stop the command as Ctrl-C
    does.
    """

    further: tuple[str, ...] | None = getattr(command, _FURTHER, None)

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        stopped_by = [signal.SIGINT]
        try:
            with _interrupted_by_signals(stopped_by), _stopped_while_duckdb_worked():
                for warning in check_all_settings():
                    click.echo(f"credits: warning: {warning}", err=True)
                command(*args, **kwargs)
        except (BrokenPipeError, click.ClickException, click.exceptions.Exit, click.Abort):
            raise  # the reader of the output has closed it, or click has a line of its own
        except (Exception, KeyboardInterrupt) as error:
            line, code = _failure(error, stopped_by[-1])
            click.echo(f"credits: {line}", err=True)
            if kwargs.get("as_json") and further is not None and not isinstance(error, AnsweredError):
                with suppress(OSError):
                    click.echo(_failure_object(error, line, code, further))
            if isinstance(error, KeyboardInterrupt):
                end_at_once(code)
            sys.exit(code)

    return guarded


def answers_in_json(*further: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Let a command with `as_json` answer with one object, even if it fails: the known facts of `credits status`, those
    named here, the exit code, and the line on standard error as `error`.
    """

    def marked(command: Callable[P, None]) -> Callable[P, None]:
        setattr(command, _FURTHER, further)
        return command

    return marked


class AnsweredError(CreditsError):
    """A command has already given its whole answer; this ends it with its line and code."""


def _failure(error: BaseException, stopped_by: signal.Signals) -> tuple[str, int]:
    """The line and the exit code of a command that ends with an error."""
    match error:
        case CreditsError():
            return printable(error), error.exit_code
        case OSError():
            return f"{printable(os_error_line(error))}.", 1
        case KeyboardInterrupt():
            return "stopped; the next run continues from there.", _OF_SIGNALS + stopped_by
        case _:
            return _unexpected(error), 1


@contextmanager
def _stopped_while_duckdb_worked() -> Iterator[None]:
    """Raise KeyboardInterrupt for a signal to stop, even if DuckDB has turned it into another error."""
    try:
        yield
    except Exception as error:
        raise_if_interrupted(error)
        raise


def _failure_object(error: BaseException, line: str, code: int, further: tuple[str, ...]) -> str:
    from orchestration.status import as_object, read_status, unknown_facts

    facts = unknown_facts()
    if not isinstance(error, KeyboardInterrupt):
        with suppress(Exception):  # the failure may also affect what the facts are read from
            facts = as_object(read_status(load_settings()))
    return json.dumps(facts | dict.fromkeys(further) | {"exit_code": code, "error": line}, ensure_ascii=False)


@contextmanager
def _interrupted_by_signals(stopped_by: list[signal.Signals]) -> Iterator[None]:
    """Let a signal that asks to stop interrupt the command as Ctrl-C does, and note it; a second one ends it
    at once.
    """

    def interrupt(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        stopped_by.append(signal.Signals(number))
        act = signal.getsignal(signal.SIGINT)
        if not callable(act):  # a shell's background job ignores SIGINT
            raise KeyboardInterrupt
        act(signal.SIGINT, frame)

    of_main_thread = threading.current_thread() is threading.main_thread()
    taken = [number for number in _STOP_SIGNALS if of_main_thread and signal.getsignal(number) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number in taken:
            if signal.getsignal(number) is interrupt:
                signal.signal(number, signal.SIG_DFL)


def _unexpected(error: BaseException) -> str:
    """The line of an unexpected error: its kind and its place in the code, without any value that it quotes."""
    places = traceback.extract_tb(error.__traceback__)
    place = f" at {os.path.basename(places[-1].filename)}:{places[-1].lineno}" if places else ""  # noqa: PTH119
    said = safe_line(error)
    kind = type(error).__name__
    return f"unexpected error ({kind if said == kind else f'{kind}: {said}'}{place}): please report this line."


class UsageLine(click.UsageError):
    """The line about a wrong argument or option, with the way to get help."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the line to standard error."""
        text = " ".join(self.format_message().split()).rstrip(".")
        command = self.ctx.command_path if self.ctx else "credits"
        see = " See" if text.endswith("?") else "; see"
        click.echo(f"credits: {text[:1].lower()}{text[1:]}{see} `{command} --help`.", file=file, err=file is None)


class Commands(click.Group):
    """A group whose usage errors are one line, and that suggests the nearest command."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """As in click."""
        with _usage_lines():
            return super().make_context(*args, **extra)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As in click; no arguments at all ask for help."""
        if not args:
            click.echo(ctx.get_help())
            ctx.exit()
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """As in click."""
        with _usage_lines():
            return super().invoke(ctx)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As in click, with a suggestion for an unknown name."""
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
    """End like `sys.exit`, but without the interpreter's own shutdown, which aborts while a thread is busy in
    DuckDB.
    """
    atexit._run_exitfuncs()
    with suppress(BrokenPipeError):  # the reader of the output has closed it
        sys.stdout.flush()
    os._exit(code)


def open_standard_streams() -> None:
    """Discard what would go to a closed standard stream, before another file gets its number."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free is this stream's
            setattr(sys, name, os.fdopen(opened, "r" if number == 0 else "w", encoding="utf-8"))
