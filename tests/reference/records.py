"""What one usage record states, normalised by the letter of the input contract."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal

from .files import Row

STATUSES = ("final", "provisional", "estimate", "unreported")
API_STATUSES = {"completed": "final", "failed": "final", "processing": "provisional"}
EARLIEST = datetime(2000, 1, 1)
MOST_CREDITS = Decimal(999_999_999)
PLACES = Decimal("1e-9")
LONGEST_ID = 128
LAST_HOUR, LAST_MINUTE = 23, 59
_CREDITS = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:[eE]([+-]?\d+))?", re.ASCII)
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))?)?", re.ASCII
)


@dataclass(frozen=True)
class Observation:
    """One accepted record, normalised. Two observations are equal exactly when their content is the same."""

    record_id: str | None
    kind: str
    interaction_id: str | None
    resource_id: str | None
    operation_id: str | None
    credits: Decimal | None
    status: str
    source: str
    created_at: datetime | None
    captured_at: datetime | None
    environment: str | None
    corti_tenant: str | None
    user_id: str | None
    tenant_id: str | None
    model: str | None
    input_tokens: int | None
    output_tokens: int | None
    rounded: bool = field(default=False, compare=False)

    @property
    def counted(self) -> Decimal:
        """Credits that count: none for an unreported record, whatever figure it carries."""
        return Decimal(0) if self.credits is None or self.status == "unreported" else self.credits

    @property
    def operation_key(self) -> tuple[object, ...]:
        """What makes two observations the same billable operation."""
        identity = self.resource_id or self.operation_id or self.record_id or self
        return (self.environment, self.corti_tenant, self.kind, identity)


def text(row: Row, *names: str) -> str | None:
    """The text or number under the first of the names that is present; null and empty text count as absent.

    Where something else stands there, such as a list, the record has no usable value.
    """
    found = next((value for value in map(row.get, names) if value is not None and value != ""), None)
    return str(found) if isinstance(found, str) else None


def parse_time(value: str | None) -> datetime | None:
    """A time as naive UTC, cut to microseconds; None if it is not a real time."""
    match = _TIME.fullmatch(value or "")
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, sign, off_hours, off_minutes = match.groups()
    micros = int((fraction or "")[:6].ljust(6, "0"))
    offset = timedelta(hours=int(off_hours or 0), minutes=int(off_minutes or 0))
    if int(off_hours or 0) > LAST_HOUR or int(off_minutes or 0) > LAST_MINUTE:
        return None
    clock = (int(hour or 0), int(minute or 0), int(second or 0))
    try:
        return datetime(int(year), int(month), int(day), *clock, micros) - (-offset if sign == "-" else offset)
    except (ValueError, OverflowError):
        return None


def parse_credits(value: object) -> Decimal | None:
    """A figure of credits, exact and not yet rounded; None if it is unusable."""
    match = _CREDITS.fullmatch(value.strip(" \t\r\n\f\v")) if isinstance(value, str) else None
    if match is None:
        return None
    mantissa = Decimal(match[1])
    bound = len(match[1]) + 50
    exponent = max(-bound, min(bound, int(match[2] or 0)))
    exact = mantissa.scaleb(exponent, Context(prec=10 * bound)) if mantissa else Decimal(0)
    return exact if 0 <= exact <= MOST_CREDITS else None


def _figure(row: Row) -> object:
    """The first credit figure that is present in a record, of any type."""
    inner = [row.get(holder) for holder in ("usageInfo", "usage_info")]
    names = ("creditsConsumed", "credits_consumed")
    found = [row.get(name) for name in names]
    found += [info.get(name) for info in inner if isinstance(info, dict) for name in names]
    return next((value for value in (*found, row.get("credits")) if value is not None and value != ""), None)


def _kind(kind: str | None, kind_of_type: str | None) -> str:
    """The kind as a word; a text that is none counts as absent."""
    if kind is None or len(kind) > LONGEST_ID or re.search(r"\s", kind):
        return kind_of_type or "unspecified"
    return kind.lower()


def _tokens(value: str | None) -> int | None:
    usable = value is not None and re.fullmatch(r"0*\d{1,19}", value, re.ASCII) and int(value) < 2**63
    return int(value) if value is not None and usable else None


def normalise(row: Row, now: datetime) -> Observation | None:
    """The observation in a record, or None if the record is to be rejected."""
    event = text(row, "type")
    as_read = text(row, "status") or {"usage": "final", "delta_usage": "estimate"}.get(event or "") or "final"
    figure = _figure(row)
    exact = parse_credits(figure)
    if exact is None and not (figure is None and as_read == "unreported"):
        return None
    rounded = None if exact is None else exact.quantize(PLACES, ROUND_HALF_UP, Context(prec=2000))
    created, captured = (
        at if at is not None and EARLIEST <= at <= now + timedelta(days=2) else None
        for at in (parse_time(text(row, "createdAt", "created_at")), parse_time(text(row, "capturedAt", "captured_at")))
    )
    observation = Observation(
        record_id=text(row, "recordId", "record_id"),
        kind=_kind(text(row, "kind"), "stream" if event in ("usage", "delta_usage") else None),
        interaction_id=text(row, "interactionId", "interaction_id"),
        resource_id=text(row, "resourceId", "resource_id", "id"),
        operation_id=text(row, "operationId", "operation_id"),
        credits=rounded,
        status=as_read if as_read in STATUSES else API_STATUSES.get(as_read, "final"),
        source="read" if text(row, "source") == "read" else "created",
        created_at=created,
        captured_at=captured,
        environment=text(row, "environment"),
        corti_tenant=text(row, "cortiTenant", "corti_tenant"),
        user_id=text(row, "userId", "user_id", "assignedUserId", "assigned_user_id"),
        tenant_id=text(row, "tenantId", "tenant_id", "customerID", "customerId", "customer_id"),
        model=text(row, "model"),
        input_tokens=_tokens(text(row, "inputTokens", "input_tokens")),
        output_tokens=_tokens(text(row, "outputTokens", "output_tokens")),
        rounded=rounded != exact,
    )
    ids = (observation.record_id, observation.interaction_id, observation.resource_id, observation.operation_id)
    too_long = any(len(value) > LONGEST_ID for value in ids if value is not None)
    return None if too_long or (created is None and captured is None) else observation
