"""What one usage record states, normalised by the letter of the input contract."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal

from .files import Number, Row

STATUSES = ("final", "provisional", "estimate", "unreported")
API_STATUSES = {"completed": "final", "failed": "final", "processing": "provisional"}
EARLIEST = datetime(2000, 1, 1)
MOST_CREDITS = Decimal(999_999_999)
PLACES = Decimal("1e-9")
LONGEST_ID = 128
LAST_HOUR, LAST_MINUTE = 23, 59
_CREDITS = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:[eE]([+-]?\d+))?", re.ASCII)
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:[Zz]| [Uu][Tt][Cc]|([+-])(\d\d)(?::?(\d\d))?)?)?",
    re.ASCII,
)
LONGEST_OWNER = 256
LARGEST_WHOLE_FLOAT = 2**53
LEAP_SECOND = 60


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


class UnusableError(ValueError):
    """A value that refuses its record."""


def present(row: Row, *names: str) -> object:
    """The value under the first of the names that has one; null and blank text count as absent."""
    values = map(row.get, names)
    return next(
        (value for value in values if not (value is None or (isinstance(value, str) and not value.strip()))), None
    )


def text(row: Row, *names: str) -> str | None:
    """The text or number under the first of the names that is present.

    If something else is there, such as a list, the record has no usable value.
    """
    found = present(row, *names)
    return str(found) if isinstance(found, str) else None


def identifier(row: Row, longest: int, *names: str) -> str | None:
    """An id of at most so many characters: a text, or a JSON number that is whole; anything else refuses the record."""
    found = present(row, *names)
    if found is None:
        return None
    if not isinstance(found, str):
        raise UnusableError
    if isinstance(found, Number) and not re.fullmatch(r"-?\d+", found):
        number = Decimal(found)
        if abs(number) > LARGEST_WHOLE_FLOAT or number != int(number):
            raise UnusableError
        found = str(int(number))
    if len(found) > longest:
        raise UnusableError
    return "0" if found == "-0" and isinstance(found, Number) else str(found)


def word(row: Row, name: str) -> str | None:
    """One of a few words, in any case."""
    found = text(row, name)
    return found.strip().lower() if found else None


def instant(row: Row, latest: datetime, *names: str) -> datetime | None:
    """A time that can be used; one that is present and can't be used refuses the record."""
    found = present(row, *names)
    if found is None:
        return None
    moment = parse_time(found.strip()) if isinstance(found, str) else None
    if moment is None or not EARLIEST <= moment <= latest:
        raise UnusableError
    return moment


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
    seconds = int(second or 0)
    if seconds == LEAP_SECOND:
        seconds, micros = LEAP_SECOND - 1, 999_999
    clock = (int(hour or 0), int(minute or 0), seconds)
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
    found = [present(row, name) for name in names]
    found += [present(info, name) for info in inner if isinstance(info, dict) for name in names]
    return next((value for value in (*found, present(row, "credits")) if value is not None), None)


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
    try:
        return _observation(row, now)
    except UnusableError:
        return None


def _observation(row: Row, now: datetime) -> Observation:
    event = word(row, "type")
    as_read = word(row, "status") or {"usage": "final", "delta_usage": "estimate"}.get(event or "") or "final"
    figure = _figure(row)
    exact = parse_credits(figure)
    if exact is None and not (figure is None and as_read == "unreported"):
        raise UnusableError
    rounded = None if exact is None else exact.quantize(PLACES, ROUND_HALF_UP, Context(prec=2000))
    latest = now + timedelta(days=2)
    created = instant(row, latest, "createdAt", "created_at")
    captured = instant(row, latest, "capturedAt", "captured_at")
    if created is None and captured is None:
        raise UnusableError
    return Observation(
        record_id=identifier(row, LONGEST_ID, "recordId", "record_id"),
        kind=_kind(text(row, "kind"), "stream" if event in ("usage", "delta_usage") else None),
        interaction_id=identifier(row, LONGEST_ID, "interactionId", "interaction_id"),
        resource_id=identifier(row, LONGEST_ID, "resourceId", "resource_id", "id"),
        operation_id=identifier(row, LONGEST_ID, "operationId", "operation_id"),
        credits=rounded,
        status=as_read if as_read in STATUSES else API_STATUSES.get(as_read, "final"),
        source="read" if word(row, "source") == "read" else "created",
        created_at=created,
        captured_at=captured,
        environment=identifier(row, LONGEST_ID, "environment"),
        corti_tenant=identifier(row, LONGEST_ID, "cortiTenant", "corti_tenant"),
        user_id=identifier(row, LONGEST_OWNER, "userId", "user_id", "assignedUserId", "assigned_user_id"),
        tenant_id=identifier(row, LONGEST_OWNER, "tenantId", "tenant_id", "customerID", "customerId", "customer_id"),
        model=text(row, "model"),
        input_tokens=_tokens(text(row, "inputTokens", "input_tokens")),
        output_tokens=_tokens(text(row, "outputTokens", "output_tokens")),
        rounded=rounded != exact,
    )
