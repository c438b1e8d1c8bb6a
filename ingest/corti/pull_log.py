"""The outcome of each day that a pull asks for, written as soon as it is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from ingest.contract.landing_writer import LandingWriter
from ingest.corti.accounts import Account


@dataclass
class _Day:
    interactions: int = 0
    requests: int = 0
    reason: str | None = None


@dataclass
class PullLog:
    """The days from `first` to `last`, in their order; `started_at` is when the pull began (aware).

    A day is complete when the pull has passed it without a failure. The requests of a day are those that were sent
    while the pull was in it; finding the first day counts towards that day.
    """

    account: Account
    writer: LandingWriter
    started_at: datetime
    first: date
    last: date
    complete: int = 0
    failed: int = 0
    _days: dict[date, _Day] = field(default_factory=dict)
    _requests_noted: int = 0

    def __post_init__(self) -> None:
        days = (self.last - self.first).days + 1
        self._days = {self.first + timedelta(days=number): _Day() for number in range(days)}

    @property
    def total(self) -> int:
        """Number of days that are asked for."""
        return (self.last - self.first).days + 1

    @property
    def done(self) -> int:
        """Number of days that are done."""
        return self.total - len(self._days)

    def walked(self, day: date, interactions: int, requests: int) -> None:
        """Count listed interactions of a day; `requests` counts all requests of the pull so far."""
        entry = self._entry(day)
        entry.interactions += interactions
        entry.requests += requests - self._requests_noted
        self._requests_noted = requests

    def fault(self, day: date, reason: str) -> None:
        """Note that a part of a day could not be listed."""
        self._entry(day).reason = reason

    def close_before(self, day: date) -> None:
        """Note that the pull has reached `day`: earlier days are complete; they are written at the next flush."""
        for earlier in [earlier for earlier in self._days if earlier < day]:
            self._write(earlier, self._days.pop(earlier))

    def close(self, requests: int, reason: str | None = None) -> None:
        """Note that the pull is done or, with a reason, could not go on: then the days that it did not pass have
        failed.
        """
        if self._days:
            self.walked(next(iter(self._days)), 0, requests)
        for day, entry in self._days.items():
            entry.reason = entry.reason or reason
            self._write(day, entry)
        self._days.clear()
        self.deliver()

    def deliver(self) -> None:
        """Write the days that are done."""
        self.writer.deliver()

    def _entry(self, day: date) -> _Day:
        # An interaction of a day that is done has arrived late: it counts towards the next day.
        return self._days.get(day) or next(iter(self._days.values()), _Day())

    def _write(self, day: date, entry: _Day) -> None:
        self.complete += entry.reason is None
        self.failed += entry.reason is not None
        self.writer.add(
            {
                "environment": self.account.environment,
                "cortiTenant": self.account.tenant,
                "day": day.isoformat(),
                "outcome": "failed" if entry.reason else "complete",
                "interactions": entry.interactions,
                "requests": entry.requests,
                "startedAt": stamp(self.started_at),
                "endedAt": stamp(datetime.now(UTC)),
                "reason": entry.reason,
            }
        )


def stamp(moment: datetime) -> str:
    """A time in the form of the lines: RFC 3339, UTC, to the microsecond."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
