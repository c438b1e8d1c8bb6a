"""What a run came to: typed, and without anything that a run with nothing to do would have to import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ingest.contract.left_out import TO_MEND, LeftOut


@dataclass(frozen=True)
class RunOutcome:
    """What a run came to.

    `version` is the version that is published now, and `is_new` whether this run published it; `totals` are that
    version's, as its manifest has them. `rebuilt` says why everything was landed anew, where it was. `left_out` are
    files that are not in the version, and `alert_lines` what became of open alerts.
    """

    version: str
    is_new: bool
    totals: Mapping[str, Any]
    rebuilt: str | None = None
    left_out: tuple[LeftOut, ...] = ()
    alert_lines: tuple[str, ...] = ()

    @property
    def to_mend(self) -> tuple[LeftOut, ...]:
        """What was left out and stays so until a person mends it."""
        return tuple(file for file in self.left_out if file.kind in TO_MEND)

    @property
    def exit_code(self) -> int:
        """That of `credits run`: 0, or 3 where a person has to mend something."""
        return 3 if self.to_mend else 0
