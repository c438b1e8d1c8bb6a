"""What a credit costs, who may use how many, and manual corrections, as the landed billing files have them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from .facts import zone_of
from .files import Row, read_table, ready_files
from .mappings import TENANT_FIELDS, Window, export_time, history, named
from .records import parse_time, text

MINOR_PLACES = {"USD": 2, "EUR": 2, "JPY": 0, "KWD": 3, "CLF": 4}
"""The decimals of the currencies that random homes use, as ISO 4217 lists them."""
_RATE_FIELDS = (("pricePerCredit", "price_per_credit"), ("currency",))
_QUOTA_FIELDS = (("credits",), ("warnAt", "warn_at"))


@dataclass(frozen=True)
class Rate:
    """What one credit costs. `None` means no rate, which is never a price of 0."""

    price: Decimal
    currency: str


@dataclass(frozen=True)
class Quota:
    """How many credits a tenant or user may use in each calendar period, while the window holds."""

    tenant_id: str | None
    user_id: str | None
    kind: str | None
    period: str
    allowance: Decimal
    warn_at: Decimal
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True)
class Adjustment:
    """A credit note or manual correction."""

    id: str
    tenant_id: str
    user_id: str | None
    credits: Decimal
    effective_date: date
    reason: str


@dataclass(frozen=True)
class Billing:
    """Everything below landing/billing that people export, and the customers with their time zones."""

    rates: list[Window]
    quotas: list[Quota]
    adjustments: list[Adjustment]
    tenants: list[Window]

    def rate(self, tenant_id: str, kind: str | None, at: datetime) -> Rate | None:
        """The most specific rate that holds: of tenant and kind, tenant, kind, neither."""
        for key in ((tenant_id, kind), (tenant_id, None), (None, kind), (None, None)):
            for window in self.rates:
                if window.id == _joined(*key) and window.holds_at(at):
                    price, currency = window.attributes
                    assert price is not None and currency is not None
                    return Rate(Decimal(price), currency)
        return None

    def begins_at(self, adjustment: Adjustment) -> datetime:
        """The first instant of the effective date in a zone that the customer had on it; without one in UTC."""
        on = adjustment.effective_date
        instants: list[datetime] = []
        for window in self.tenants:
            if window.id == adjustment.tenant_id:
                first, end = (_midnight(day, zone_of(window.attributes)) for day in (on, on + timedelta(days=1)))
                if window.valid_from < end and (window.valid_to is None or window.valid_to > first):
                    instants.append(max(first, window.valid_from))
        return min(instants, default=datetime.combine(on, time()))


def read_billing(landing: Path) -> Billing:
    """The billing inputs below a landing directory."""
    folder = landing / "billing"
    return Billing(
        rates=history(folder / "rates", lambda row: _joined(_tenant(row), _kind(row)), _RATE_FIELDS),
        quotas=[_quota(window) for window in history(folder / "quotas", _quota_key, _QUOTA_FIELDS)],
        adjustments=_adjustments(folder / "adjustments"),
        tenants=history(landing / "mappings" / "tenants", named("tenantId", "tenant_id"), TENANT_FIELDS),
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a date begins, in UTC; the first of two midnights."""
    return datetime.combine(day, time(), zone).astimezone(UTC).replace(tzinfo=None)


def _joined(*parts: str | None) -> str:
    return json.dumps(parts)


def _tenant(row: Row) -> str | None:
    return text(row, "tenantId", "tenant_id")


def _user(row: Row) -> str | None:
    return text(row, "userId", "user_id")


def _kind(row: Row) -> str | None:
    kind = text(row, "kind")
    return None if kind is None else kind.lower()


def _quota_key(row: Row) -> str:
    return _joined(_tenant(row), _user(row), _kind(row), text(row, "period"))


def _quota(window: Window) -> Quota:
    tenant_id, user_id, kind, period = json.loads(window.id)
    allowance, warn_at = window.attributes
    return Quota(
        *(tenant_id, user_id, kind, period),
        allowance=Decimal(allowance or "NaN"),
        warn_at=Decimal(warn_at or "0.8"),
        valid_from=window.valid_from,
        valid_to=window.valid_to,
    )


def _adjustments(folder: Path) -> list[Adjustment]:
    best: dict[str, tuple[tuple[datetime, str, int], Adjustment]] = {}
    for path in ready_files(folder):
        for number, row in read_table(path.name, path.read_bytes()).rows:
            rank = (export_time(path), path.relative_to(folder).as_posix(), number)
            found = _adjustment(row or {})
            if found.id not in best or rank > best[found.id][0]:
                best[found.id] = (rank, found)
    return [adjustment for _, adjustment in best.values()]


def _adjustment(row: Row) -> Adjustment:
    identity, tenant = text(row, "adjustmentId", "adjustment_id"), _tenant(row)
    on = parse_time(text(row, "effectiveDate", "effective_date"))
    assert identity is not None and tenant is not None and on is not None
    return Adjustment(
        *(identity, tenant, _user(row)),
        credits=Decimal(text(row, "credits") or "NaN"),
        effective_date=on.date(),
        reason=text(row, "reason") or "",
    )
