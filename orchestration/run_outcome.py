"""The typed outcome of a run, in a module that imports nothing else, so that a run with nothing to do stays cheap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ingest.contract.left_out import TO_MEND, LeftOut


@dataclass(frozen=True)
class RunOutcome:
    """The outcome of a run.

    `version` is the version that is published now, and `is_new` whether this run published it; `totals` are that
    version's, as its manifest has them. `rebuilt` says why everything was landed again, if it was. `left_out` are the
    files that are not in the version, and `alert_lines` the lines about open alerts. `is_sent` says that it was there
    before, and was sent to a bucket that lacked it.
    """

    version: str
    is_new: bool
    totals: Mapping[str, Any]
    rebuilt: str | None = None
    left_out: tuple[LeftOut, ...] = ()
    alert_lines: tuple[str, ...] = ()
    is_sent: bool = False

    @property
    def to_mend(self) -> tuple[LeftOut, ...]:
        """The files that stay left out until a person mends them."""
        return tuple(file for file in self.left_out if file.kind in TO_MEND)

    @property
    def exit_code(self) -> int:
        """The exit code of `credits run`: 0, or 3 if a person has to mend something."""
        return 3 if self.to_mend else 0
