"""One fact per billable operation: which observation counts, and to whom it is attributed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from .mappings import Window, alone_at_time, at_time
from .records import PLACES, STATUSES, Observation

UNMAPPED = "(unmapped)"
_EPOCH = datetime(1970, 1, 1)
_TIE_BREAK = (
    *("resource_id", "operation_id", "record_id", "interaction_id", "user_id", "tenant_id", "model"),
    *("input_tokens", "output_tokens", "created_at"),
)


@dataclass(frozen=True)
class Fact:
    """One billable operation."""

    kind: str
    interaction_id: str | None
    resource_id: str | None
    operation_id: str | None
    user_id: str
    tenant_id: str
    user_source: str
    tenant_source: str
    credits: Decimal
    status: str
    is_estimate: bool
    source: str
    occurred_at: datetime
    usage_date: date
    reporting_date: date
    environment: str | None
    corti_tenant: str | None
    first_captured_at: datetime | None
    observations: int


@dataclass(frozen=True)
class Mappings:
    """Owners of interactions, and the windows of users and tenants."""

    owners: dict[str, tuple[str, str | None]]
    users: list[Window]
    tenants: list[Window]


def ranked(observations: list[Observation]) -> list[Observation]:
    """The observations of one operation, the effective one first."""
    charged = any(o.counted > 0 for o in observations)

    def rank(o: Observation) -> tuple[Any, ...]:
        says_nothing = charged and o.source == "read" and o.counted == 0
        age = timedelta(0) if o.captured_at is None else _EPOCH - o.captured_at
        values = [getattr(o, name) for name in _TIE_BREAK]
        order = (says_nothing, STATUSES.index(o.status), o.captured_at is None, age, -o.counted, o.source == "read")
        return (*order, *((value is None, value) for value in values))

    return sorted(observations, key=rank)


def derive(observations: list[Observation], mappings: Mappings) -> Fact:
    """The one fact that the observations of an operation make."""
    order = ranked(observations)
    effective = order[0]

    def filled(name: str) -> str | None:
        return next((value for o in order if (value := getattr(o, name)) is not None), None)

    captured = [o.captured_at for o in observations if o.captured_at is not None]
    occurred_at = min([o.created_at for o in observations if o.created_at is not None] or captured)
    interaction = filled("interaction_id")
    exported_user, exported_tenant = mappings.owners.get(interaction or "", (None, None))
    user, user_source = _first((filled("user_id"), "record"), (exported_user, "interaction"))
    of_user = alone_at_time(mappings.users, user, occurred_at)
    tenant, tenant_source = _first((filled("tenant_id"), "record"), (exported_tenant, "interaction"), (of_user, "user"))
    return Fact(
        kind=effective.kind,
        interaction_id=interaction,
        resource_id=filled("resource_id"),
        operation_id=filled("operation_id"),
        user_id=user,
        tenant_id=tenant,
        user_source=user_source,
        tenant_source=tenant_source,
        credits=effective.counted.quantize(PLACES),
        status=effective.status,
        is_estimate=effective.status == "estimate",
        source=effective.source,
        occurred_at=occurred_at,
        usage_date=occurred_at.date(),
        reporting_date=local_time(mappings.tenants, tenant, occurred_at).date(),
        environment=effective.environment,
        corti_tenant=effective.corti_tenant,
        first_captured_at=min(captured, default=None),
        observations=len(set(observations)),
    )


def _first(*ways: tuple[str | None, str]) -> tuple[str, str]:
    return next(((value, way) for value, way in ways if value is not None), (UNMAPPED, "unmapped"))


def zone_of(tenant: tuple[str | None, ...] | None) -> ZoneInfo:
    """The time zone in the attributes of a tenant; UTC if it has no known one."""
    name = tenant[1] if tenant is not None else None
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def local_time(tenants: list[Window], tenant_id: str, at: datetime) -> datetime:
    """The local time at a UTC time in the zone that the tenant had then; UTC if none is known."""
    zone = zone_of(at_time(tenants, tenant_id, at))
    return at.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
