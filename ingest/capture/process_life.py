"""Notifies spools when their process forks or ends. Nothing is registered before the first spool is made."""

from __future__ import annotations

import atexit
import os
from typing import Protocol
from weakref import WeakSet


class Living(Protocol):
    """Something that must know about a fork and about the process's end."""

    def forget_after_fork(self) -> None:
        """Called in a forked child: open files belong to the parent."""
        ...

    def close(self) -> None:
        """Called when the process ends."""
        ...


_living: WeakSet[Living] = WeakSet()
_registered: list[bool] = []


def watch(living: Living) -> None:
    """Call `living` at forks and at the interpreter's end, as long as it exists."""
    if not _registered:
        _registered.append(True)
        os.register_at_fork(after_in_child=_forked)
        atexit.register(_ended)
    _living.add(living)


def unwatch(living: Living) -> None:
    """Stop calling it."""
    _living.discard(living)


def _forked() -> None:
    for living in list(_living):
        living.forget_after_fork()


def _ended() -> None:
    for living in list(_living):
        living.close()
