"""How far a run is, told by the steps and shown by whoever listens: a terminal, or nobody."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Listener = Callable[[str, int, int], None]
"""Is told the step's name, what is done and how much there is."""

# One for the process, not for a context: dbt tells from threads of its own.
_listeners: list[Listener] = []


def report(step: str, done: int, total: int) -> None:
    """Tell the listener, if there is one, how far a step is."""
    for listener in _listeners:
        listener(step, done, total)


@contextmanager
def shown(show: Callable[[str], object]) -> Iterator[None]:
    """Show progress while the block runs: a moving bar on a terminal, a plain line a step elsewhere."""
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
