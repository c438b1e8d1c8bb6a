"""What a line alone can tell: is it a usage record, with which values, or why not.

The exact judge for every line that the vectorised reader does not vouch for (`vouching.py` states what it vouches
for; a test holds the two against each other). What a record means beside the others is for the dbt models.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

from ingest.landing.fields import IDS_OF_LIMITED_LENGTH, LONGEST_ID, OTHER_WORD, SOURCE_WORDS, STATUS_WORDS, TYPE_WORDS
from ingest.landing.line_reading import NotText, Value

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST_AHEAD = timedelta(days=2)
MOST_CREDITS = Decimal(999_999_999)
USAGE_RECORD_IDS = ("record_id", "interaction_id", "resource_id", "operation_id", "user_id", "tenant_id")
_NINE_PLACES = Decimal("0.000000001")
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
"""A figure of credits: a JSON number, or a text in decimal or scientific notation."""
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))?)?", re.ASCII
)


@dataclass(frozen=True)
class Accepted:
    """A record: column name to text; `credits` as a plain decimal, times in UTC as `YYYY-MM-DD HH:MM:SS.ffffff`."""

    values: dict[str, str]
    credits_rounded: bool


@dataclass(frozen=True)
class Rejected:
    """Not a record: the reason and those allow-listed values that were themselves sound."""

    reason: str
    values: dict[str, str]


def judge_usage_record(row: Mapping[str, Value], now: datetime) -> Accepted | Rejected:
    """Decide over one line's fields. `now` (aware) bounds how far ahead a time may lie."""
    sound = _sound_texts(row)
    times = {column: instant_of(row.get(column), now + LATEST_AHEAD) for column in ("created_at", "captured_at")}
    sound.update({column: text for column, text in times.items() if text})
    unreported = row.get("status") == "unreported"
    credits: Decimal | None = None
    reason: str | None = None
    rounded = False
    if "credits" in row:
        credits, reason = credits_of(row["credits"])
    elif not unreported:
        reason = "credits_absent"
    if credits is not None:
        sound["credits"], rounded = nine_places(credits)
    if reason is None and not any(times.values()):
        reason = "time_unusable" if "created_at" in row or "captured_at" in row else "time_absent"
    if any(is_too_long(row.get(column)) for column in IDS_OF_LIMITED_LENGTH):
        reason = reason or "id_too_long"
    reason = reason or unusable_id(row, USAGE_RECORD_IDS)
    return Rejected(reason, sound) if reason else Accepted(sound, rounded)


def judge_interaction(row: Mapping[str, Value], now: datetime) -> Accepted | Rejected:
    """Decide over one row of an interactions export: both ids must be there; a bad `created_at` counts as absent."""
    sound = {
        c: v for c in ("interaction_id", "user_id", "tenant_id") if (v := text_of(row.get(c))) and not is_too_long(v)
    }
    if created_at := instant_of(row.get("created_at"), now + LATEST_AHEAD):
        sound["created_at"] = created_at
    if reason := unusable_id(row, ("interaction_id", "user_id", "tenant_id")):
        return Rejected(reason, sound)
    for column in ("interaction_id", "user_id"):
        if column not in sound:
            return Rejected("id_too_long" if is_too_long(row.get(column)) else f"{column}_absent", sound)
    return Accepted(sound, False)


def _sound_texts(row: Mapping[str, Value]) -> dict[str, str]:
    sound: dict[str, str] = {}
    for column in USAGE_RECORD_IDS:
        text = text_of(row.get(column))
        if text and not (column in IDS_OF_LIMITED_LENGTH and is_too_long(text)):
            sound[column] = text
    for column in ("environment", "corti_tenant", "model"):
        if text := text_of(row.get(column)):
            sound[column] = text
    kind = text_of(row.get("kind"))
    if kind and len(kind) <= LONGEST_ID and not re.search(r"\s", kind):
        sound["kind"] = kind
    for column, words in (("status", STATUS_WORDS), ("source", SOURCE_WORDS)):
        if text := text_of(row.get(column)):
            sound[column] = text if text in words else OTHER_WORD
    if (text := text_of(row.get("type"))) in TYPE_WORDS:
        sound["type"] = text
    for column in ("input_tokens", "output_tokens"):
        text = text_of(row.get(column))
        if text and text.isascii() and text.isdigit() and len(text) <= 30 and int(text) < 2**63:
            sound[column] = text
    return sound


def unusable_id(row: Mapping[str, Value], columns: Iterable[str]) -> str | None:
    """Why a row is refused, in which one of these ids is there and can't be used."""
    values = (row.get(column) for column in columns)
    return next((value.reason or "id_unusable" for value in values if isinstance(value, NotText)), None)


def text_of(value: Value | None) -> str | None:
    """A field as the text that is kept; None where it is neither text nor number."""
    if value is None or isinstance(value, NotText):
        return None
    # A lone surrogate can't be stored; its escape keeps two different ids different.
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")


def is_too_long(value: Value | None) -> bool:
    """Whether an id is longer than ids may be."""
    return isinstance(value, str) and len(value) > LONGEST_ID


def credits_of(value: Value) -> tuple[Decimal | None, str | None]:
    """Credits as an exact decimal, or the reason why they are none."""
    text = value.strip(" \t\r\n") if isinstance(value, str) else ""
    if isinstance(value, NotText) or not DECIMAL.fullmatch(text):
        return None, "credits_not_a_number"
    try:
        number = Decimal(text)
    except InvalidOperation:  # an exponent beyond what a Decimal holds: by its sign as good as nothing, or too large
        mantissa, _, exponent = text.lower().partition("e")
        number = Decimal(mantissa).scaleb(-1000 if exponent.startswith("-") else 1000)
    if number < 0:
        return None, "credits_negative"
    if number > MOST_CREDITS:
        return None, "credits_too_large"
    return number, None


def nine_places(credits: Decimal) -> tuple[str, bool]:
    """Credits in plain notation with 9 decimal places, and whether they had to be rounded to that."""
    kept = credits.quantize(_NINE_PLACES, context=_EXACT)
    return f"{abs(kept):f}", kept != credits


def read_time(text: str) -> datetime | None:
    """A time as RFC 3339 (aware, in UTC): a blank may stand for the T, no offset means UTC, a date alone its start."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, sign, off_hours, off_minutes = match.groups()
    micros = int((fraction or "").ljust(6, "0")[:6])
    offset = timedelta(hours=int(off_hours or 0), minutes=int(off_minutes or 0))
    if offset >= timedelta(days=1) or int(off_minutes or 0) > 59:
        return None
    zone = timezone(-offset if sign == "-" else offset)
    try:
        return datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), micros, zone
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def instant_of(value: Value | None, latest: datetime) -> str | None:
    """A time between 2000 and `latest` (aware) as it is kept: UTC, `YYYY-MM-DD HH:MM:SS.ffffff`; else None."""
    moment = read_time(value) if isinstance(value, str) else None
    if moment is None or not EARLIEST <= moment <= latest:
        return None
    return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
