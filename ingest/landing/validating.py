"""Validates a single line: the values of its fields, and whether it is a record or why not.

Every line that the vectorised reader can't read exactly is validated here (`exact_conditions.py` has the reader's
conditions, and a test compares the two). How records compare with each other is decided by the dbt models.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

from ingest.contract.forms import DECIMAL, DECIMAL_COMMA, LARGEST_WHOLE_FLOAT, read_time
from ingest.landing.line_reading import NotText, NumberText, Value

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST_AHEAD = timedelta(days=2)
MOST_CREDITS = Decimal(999_999_999)
_NINE_PLACES = Decimal("0.000000001")
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_WHOLE = re.compile(r"-?\d+", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_LONGEST_COUNT = 60


@dataclass(frozen=True)
class Accepted:
    """A record: column name to text; `credits` as a plain decimal, times in UTC as `YYYY-MM-DD HH:MM:SS.ffffff`.
    `not_as_written` names the columns whose value lost something: digits, or entries of an object.
    """

    values: dict[str, str]
    not_as_written: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rejected:
    """Not a record: the reason, and the allow-listed values that could be read."""

    reason: str
    values: dict[str, str]


Found = tuple[str | None, str | None, bool]
"""The outcome of a field's value: the text that is kept, or why the value refuses its line (neither, if it counts as
absent), and whether something of the value is not kept, such as digits.
"""


@dataclass(frozen=True)
class ReadLine:
    """The outcome of the fields of one line, by column: the usable ones; the reason why a present one can't be used;
    the reason for a required one without a usable value; those that lost something.
    """

    values: dict[str, str]
    faults: dict[str, str]
    lacking: dict[str, str]
    not_as_written: frozenset[str] = frozenset()

    def decided(self, rule: Rule) -> Accepted | Rejected:
        """Whether the line is a record, by this rule."""
        reason = rule(self)
        return Rejected(reason, self.values) if reason else Accepted(self.values, self.not_as_written)


Rule = Callable[[ReadLine], str | None]
"""Why a line is not a record; None if it is one."""


def first_fault(line: ReadLine) -> str | None:
    """A line needs all required values, and must have no unusable ones."""
    return next(iter((*line.faults.values(), *line.lacking.values())), None)


def usage_record_fault(line: ReadLine) -> str | None:
    """A usage record needs a time, and credits or a status that explains their absence. An unusable time is never
    replaced by the other one.
    """
    values, faults = line.values, line.faults
    if reason := faults.get("credits"):
        return reason
    if "credits" not in values and not (values.get("status") == "unreported" or _is_metered(values)):
        return "credits_absent"
    times = ("created_at", "captured_at")
    if not any(column in values or column in faults for column in times):
        return "time_absent"
    return next((faults[column] for column in times if column in faults), None) or first_fault(line)


def _is_metered(values: Mapping[str, str]) -> bool:
    """Whether a record has tokens in place of credits."""
    has_tokens = "input_tokens" in values or "output_tokens" in values
    return values.get("status") == "metered" and "model" in values and has_tokens


def consumption_fault(line: ReadLine) -> str | None:
    """A total that Corti reported needs its credits and its window; both ends belong to the window."""
    if reason := line.faults.get("credits") or line.lacking.get("credits"):
        return reason
    if line.lacking:
        return next(iter(line.lacking.values()))
    if line.values["window_to"] < line.values["window_from"]:
        return "window_inverted"
    return first_fault(line)


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


def id_of(value: Value) -> tuple[str | None, str | None]:
    """An id as text, or the reason why it can't be one: a JSON number is an id if it is whole and, as a floating-point
    number, small enough to be exact.
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
    """A field as the text that is kept; None if it is neither text nor number."""
    if value is None or isinstance(value, NotText):
        return None
    text = str(value)
    # A lone surrogate can't be stored; its escape keeps two different ids different.
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def credits_of(value: Value) -> tuple[Decimal | None, str | None]:
    """Credits as an exact decimal, or the reason why they can't be used."""
    if isinstance(value, NotText):
        return None, value.reason or "credits_not_a_number"
    text = value.strip()
    if DECIMAL_COMMA.fullmatch(text):
        return None, "credits_decimal_comma"
    if not DECIMAL.fullmatch(text):
        return None, "credits_not_a_number"
    try:
        number = Decimal(text)
    except InvalidOperation:  # an exponent beyond a Decimal: practically 0, or too large
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
    """A time between 2000 and `latest` (aware) in the kept form: UTC, `YYYY-MM-DD HH:MM:SS.ffffff`; else None."""
    moment = read_time(value.strip()) if isinstance(value, str) else None
    if moment is None or not EARLIEST <= moment <= latest:
        return None
    return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def day_of(value: Value, latest: datetime) -> str | None:
    """A date alone between 2000 and that of `latest`; else None."""
    text = text_of(value)
    if text is None or not _DAY.fullmatch(text):
        return None
    try:
        return text if EARLIEST.date() <= date.fromisoformat(text) <= latest.date() else None
    except ValueError:
        return None
