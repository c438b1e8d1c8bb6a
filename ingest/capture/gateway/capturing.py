"""The gateway's side of capture. Nothing here ever breaks a call: faults are logged, counted and shown instead."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from ingest.capture.answer import Answer, EdgeFailures
from ingest.capture.gateway.headers import Owner
from ingest.capture.socket_tap import SocketTap
from ingest.capture.spool import Spool, SpoolHealth
from ingest.contract.call import CallContext
from ingest.contract.dimensions import DEFAULT_KEYS
from ingest.contract.usage_record import UsageRecord
from ingest.wording import counted

T = TypeVar("T")

_LOG = logging.getLogger("credits.gateway")
_LOG_PAUSE_SECONDS = 1.0


@dataclass
class Counts:
    """What the gateway did since it started."""

    calls: int = 0
    sockets: int = 0
    open_calls: int = 0
    open_sockets: int = 0
    upstream_errors: int = 0
    faults: int = 0
    last_fault: str | None = None
    records: Counter[str] = field(default_factory=Counter)
    edge_failures: EdgeFailures = field(default_factory=EdgeFailures)
    refusals: Counter[str] = field(default_factory=Counter)


@dataclass
class Capturing:
    """Turns calls and sockets into records. `environment` is the records' environment, `dimension_keys` the dimensions
    that they may have.
    """

    spool: Spool
    environment: str | None
    dimension_keys: tuple[str, ...] = DEFAULT_KEYS
    counts: Counts = field(default_factory=Counts)
    _logged_at: float = -_LOG_PAUSE_SECONDS
    _refusal_logged_at: float = -_LOG_PAUSE_SECONDS

    def begin(self, owner: Owner) -> CallContext | None:
        """Make the ids and the time of a call or socket that is about to start."""
        return self.guarded("begin", lambda: self._mint(owner), None)

    def _mint(self, owner: Owner) -> CallContext:
        return CallContext.mint(
            environment=self.environment,
            corti_tenant=owner.corti_tenant,
            user_id=owner.user_id,
            tenant_id=owner.tenant_id,
            analytics=owner.analytics,
            dimension_keys=self.dimension_keys,
        )

    def ended(self, answer: Answer, context: CallContext | None) -> None:
        """Write the records of a call that has ended."""
        if context is None:
            return
        if self.guarded("edge", answer.failed_at_the_edge, False):
            self.counts.edge_failures.note(answer.status)
            return
        for record in self.guarded("ended", lambda: answer.records(context), ()):
            self._write(record)

    def too_long(self) -> None:
        """Note that a body was larger than `MOST_BODY_BYTES`, compressed or unpacked, so its content stays unknown."""
        self.fault("body", "longer than what is looked at")

    def tap(self, path: str, context: CallContext | None) -> SocketTap | None:
        """A tap for a socket that was opened."""
        return self.guarded("tap", lambda: SocketTap(path, context), None) if context else None

    def heard(self, tap: SocketTap | None, message: str | bytes) -> None:
        """Take a message from the server. At the message that ends the session its record is written."""
        if tap is not None:
            self.guarded("heard", lambda: tap.feed(message), None)
            if tap.ended:
                self.hung_up(tap)

    def hung_up(self, tap: SocketTap | None) -> None:
        """Write the record of a socket that is closed or ending, once."""
        if tap is not None and (record := self.guarded("hung_up", tap.close, None)) is not None:
            self._write(record)

    def _write(self, record: UsageRecord) -> None:
        self.counts.records[record.status] += 1
        self.guarded("append", lambda: self.spool.append(record), None)

    def guarded(self, step: str, act: Callable[[], T], otherwise: T) -> T:
        """Return the result of `act`; if it raises, count and log the fault and return `otherwise`."""
        try:
            return act()
        except Exception as error:
            # Its message may quote the content, so only its class and place are logged.
            trace = error.__traceback__
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            place = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "?"
            self.fault(step, f"{type(error).__name__} at {place}")
            return otherwise

    def fault(self, step: str, what: str) -> None:
        """Count a fault of capture, and log it (at most one line a second)."""
        self.counts.faults += 1
        self.counts.last_fault = f"{step}: {what}"
        now = time.monotonic()
        if now - self._logged_at >= _LOG_PAUSE_SECONDS:
            self._logged_at = now
            _LOG.error(
                "capture failed (%s); calls go on. Faults so far: %d", self.counts.last_fault, self.counts.faults
            )

    def refused(self, why: str) -> None:
        """Count a refused request or connection, and log it (at most one line a second)."""
        self.counts.refusals[why] += 1
        now = time.monotonic()
        if now - self._refusal_logged_at >= _LOG_PAUSE_SECONDS:
            self._refusal_logged_at = now
            _LOG.warning("a caller was refused (%s). So far for this: %d", why, self.counts.refusals[why])

    def health(self) -> tuple[list[str], SpoolHealth | None]:
        """The faults of capture (an empty list if there are none), and the state of the spool."""
        spool = self.guarded("health", self.spool.health, None)
        wrong = []
        if self.counts.faults:
            wrong.append(f"{counted(self.counts.faults, 'fault')} of capture, the last: {self.counts.last_fault}")
        if spool is None:
            wrong.append("the spool does not answer")
        elif spool.lost:
            wrong.append(f"{counted(spool.lost, 'record')} lost")
        if spool is not None and spool.buffered:
            wait = "waits" if spool.buffered == 1 else "wait"
            wrong.append(f"{counted(spool.buffered, 'record')} {wait} in memory, the last error: {spool.last_error}")
        elif spool is not None and spool.last_error and spool.last_error != spool.unwritable:
            wrong.append(f"the spool's last error: {spool.last_error}")
        if spool is not None and spool.unwritable:
            wrong.append(f"records can't be written: {spool.unwritable}")
        return wrong, spool
