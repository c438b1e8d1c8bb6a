"""What a line alone can tell: is it a usage record, with which values, or why not.

The exact judge for every line that the vectorised reader does not vouch for (`vouching.py` states what it vouches
for; a test holds the two against each other). What a record means beside the others is for the dbt models.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

from ingest.contract.forms import (
    DECIMAL,
    DECIMAL_COMMA,
    LARGEST_WHOLE_FLOAT,
    LONGEST_ID,
    LONGEST_OWNER,
    read_time,
)
from ingest.landing.fields import IDS, OTHER_WORD, OWNERS, SOURCE_WORDS, STATUS_WORDS, TYPE_WORDS
from ingest.landing.line_reading import NotText, NumberText, Value

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST_AHEAD = timedelta(days=2)
MOST_CREDITS = Decimal(999_999_999)
_NINE_PLACES = Decimal("0.000000001")
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_WHOLE = re.compile(r"-?\d+", re.ASCII)
_MOST_TOKENS = 2**63 - 1
_LONGEST_COUNT = 60


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
    sound, id_reason = sound_ids(row, (*IDS, *OWNERS))
    sound |= _sound_words(row)
    reason: str | None = None
    rounded = False
    if "credits" in row:
        credits, reason = credits_of(row["credits"])
        if credits is not None:
            sound["credits"], rounded = nine_places(credits)
    elif not (sound.get("status") == "unreported" or _is_metered(sound)):
        reason = "credits_absent"
    time_reason: str | None = "time_absent"
    for column in ("created_at", "captured_at"):
        if column in row:
            if moment := instant_of(row[column], now + LATEST_AHEAD):
                sound[column] = moment
                time_reason = None if time_reason == "time_absent" else time_reason
            else:
                # It is never replaced by the other one.
                time_reason = "time_unusable"
    reason = reason or time_reason or id_reason
    return Rejected(reason, sound) if reason else Accepted(sound, rounded)


def _is_metered(sound: Mapping[str, str]) -> bool:
    """Whether a record tells tokens in place of credits."""
    has_tokens = "input_tokens" in sound or "output_tokens" in sound
    return sound.get("status") == "metered" and "model" in sound and has_tokens


def judge_interaction(row: Mapping[str, Value], now: datetime) -> Accepted | Rejected:
    """Decide over one row of an interactions export: both ids must be there."""
    sound, reason = sound_ids(row, ("interaction_id", "user_id", "tenant_id"))
    if created_at := instant_of(row.get("created_at"), now + LATEST_AHEAD):
        sound["created_at"] = created_at
    elif "created_at" in row:
        reason = reason or "time_unusable"
    for column in ("interaction_id", "user_id"):
        if column not in row:
            reason = reason or f"{column}_absent"
    return Rejected(reason, sound) if reason else Accepted(sound, False)


def _sound_words(row: Mapping[str, Value]) -> dict[str, str]:
    sound: dict[str, str] = {}
    kind = text_of(row.get("kind"))
    if kind and len(kind := kind.strip()) <= LONGEST_ID and not re.search(r"\s", kind):
        sound["kind"] = kind
    for column, words in (("status", STATUS_WORDS), ("source", SOURCE_WORDS)):
        if text := text_of(row.get(column)):
            word = text.strip().lower()
            sound[column] = word if word in words else OTHER_WORD
    if (text := text_of(row.get("type"))) and (word := text.strip().lower()) in TYPE_WORDS:
        sound["type"] = word
    for column in ("input_tokens", "output_tokens"):
        if (count := count_of(row.get(column), _MOST_TOKENS)) is not None:
            sound[column] = count
    return sound


def count_of(value: Value | None, most: int) -> str | None:
    """A whole number from 0 to `most` as its digits, however it is written (`120.0`); None for anything else."""
    text = (text_of(value) or "").strip(" ")
    if len(text) > _LONGEST_COUNT or not DECIMAL.fullmatch(text):
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if not 0 <= number <= most or number != number.to_integral_value():
        return None
    return str(int(number))


def sound_ids(row: Mapping[str, Value], columns: Iterable[str]) -> tuple[dict[str, str], str | None]:
    """Those of these ids that can be used, and the first reason why one that is there can't be."""
    sound: dict[str, str] = {}
    reason: str | None = None
    for column in columns:
        value = row.get(column)
        if value is None or (column == "model" and isinstance(value, NotText)):
            continue
        text, fault = id_of(value)
        if text is not None and len(text) > (LONGEST_OWNER if column in OWNERS else LONGEST_ID):
            text, fault = None, "id_too_long"
        if text is not None:
            sound[column] = text
        reason = reason or fault
    return sound, reason


def id_of(value: Value) -> tuple[str | None, str | None]:
    """An id as its text, or the reason why it is none: a JSON number is one where it is whole, and as a floating-point
    number not so large that it can't be told from its neighbour.
    """
    if isinstance(value, NotText):
        return None, value.reason or "id_unusable"
    if not isinstance(value, NumberText):
        return text_of(value), None
    if _WHOLE.fullmatch(value):
        return ("0" if value == "-0" else str(value)), None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None, "id_unusable"
    if abs(number) > LARGEST_WHOLE_FLOAT or number != int(number):
        return None, "id_unusable"
    return str(int(number)), None


def text_of(value: Value | None) -> str | None:
    """A field as the text that is kept; None where it is neither text nor number."""
    if value is None or isinstance(value, NotText):
        return None
    # A lone surrogate can't be stored; its escape keeps two different ids different.
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")


def credits_of(value: Value) -> tuple[Decimal | None, str | None]:
    """Credits as an exact decimal, or the reason why they are none."""
    if isinstance(value, NotText):
        return None, value.reason or "credits_not_a_number"
    text = value.strip()
    if DECIMAL_COMMA.fullmatch(text):
        return None, "credits_decimal_comma"
    if not DECIMAL.fullmatch(text):
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


def instant_of(value: Value | None, latest: datetime) -> str | None:
    """A time between 2000 and `latest` (aware) as it is kept: UTC, `YYYY-MM-DD HH:MM:SS.ffffff`; else None."""
    moment = read_time(value.strip()) if isinstance(value, str) else None
    if moment is None or not EARLIEST <= moment <= latest:
        return None
    return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
