"""SQL conditions for texts of a parsed row that are certainly exact.

They are stricter than the rules of `validating.py`, never looser: a row that meets them would be accepted there with
the same values. Every other row is validated there, line by line, from the file's own bytes.

If a JSON number is below a million and its double prints with at most 9 places, that is the number that was written:
two decimals of 9 places never have the same double there. An id that could be a number, a boolean or an object in JSON
is not exact, since the reader shows `1.50` as `1.5` and an object as its text.
"""

from __future__ import annotations

from collections.abc import Iterable

from ingest.sql_text import literal, quoted

_CREDITS = r"[0-9]{1,6}(\.[0-9]{1,9})?"
_TIME = r"\d{4}-\d\d-\d\d([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z| UTC|[+-][01]\d(:?[0-5]\d)?)?)?"
_DATE = r"\d{4}-\d\d-\d\d"
_COUNT = "[1-9][0-9]{0,14}"
_DIMENSION = "[A-Za-z0-9._:/@-]([A-Za-z0-9 ._:/@-]{0,62}[A-Za-z0-9._:/@-])?"


def is_plain(column: str) -> str:
    """The condition for a value that is certainly a JSON text, or a number that is shown as it was written: it is
    longer than a printed double (a longer number is shown as written), begins with a letter that no JSON word begins
    with, or is not a word, number or object. If the parameter `quoted` says that it is a JSON text if anything, its
    first character decides for nearly all. If the parameter `as_written` says that all texts are as written, all values
    except marks meet it.
    """
    text = quoted(column)
    return rf"""case
        when {text} is null then true
        when $quoted and {text} >= '!' and {text} < '{{' then true
        when $as_written then left({text}, 1) <> '{{'
        when regexp_matches({text}, '^[a-eg-hj-mo-su-zA-HJ-MO-Z_]') then true
        when not regexp_matches({text}, '[!-~\pL\pN]') then false
        when strlen({text}) > 25 then left({text}, 1) not in ('{{', '[')
        when left({text}, 1) in ('{{', '[') then false
        when lower({text}) in ('true', 'false', 'null') then false
        when regexp_full_match({text}, '[1-9][0-9]{{0,14}}|0[0-9]{{1,14}}') then true
        else try_cast({text} as double) is null
    end"""


def is_short(column: str, longest: int) -> str:
    """The condition for a text of limited length, in characters."""
    text = quoted(column)
    # The number of bytes is known at once; characters must be counted.
    return f"({text} is null or strlen({text}) <= {longest} or length({text}) <= {longest})"


def has_form(column: str, form: str) -> str:
    """The condition for a text of a form, a regular expression."""
    text = quoted(column)
    return f"({text} is null or regexp_full_match({text}, '{form}'))"


def is_one_of(column: str, words: Iterable[str]) -> str:
    """The condition for one of a few words."""
    text = quoted(column)
    return f"({text} is null or {text} in ({', '.join(map(literal, words))}))"


def has_dimensions(column: str, keys: Iterable[str]) -> str:
    """The condition for an object of texts with these keys, each once and in order, in compact JSON."""
    text = quoted(column)
    names = "|".join(keys) or "[^\\s\\S]"
    entry = rf'"({names})":"{_DIMENSION}"'
    return rf"""case
        when {text} is null then true
        when not regexp_full_match({text}, '\{{{entry}(,{entry})*\}}') then false
        else json_keys({text}) = list_sort(json_keys({text}))
            and len(json_keys({text})) = len(list_distinct(json_keys({text})))
    end"""


def instant_name(column: str) -> str:
    """The name of the column with a time as a timestamp."""
    return quoted(f"{column}_value")


def instant(column: str) -> str:
    """A time as a timestamp, which is read once for the condition and for the raw table."""
    text = quoted(column)
    # The plain cast costs a third of the other one, but ignores an offset.
    return f"""case
        when {text} like '%Z' then try_cast({text} as timestamp)
        else try_cast({text} as timestamptz) at time zone 'UTC'
    end as {instant_name(column)}"""


def is_time(column: str) -> str:
    """The condition for a time; takes the parameter `now` and the column of `instant`."""
    text = quoted(column)
    return f"""({text} is null or (
        regexp_full_match({text}, '{_TIME}')
        and {instant_name(column)} between timestamp '2000-01-01' and $now::timestamp + interval 2 days))"""


def is_day(column: str) -> str:
    """The condition for a date alone; takes the parameter `now`."""
    text = quoted(column)
    return f"""({text} is null or (
        regexp_full_match({text}, '{_DATE}')
        and try_cast({text} as date) between date '2000-01-01' and ($now::timestamp + interval 2 days)::date))"""


def is_count(column: str) -> str:
    """The condition for a whole number above 0."""
    return has_form(column, _COUNT)


def is_count_or_none(column: str) -> str:
    """The condition for a whole number from 0 on."""
    text = quoted(column)
    return f"({text} is null or {text} = '0' or regexp_full_match({text}, '{_COUNT}'))"


def is_credits(column: str) -> str:
    """The condition for credits."""
    return has_form(column, _CREDITS)
