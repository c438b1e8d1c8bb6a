"""The kinds of values in lines that machines write: each with its exact reading, and the condition for the fast one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from datetime import UTC, datetime

from ingest.contract.dimensions import kept
from ingest.contract.forms import LONGEST_ID
from ingest.landing.exact_conditions import (
    has_dimensions,
    has_form,
    is_count,
    is_count_or_none,
    is_credits,
    is_day,
    is_one_of,
    is_plain,
    is_short,
    is_time,
)
from ingest.landing.input_types import LineKind
from ingest.landing.line_reading import TRUE, Value, object_of, without_numbers
from ingest.landing.names import Role
from ingest.landing.validating import Found, count_of, credits_of, day_of, id_of, instant_of, nine_places, text_of
from ingest.sql_text import quoted

OTHER_WORD = "other"
"""In raw tables in place of an unknown word, whose text is not kept."""
_WORD = "[A-Za-z][A-Za-z0-9_-]{0,63}"
_LAST_WINDOW = datetime(2200, 1, 1, tzinfo=UTC)
"""Windows may end ahead of now; later ends are treated as typos."""


def _kept(text: str | None) -> Found:
    """A text that is kept, or None for a value that counts as absent."""
    return text, None, False


def identifier(longest: int, *, role: Role = "id", is_id: bool = True) -> LineKind:
    """An id or a name of limited length; an unusable one refuses its line."""

    def read(value: Value, _: datetime) -> Found:
        text, fault = id_of(value)
        if text is not None and len(text) > longest:
            return None, "id_too_long", False
        return text, fault, False

    def exact(column: str) -> tuple[str, ...]:
        return is_plain(column), is_short(column, longest)

    return LineKind("varchar", role, read=read, exact=exact, is_id=is_id)


def optional_name(longest: int) -> LineKind:
    """A name of limited length. A number is its digits as written; anything else counts as absent."""
    name = identifier(longest, role="text", is_id=False)

    def read(value: Value, _: datetime) -> Found:
        text = text_of(value)
        return (None, "id_too_long", False) if text is not None and len(text) > longest else _kept(text)

    return LineKind("varchar", read=read, exact=name.exact)


def count(most: int, *, from_zero: bool = False) -> LineKind:
    """A whole number up to `most`; anything else counts as absent. `from_zero` says that 0 is common."""

    def read(value: Value, _: datetime) -> Found:
        return _kept(count_of(value, most))

    def exact(column: str) -> tuple[str, ...]:
        return (is_count_or_none(column) if from_zero else is_count(column),)

    return LineKind("bigint", "count", read=read, exact=exact)


def figure(raw_type: str) -> LineKind:
    """Credits, exact to 9 places; anything else refuses its line."""

    def read(value: Value, _: datetime) -> Found:
        credits, fault = credits_of(value)
        if credits is None:
            return None, fault, False
        text, is_rounded = nine_places(credits)
        return text, None, is_rounded

    return LineKind(raw_type, "number", read=read, exact=lambda column: (is_credits(column),))


def word_or_other(words: Collection[str]) -> LineKind:
    """One of a few words, in any case; any other text is kept as `other`."""

    def read(value: Value, _: datetime) -> Found:
        text = text_of(value)
        word = text.strip().lower() if text else ""
        return _kept((word if word in words else OTHER_WORD) if text else None)

    return LineKind("varchar", read=read, exact=lambda column: (is_one_of(column, words),))


def known_word(words: Collection[str], *, any_case: bool = True) -> LineKind:
    """One of a few words; any other text counts as absent."""

    def read(value: Value, _: datetime) -> Found:
        text = text_of(value)
        word = text.strip().lower() if text and any_case else text
        return _kept(word if word in words else None)

    return LineKind("varchar", read=read, exact=lambda column: (is_one_of(column, words),))


def dimensions(keys: Collection[str]) -> LineKind:
    """An object of texts: only entries with these keys, as JSON with its keys in order; others are left out."""

    def read(value: Value, _: datetime) -> Found:
        entries = object_of(value)
        if entries is None:
            return None, None, True
        found, dropped = kept(without_numbers(entries), keys)
        return (json.dumps(found, ensure_ascii=False, separators=(",", ":")) if found else None), None, dropped > 0

    return LineKind("varchar", "object", read=read, exact=lambda column: (has_dimensions(column, keys),))


def _text(read: Callable[[str], str | None], *conditions: Callable[[str], str]) -> LineKind:
    def found(value: Value, _: datetime) -> Found:
        text = text_of(value)
        return _kept(read(text) if text else None)

    return LineKind("varchar", read=found, exact=lambda column: tuple(condition(column) for condition in conditions))


def _unspaced(text: str) -> str | None:
    word = text.strip()
    return word if len(word) <= LONGEST_ID and not re.search(r"\s", word) else None


def _is_unspaced(column: str) -> str:
    text = quoted(column)
    return f"({text} is null or (length({text}) <= {LONGEST_ID} and not regexp_matches({text}, '[^!-~]')))"


def _instant(read: Callable[[Value, datetime], Found]) -> LineKind:
    return LineKind("timestamp", "time", read=read, exact=lambda column: (is_time(column),))


def _read_instant(value: Value, latest: datetime) -> Found:
    moment = instant_of(value, latest)
    return moment, None if moment else "time_unusable", False


def _read_flag(value: Value, _: datetime) -> Found:
    return _kept("true" if value is TRUE or value == "true" else None)


OPEN_WORD = _text(_unspaced, is_plain, _is_unspaced)
"""A word of an open set, such as a kind of operation."""
API_WORD = _text(
    lambda text: text if re.fullmatch(_WORD, text, re.ASCII) else None,
    is_plain,
    lambda column: has_form(column, _WORD),
)
"""A word in the form of Corti's API; a text of another form counts as absent."""
INSTANT = _instant(_read_instant)
"""A time; an unusable one refuses its line."""
INSTANT_IF_SOUND = _instant(lambda value, latest: _kept(instant_of(value, latest)))
"""A time; an unusable one counts as absent."""
WINDOW_END = _instant(lambda value, _: _kept(instant_of(value, _LAST_WINDOW)))
"""A time that may be in the future; an unusable one counts as absent."""
DAY = LineKind(
    "date", "time", read=lambda value, latest: _kept(day_of(value, latest)), exact=lambda column: (is_day(column),)
)
"""A date alone."""
FLAG = LineKind("boolean", read=_read_flag, exact=lambda column: (is_one_of(column, ("true",)),))
"""True; anything else counts as absent."""
