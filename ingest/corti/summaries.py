"""What each part of a pull came to. `reason` is None unless it ended early; `message` then is its one line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[str, int, int], None]
"""Is told what is being done, how much of it is done and how much there is."""


@dataclass
class PullSummary:
    """What a pull came to. `interactions` were walked over, `listed` are those whose resources were listed, `resources`
    is how many there were. `reason` says why it ended early; `guided_refused` that guided documents can't be listed.
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
    """What reading back came to: `asked` were looked up; of them `final` had a figure, `processing` have none yet,
    `silent` have none at all, `gone` are deleted, `failed` could not be had. `reason` says why it ended early.
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
    """What the console told: `users` were asked for, `totals` were written. `reason` says why it ended early."""

    account: str
    users: int = 0
    totals: int = 0
    reason: str | None = None
    message: str | None = None
