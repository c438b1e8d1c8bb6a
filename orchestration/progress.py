"""How far a run is: the steps report it, and a listener, such as a terminal, shows it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Listener = Callable[[str, int, int], None]
"""Gets the step's name, how much is done and how much there is."""

# One for the process, not for a context: dbt reports from its own threads.
_listeners: list[Listener] = []


def report(step: str, done: int, total: int) -> None:
    """Report to the listener, if there is one, how far a step is."""
    for listener in _listeners:
        listener(step, done, total)


@contextmanager
def shown(show: Callable[[str], object]) -> Iterator[None]:
    """Show progress while the block runs: a moving bar on a terminal, elsewhere one plain line per step."""
    if sys.stderr.isatty():
        with _bar():
            yield
        return
    begun: dict[str, float] = {}

    def line(step: str, done: int, total: int) -> None:
        if step not in begun:
            begun[step] = time.monotonic()
            show(f"  {step} …")

    with _listening(line):
        yield


@contextmanager
def _bar() -> Iterator[None]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<32}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def move(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = progress.add_task(step, total=total)
            progress.update(tasks[step], completed=done, total=max(total, 1))

        with _listening(move):
            yield


@contextmanager
def _listening(listener: Listener) -> Iterator[None]:
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)
