"""What a spool does when its process forks or ends. Nothing is registered before the first spool is made."""

from __future__ import annotations

import atexit
import os
from typing import Protocol
from weakref import WeakSet


class Living(Protocol):
    """What wants to hear of a fork and of the process's end."""

    def forget_after_fork(self) -> None:
        """This is a forked child: what was open belongs to the parent."""
        ...

    def close(self) -> None:
        """The process ends."""
        ...


_living: WeakSet[Living] = WeakSet()
_registered: list[bool] = []


def watch(living: Living) -> None:
    """Tell `living` of forks and of the interpreter's end, as long as it lives."""
    if not _registered:
        _registered.append(True)
        os.register_at_fork(after_in_child=_forked)
        atexit.register(_ended)
    _living.add(living)


def unwatch(living: Living) -> None:
    """Tell it no more."""
    _living.discard(living)


def _forked() -> None:
    for living in list(_living):
        living.forget_after_fork()


def _ended() -> None:
    for living in list(_living):
        living.close()
