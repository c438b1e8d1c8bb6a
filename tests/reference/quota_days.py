"""Which date it is for a quota's subject, and what the quota says there at the end of each day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from .billing_files import Quota
from .facts import UNMAPPED, Fact, local_time
from .mappings import Window


@dataclass(frozen=True)
class QuotaDays:
    """A quota as its subject sees it: its windows by the clock that hangs there, and the date of today."""

    today: date
    _windows: list[tuple[datetime, datetime | None, Quota]]

    def last_in_force(self, first: date, last: date) -> tuple[date, Quota] | None:
        """The last day of some, today at most, at whose end the quota is in force, and what it says then."""
        day = min(last, self.today)
        while day >= first:
            midnight = datetime.combine(day + timedelta(1), time())
            # A window without its end is one that is in force until just before that.
            in_force = [
                quota for begins, ends, quota in self._windows if begins < midnight and (not ends or midnight <= ends)
            ]
            if in_force:
                return day, max(in_force, key=lambda quota: quota.valid_from)
            day -= timedelta(1)
        return None


def quota_days(windows: list[Quota], facts: list[Fact], used: list[Fact], tenants: list[Window]) -> QuotaDays:
    """The days of one quota, given all its windows, all facts and those that count to it."""
    tenant = windows[0].tenant_id or _last_tenant(windows[0].user_id, facts)

    def clock(at: datetime) -> datetime:
        return local_time(tenants, tenant, at)

    def edge(at: datetime) -> datetime:
        is_date = at.time() == time()
        return at if is_date else clock(at)

    latest = clock(max(fact.occurred_at for fact in facts)).date()
    return QuotaDays(
        max([latest, *(fact.reporting_date for fact in used)]),
        [(edge(w.valid_from), None if w.valid_to is None else edge(w.valid_to), w) for w in windows],
    )


def _last_tenant(user_id: str | None, facts: list[Fact]) -> str:
    of_user = [fact for fact in facts if fact.user_id == user_id and fact.tenant_id != UNMAPPED]
    return max(((fact.reporting_date, fact.tenant_id) for fact in of_user), default=(date.min, UNMAPPED))[1]
