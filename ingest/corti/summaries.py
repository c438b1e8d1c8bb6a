"""The outcome of each part of a pull. `reason` is None unless it ended early; then `message` is its line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[str, int, int], None]
"""Gets the name of a step, how much of it is done and how much there is."""


@dataclass
class PullSummary:
    """The outcome of a pull. `interactions` counts those that were found, `listed` those whose resources were listed,
    and `resources` these resources. `reason` says why it ended early; `guided_refused` says that guided documents can't
    be listed.
    """

    account: str
    interactions: int = 0
    listed: int = 0
    resources: int = 0
    requests: int = 0
    days_complete: int = 0
    days_failed: int = 0
    reason: str | None = None
    message: str | None = None
    guided_refused: bool = False


@dataclass
class ReadSummary:
    """The outcome of reading back: `asked` counts look-ups. Of these, `final` had a figure, `processing` have none yet,
    `silent` have none at all, `gone` are deleted, and `failed` could not be read. `reason` says why it ended early.
    """

    account: str
    asked: int = 0
    final: int = 0
    processing: int = 0
    silent: int = 0
    gone: int = 0
    failed: int = 0
    reason: str | None = None
    message: str | None = None


@dataclass
class ConsumptionSummary:
    """The outcome of asking the console: `users` counts the users, `totals` the written totals. `reason` says why it
    ended early.
    """

    account: str
    users: int = 0
    totals: int = 0
    reason: str | None = None
    message: str | None = None
