"""What may pass from a response into a record: ids, numbers, times and model names, each by its form.

A response holds clinical text. Nothing passes because of where it stands alone: it also has to look like what belongs
there, so that a sentence or a name in the place of an id stays out.
"""

from __future__ import annotations

import re

from ingest.landing.judging import read_time

LONGEST_ID = 128
_MOST_DIGITS = 64
_ID = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._:~@-]{{0,{LONGEST_ID - 1}}}", re.ASCII)
_ID_WITH_A_DIGIT = re.compile(rf"(?=\D{{0,{LONGEST_ID}}}\d){_ID.pattern}", re.ASCII)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_COUNT = re.compile(r"\d{1,18}", re.ASCII)
_MODEL = re.compile(r"[A-Za-z][A-Za-z0-9._:/@-]{0,63}", re.ASCII)
_NO_BARE_WORD = re.compile(r"[\d-]", re.ASCII)
_WORD = re.compile(r"[a-z]+(?:[-_][a-z]+)*", re.ASCII)
_LONGEST_WORD = 40
_LONGEST_TIME = 40


def id_in_body(value: object) -> str | None:
    """An id out of a body: a text or number of id characters with a digit in it, 128 characters at most.

    Corti's ids are UUIDs, some with a prefix. A name or a phrase holds blanks or no digit.
    """
    return value if isinstance(value, str) and _ID_WITH_A_DIGIT.fullmatch(value) else None


def id_in_path(segment: str) -> str | None:
    """An id out of a URL's path: as in a body, but a digit is not asked for."""
    return segment if _ID.fullmatch(segment) else None


def credit_digits(value: object) -> str | None:
    """The digits of a JSON number, or of a text that holds one (blanks around it ignored), as written.

    Negative and over-large numbers pass: landing refuses them where a person will see it.
    """
    if not isinstance(value, str) or len(value) > _MOST_DIGITS:
        return None
    if _NUMBER.fullmatch(value):
        return value
    digits = value.strip(" \t\r\n")
    return digits if _NUMBER.fullmatch(digits) else None


def count_digits(value: object) -> str | None:
    """A token count: a whole number of at most 18 digits."""
    if not isinstance(value, str) or not _COUNT.fullmatch(value):
        return None
    return value.lstrip("0") or "0"


def time_text(value: object) -> str | None:
    """An RFC 3339 time, as written."""
    return value if isinstance(value, str) and len(value) <= _LONGEST_TIME and read_time(value) is not None else None


def model_name(value: object) -> str | None:
    """The name of a language model: a letter, then id characters and slashes, 64 at most; no bare word."""
    return value if isinstance(value, str) and _MODEL.fullmatch(value) and _NO_BARE_WORD.search(value) else None


def static_word(segment: str) -> bool:
    """Whether a part of a path is a word of the API, and no id: lower-case letters, joined by hyphens at most."""
    return len(segment) <= _LONGEST_WORD and _WORD.fullmatch(segment) is not None
