"""The forms of names, times and ids, the same for every format, every dataset and for capture."""

from __future__ import annotations

import math
import numbers
import re
import uuid
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

LONGEST_ID = 128
"""The most characters of an id from Corti or capture: record, interaction, resource, operation."""
LONGEST_OWNER = 256
"""The most characters of `userId`, `tenantId` and `model`."""
LARGEST_WHOLE_FLOAT = 2**53
"""Up to here a double represents every whole number; beyond it two ids can be the same double."""
DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
"""A figure: a JSON number, or a text in decimal or scientific notation."""
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
"""A figure with a decimal comma, which is never read: `1,5` may be 1.5 or 15."""

_IGNORED_IN_NAMES = str.maketrans("", "", "_- \t\u00a0\ufeff")
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:[Zz]| UTC|([+-])(\d\d)(?::?(\d\d))?)?)?",
    re.ASCII,
)
_UUID_IN_NAME = re.compile(
    r"(?<![0-9a-z])(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32,64})(?![0-9a-z])", re.IGNORECASE
)
_MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?)"
)
_MM, _DD, _HH, _60 = "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])", "(?:[01][0-9]|2[0-3])", "[0-5][0-9]"
# Counters such as 0001 or 000012 would be the first seconds of a day.
_CLOCK = rf"(?!000\d(?!\d)|0000\d\d(?!\d))(?:{_HH}(?:[-:._h]?{_60}){{1,2}}|[1-9]{_60}{_60})(?!\d)[Zz]?"
_DATE_IN_NAME = re.compile(
    rf"""
    (?<!\d)(?:
        (?P<date>(?:19|20)\d\d-\d\d-\d\d|(?:19|20)\d{{6}})(?!\d)
        (?P<time>[Tt]\d[\d:.-]*[Zz]?|[\ _.-]+(?!(?:19|20)\d\d[-_.]\d\d?[-_.]\d)[Tt]?{_CLOCK})?
    |(?P<other>
        (?:19|20)\d\d{_MM}{_DD}{_HH}{_60}(?:{_60}(?:\d\d\d)?)?(?!\d)      # 20260131083000
        |(?:19|20)\d\d[-_.]\d\d?[-_.]\d\d?(?!\d)                         # 2026.1.31
        |(?:19|20)\d\d[-_.]\d\d[-_.]\d\d(?:\d\d){{2,3}}(?!\d)            # 2026-01-31083000
        |(?:1[0-8]|2[1-9])\d\d-\d\d-\d\d(?!\d)                          # 1899-01-31
        |\d\d?[-_.]\d\d?[-_.](?:19|20)\d\d(?!\d)                        # 31.1.2026
        |(?:19|20)\d\d[-_.]{_MM}{_DD}(?!\d)                              # 2026-0131
        |(?:19|20)\d\d{_MM}-{_DD}(?!\d)                                  # 202601-31
        |(?:19|20)\d\d(?:-\d\d|[_.]{_MM})(?!\d)                          # 2026-01
        |{_MM}[-_.]20[0-3]\d(?!\d)                                       # 01-2026
        # 26-01-31, 31.01.26
        |(?<!\d[-.])(?:\d\d(?P<first>[-.]){_MM}(?P=first){_DD}|{_DD}(?P<last>[-.]){_MM}(?P=last)\d\d)(?!\d|[-.]\d)
        |(?:19|20)\d\d-?W\d\d(?!\d)                                      # 2026-W05
        |(?:19|20)\d\d[-_.\ ]?{_MONTH}(?![a-z])                           # 2026-Jan-31
        |(?:\d\d?[-_.\ ]?)?(?<![a-z]){_MONTH}[-_.\ ]?(?:\d\d?[-_.,\ ]+)?(?:19|20)\d\d(?!\d)   # 31-Jan-2026
    ))
    """,
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
_TIME_IN_NAME = re.compile(r"T(\d\d)([:-]?)(\d\d)\2(\d\d)Z", re.ASCII)


class UnusableIdError(ValueError):
    """A value can't be an id. The message names the kind of value, never the value."""


class UnusableExportTimeError(ValueError):
    """A file name has digits that look like a date or time but are not one; the message is that part of the name."""


def comparable_name(name: str) -> str:
    """A field's name in the form in which names are compared: without case, `_`, `-` and blanks."""
    return name.translate(_IGNORED_IN_NAMES).lower()


def read_time(text: str) -> datetime | None:
    """An ISO 8601 text as a time (aware, in UTC); None if the text is not a time.

    A blank may stand for the T; seconds may be absent; no offset means UTC; a date alone is its start. Digits beyond
    microseconds are cut. Second 60 is the last microsecond of its minute, so that a leap second stays on its day.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, sign, off_hours, off_minutes = match.groups()
    seconds, micros = int(second or 0), int((fraction or "").ljust(6, "0")[:6])
    if seconds == 60:
        seconds, micros = 59, 999_999
    offset = timedelta(hours=int(off_hours or 0), minutes=int(off_minutes or 0))
    if offset >= timedelta(days=1) or int(off_minutes or 0) > 59:
        return None
    zone = timezone(-offset if sign == "-" else offset)
    try:
        moment = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), seconds, micros, zone)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def export_time(file_name: str) -> datetime | None:
    """When an export was made, according to its file name (naive UTC); None if the name has no date. The last date
    counts.

    Raises:
        UnusableExportTimeError: digits look like a date or a time of day, but can't be read as one.
    """
    found: datetime | None = None
    for match in _DATE_IN_NAME.finditer(_UUID_IN_NAME.sub("x", file_name)):
        date, time = match["date"], match["time"]
        clock = _TIME_IN_NAME.fullmatch(time) if time else None
        if date is None or (time and clock is None):
            raise UnusableExportTimeError(match.group())
        digits = date.replace("-", "")
        hour, minute, second = (int(clock[part]) for part in (1, 3, 4)) if clock else (0, 0, 0)
        try:
            found = datetime(int(digits[:4]), int(digits[4:6]), int(digits[6:]), hour, minute, second)
        except ValueError:
            raise UnusableExportTimeError(match.group()) from None
    return found


def id_text(value: object) -> str | None:
    """A value of any type as the id that it represents; None if it is absent (None, NaN, a blank text).

    Ids are texts, whole numbers, UUIDs (also as 16 bytes), UTF-8 bytes, and whole floats up to 2^53. A text keeps the
    blanks around it.

    Raises:
        UnusableIdError: the value has another type, or is a number too large to be exact.
    """
    match value:
        case None:
            return None
        case str():
            return value if value.strip() else None
        case bool():
            raise UnusableIdError("a boolean")
        case numbers.Integral():  # numpy's as well
            return str(int(value))
        case float() | Decimal():
            return _whole_number(value)
        case uuid.UUID():
            return str(value)
        case bytes() | bytearray() | memoryview():
            return _text_of_bytes(bytes(value))
    raise UnusableIdError(f"a value of type {type(value).__name__}")


def _whole_number(value: float | Decimal) -> str | None:
    if math.isnan(value):
        return None
    if isinstance(value, Decimal) and value.is_finite() and value.adjusted() > LONGEST_OWNER:
        raise UnusableIdError("a number with too many digits")  # all its digits may not fit into memory
    if math.isinf(value) or value != int(value):
        raise UnusableIdError("a number with a fraction")
    if isinstance(value, float) and abs(value) > LARGEST_WHOLE_FLOAT:
        raise UnusableIdError("a floating-point number beyond 2^53")
    return str(int(value))


def _text_of_bytes(value: bytes) -> str | None:
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    if text is not None and (len(value) != 16 or text.isprintable()):
        return text if text.strip() else None
    if len(value) == 16:
        return str(uuid.UUID(bytes=value))
    raise UnusableIdError("bytes that are neither UTF-8 nor a UUID")
