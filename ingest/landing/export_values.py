"""Reads the cells of an export made by people, by the kind of their column: a value, or what is wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import cache
from zoneinfo import available_timezones

from ingest.contract.forms import DECIMAL, LONGEST_ID, read_time
from ingest.landing.currencies import currencies
from ingest.landing.input_types import ReadCell
from ingest.landing.validating import EARLIEST, id_of

LATEST_DATE = date(2199, 12, 31)
"""Later dates are treated as typos."""


class UnusableValueError(Exception):
    """What is wrong with a cell and what to do about it; follows the name of file, row and column."""


def read_text(text: str) -> str:
    """A text, unchanged except that it can be stored."""
    # A lone surrogate can't be stored; its escape keeps two different ids different.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def read_moment(text: str) -> datetime:
    """A time as naive UTC."""
    moment = read_time(text)
    if moment is None:
        raise UnusableValueError(f"is {_shown(text)}; give a time such as 2026-01-31T00:00:00Z.")
    return moment.astimezone(UTC).replace(tzinfo=None)


def moment_until(latest: date) -> ReadCell:
    """Reads a time as naive UTC, from 2000 to the end of a date."""

    def read(text: str) -> datetime:
        moment = read_moment(text)
        if not EARLIEST.date() <= moment.date() <= latest:
            raise UnusableValueError(f"is {_shown(text)}; give a time from 2000 to {latest.year}.")
        return moment

    return read


def read_date(text: str) -> date:
    """A date; a time counts if it is the start of its day in UTC, as databases write dates."""
    moment = read_time(text.strip())
    if moment is None or moment.time() != time() or not EARLIEST.date() <= moment.date() <= LATEST_DATE:
        raise UnusableValueError(f"is {_shown(text)}; give a date such as 2026-01-31, from 2000 to 2199.")
    return moment.date()


def read_zone(text: str) -> str:
    """An IANA time zone."""
    zone = read_text(text)
    if zone not in _known_zones():
        raise UnusableValueError(f"is {_shown(zone)}, which is not an IANA zone; use a name such as Europe/Copenhagen.")
    return zone


def identifier(longest: int) -> ReadCell:
    """Reads an id by the rules of a record's, of a limited length."""

    def read(text: str) -> str | None:
        kept, fault = id_of(text)
        if fault:
            raise UnusableValueError("has a value that is not an id; give a text or a whole number.")
        if kept is not None and len(kept) > longest:
            raise UnusableValueError(f"has {len(kept)} characters; give an id of {longest} at most.")
        return kept

    return read


def read_kind(text: str) -> str | None:
    """A kind of operation as it was written, without blanks around it."""
    word = text.strip()
    if len(word.split()) > 1 or len(word) > LONGEST_ID:
        raise UnusableValueError(
            f"is {_shown(text)}; give one word such as transcript, or leave it empty for all kinds."
        )
    return read_text(word) or None


def one_of(words: tuple[str, ...]) -> ReadCell:
    """Reads one of a few words, in any case."""

    def read(text: str) -> str:
        word = text.strip().lower()
        if word not in words:
            raise UnusableValueError(f"is {_shown(text)}; give one of {', '.join(words)}.")
        return word

    return read


def figure(*, places: int, most: Decimal, signed: bool = False) -> ReadCell:
    """Reads an exact decimal with a limited number of places, up to `most`, and below 0 only if it is `signed`."""
    limits = f"from {-most if signed else 0} to {most} with at most {places} decimal places"

    def read(text: str) -> Decimal:
        number = _decimal(text)
        if number is None or abs(number) > most or (number < 0 and not signed) or number != round(number, places):
            raise UnusableValueError(f"is {_shown(text)}; give a plain number {limits}.")
        return round(abs(number) if number == 0 else number, places)

    return read


def read_share(text: str) -> Decimal:
    """A share above 0 and up to 1."""
    number = _decimal(text)
    if number is None or not 0 < number <= 1 or number != round(number, 9):
        raise UnusableValueError(f"is {_shown(text)}; give a share above 0 and up to 1, such as 0.8.")
    return round(number, 9)


def read_currency(text: str) -> str:
    """The code, in capitals, of a currency that has a minor unit or needs none."""
    code = text.strip().upper()
    currency = currencies().get(code)
    if currency is None:
        raise UnusableValueError(f"is {_shown(text)}, which is not a currency of ISO 4217; use a code such as EUR.")
    if currency.decimals is None:
        raise UnusableValueError(f"is {_shown(text)}, which has no minor unit to round to; use a currency such as EUR.")
    return code


def currency_decimals(code: str) -> int:
    """The number of decimals of a currency that `read_currency` returned."""
    return currencies()[code].decimals or 0


def check_in_force(code: str, day: date) -> None:
    """Check that a currency that `read_currency` returned was in force on the first day that it is used for.

    Raises:
        UnusableValueError: it was withdrawn before that day, or came later.
    """
    currency = currencies()[code]
    if not currency.is_in_force(day):
        since = f"was withdrawn on {currency.ends}" if currency.ends and currency.ends <= day else ""
        since = since or f"is in force from {currency.starts} only"
        raise UnusableValueError(f"is {code!r}, which {since}, and the row holds from {day}; use the one of that time.")


def prose(longest: int) -> ReadCell:
    """Reads a text for people: without blanks around it, and of limited length."""

    def read(text: str) -> str | None:
        kept = text.strip()
        if len(kept) > longest:
            raise UnusableValueError(f"has {len(kept)} characters; shorten it to {longest}.")
        return read_text(kept) or None

    return read


def _shown(text: str) -> str:
    return repr(text[:40])


def _decimal(text: str) -> Decimal | None:
    bare = text.strip(" \t\r\n")
    # No figure written by people is longer, and figures up to this length are no problem.
    if len(bare) > 60 or not DECIMAL.fullmatch(bare):
        return None
    try:
        number = Decimal(bare)
    except InvalidOperation:  # an exponent that is too large for a Decimal
        return None
    return number if number == 0 or -60 < number.adjusted() < 60 else None


@cache
def _known_zones() -> set[str]:
    """The IANA names that DuckDB knows too, since it will use them."""
    import duckdb  # a run that finds nothing new does not need this

    with duckdb.connect() as connection:
        names = {row[0] for row in connection.execute("select name from pg_timezone_names()").fetchall()}
    return names & available_timezones()
