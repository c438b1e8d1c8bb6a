"""Decides by form what may go into a record: ids, numbers, times and model names.

A response contains clinical text. So the place of a value is not enough: it must also have the right form, so that a
sentence or a name in the place of an id is left out. Values from the caller are trusted, and read by the rules of
landing.
"""

from __future__ import annotations

import logging
import re
from contextlib import suppress

from ingest.contract.forms import DECIMAL, LONGEST_ID, LONGEST_OWNER, UnusableIdError, id_text, read_time

_log = logging.getLogger(__name__)
_MOST_DIGITS = 64
_ID = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._:~@-]{{0,{LONGEST_ID - 1}}}", re.ASCII)
_ID_WITH_A_DIGIT = re.compile(rf"(?=\D{{0,{LONGEST_ID}}}\d){_ID.pattern}", re.ASCII)
_ID_CHARACTERS = re.compile(r"[A-Za-z0-9._:~@-]+", re.ASCII)
_COUNT = re.compile(r"\d{1,18}", re.ASCII)
_MODEL = re.compile(rf"[A-Za-z][A-Za-z0-9._:/@-]{{0,{LONGEST_OWNER - 1}}}", re.ASCII)
_MODEL_CHARACTERS = re.compile(r"[A-Za-z0-9._:/@-]+", re.ASCII)
_NO_BARE_WORD = re.compile(r"[\d-]", re.ASCII)
_WORD = re.compile(r"[a-z]+(?:[-_][a-z]+)*", re.ASCII)
_LONGEST_WORD = 40
_LONGEST_TIME = 40


def id_in_body(value: object) -> str | None:
    """An id from a body: a text or number of id characters with a digit in it, at most 128 characters.

    Corti's ids are UUIDs, some with a prefix. A name or a phrase has blanks or no digit.
    """
    if not isinstance(value, str):
        return None
    return value if _ID_WITH_A_DIGIT.fullmatch(value) else _no_id(value)


def id_in_path(segment: str) -> str | None:
    """An interaction's id from a URL's path: as in a body, but without a required digit."""
    return segment if _ID.fullmatch(segment) else _no_id(segment)


def credit_digits(value: object) -> str | None:
    """The digits of a JSON number, or of a text that landing reads as one (blanks around it ignored), as written.

    Negative and too large numbers pass: landing refuses them where a person will see it.
    """
    if not isinstance(value, str) or len(value) > _MOST_DIGITS:
        return None
    if DECIMAL.fullmatch(value):
        return value
    digits = value.strip(" \t\r\n")
    return digits if DECIMAL.fullmatch(digits) else None


def count_digits(value: object) -> str | None:
    """A token count: a whole number of at most 18 digits."""
    if not isinstance(value, str) or not _COUNT.fullmatch(value):
        return None
    return value.lstrip("0") or "0"


def time_text(value: object) -> str | None:
    """An RFC 3339 time, as written."""
    return value if isinstance(value, str) and len(value) <= _LONGEST_TIME and read_time(value) is not None else None


def model_name(value: object) -> str | None:
    """The name of a language model: a letter, then id characters and slashes, at most 256; not a single word."""
    if not isinstance(value, str):
        return None
    if _MODEL.fullmatch(value):
        return value if _NO_BARE_WORD.search(value) else None
    return _no_over_long("model", value, LONGEST_OWNER, _MODEL_CHARACTERS)


def template_name(value: object) -> str | None:
    """The id or the key of a template: an id as in a body, or a text of the form of a model's name (`corti-soap`)."""
    return id_in_body(value) or model_name(value)


def static_word(segment: str) -> bool:
    """Whether a part of a path is a word of the API, and not an id: lower-case letters, possibly with hyphens."""
    return len(segment) <= _LONGEST_WORD and _WORD.fullmatch(segment) is not None


def given_id(field: str, value: object, longest: int) -> str | None:
    """An id, owner or account from the caller, as text; None if it is absent or can't be used.

    An unusable value is logged, once for each field and kind of value, and never with the value.
    """
    if value is None:
        return None
    if type(value) is str and len(value) <= longest:  # nearly all are, and this saves time in each call
        return value if value.strip() else None
    try:
        text = id_text(value)
    except UnusableIdError as error:
        leave_out(field, str(error))
        return None
    except Exception:
        leave_out(field, f"a value of type {type(value).__name__}")
        return None
    if text is not None and len(text) > longest:
        leave_out(field, f"a text of more than {longest} characters")
        return None
    return text


_left_out: set[tuple[str, str]] = set()


def leave_out(field: str, kind: str) -> None:
    """Log the first time that values of this kind are left out of records."""
    if (field, kind) not in _left_out:
        _left_out.add((field, kind))
        with suppress(Exception):  # a log handler that fails must not fail the caller's call
            _log.warning(
                "a %s is left out of usage records, because it is %s; further ones are not logged", field, kind
            )


def _no_id(text: str) -> None:
    _no_over_long("resourceId or interactionId", text, LONGEST_ID, _ID_CHARACTERS)


def _no_over_long(field: str, text: str, longest: int, characters: re.Pattern[str]) -> None:
    if len(text) > longest and characters.fullmatch(text):
        leave_out(field, f"a text of more than {longest} characters")
