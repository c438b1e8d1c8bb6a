"""Which parsed rows are certainly sound, as one SQL condition, and how such a row reads in its raw table.

The condition is narrower than the rules of `judging.py`, never wider: a row that meets it would be accepted there
with the very same values. Every other row goes there, line by line, from the file's own bytes.

A JSON number below a million with at most 9 places, as its double prints, is the number that was written: two
decimals of 9 places never share a double there. An id that could be a number, a boolean or an object in JSON is not
vouched for, since the reader shows `1.50` as `1.5` and an object as its text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from ingest.contract.forms import LONGEST_ID, LONGEST_OWNER
from ingest.landing.fields import IDS, OWNERS, STATUS_WORDS, TIME_COLUMNS
from ingest.landing.parsed_columns import literal, quoted

_CREDITS = r"[0-9]{1,6}(\.[0-9]{1,9})?"
_TIME = r"\d{4}-\d\d-\d\d([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z| UTC|[+-][01]\d(:?[0-5]\d)?)?)?"
_DATE = r"\d{4}-\d\d-\d\d"
_TOKENS = "[1-9][0-9]{0,14}"

_KINDS = {
    "credits": "decimal(18, 9)",
    "input_tokens": "bigint",
    "output_tokens": "bigint",
    "interactions": "bigint",
    "requests": "bigint",
    "records": "bigint",
    "stopped": "boolean",
    "day": "date",
}
"""Columns of raw tables that are no text, beside times."""


def _plain(column: str) -> str:
    """Certainly a JSON text, or a number that reads as it was written: is longer than a double prints (a longer number
    is shown as written), begins with a letter that no JSON word begins with, or is no word, number or object. Where the
    parameter `exact` says that all texts are as they were written, all are but the marks.
    """
    return rf"""case
        when {column} is null then true
        when $exact then left({column}, 1) <> '{{'
        when regexp_matches({column}, '^[a-eg-hj-mo-su-zA-HJ-MO-Z_]') then true
        when not regexp_matches({column}, '[!-~\pL\pN]') then false
        when strlen({column}) > 25 then left({column}, 1) not in ('{{', '[')
        when left({column}, 1) in ('{{', '[') then false
        when lower({column}) in ('true', 'false', 'null') then false
        when regexp_full_match({column}, '[1-9][0-9]{{0,14}}|0[0-9]{{1,14}}') then true
        else try_cast({column} as double) is null
    end"""


def _short(column: str) -> str:
    longest = LONGEST_OWNER if column in OWNERS else LONGEST_ID
    # Bytes are told at once, characters have to be counted.
    return f"({column} is null or strlen({column}) <= {longest} or length({column}) <= {longest})"


def _instant(column: str) -> str:
    # The plain cast costs a third of the other, but passes over an offset.
    return f"""case
        when {column} like '%Z' then try_cast({column} as timestamp)
        else try_cast({column} as timestamptz) at time zone 'UTC'
    end"""


def instants(columns: Iterable[str]) -> str:
    """The times of a row as timestamps, beside their texts: read once, for the condition and for the raw table."""
    return ", ".join(f"{_instant(column)} as {column}_value" for column in columns)


def _time_is_sound(column: str) -> str:
    return f"""({column} is null or (
        regexp_full_match({column}, '{_TIME}')
        and {column}_value between timestamp '2000-01-01' and $now::timestamp + interval 2 days))"""


def vouched_usage_record() -> str:
    """The condition for parsed usage records; takes `now` (naive UTC), `exact` and the columns of `instants`."""
    conditions = [_plain(column) for column in (*IDS, *OWNERS, "kind")]
    conditions += [_short(column) for column in (*IDS, *OWNERS)]
    conditions += [_time_is_sound(column) for column in TIME_COLUMNS]
    conditions += [
        f"""case when credits is null then coalesce(status, '') = 'unreported'
        else {is_credits("credits")} end""",
        "(created_at is not null or captured_at is not null)",
        f"(kind is null or (length(kind) <= {LONGEST_ID} and not regexp_matches(kind, '[^!-~]')))",
        f"(status is null or status in ({', '.join(map(literal, STATUS_WORDS))}))",
        "(source is null or source in ('created', 'read'))",
        "(type is null or type in ('usage', 'delta_usage'))",
        is_count("input_tokens"),
        is_count("output_tokens"),
    ]
    return "\n    and ".join(conditions)


def vouched_interaction() -> str:
    """The condition for parsed interactions; takes `now` (naive UTC), `exact` and the columns of `instants`."""
    return vouched_row(
        ids=("interaction_id", "user_id", "tenant_id"), times=("created_at",), required=("interaction_id", "user_id")
    )


def vouched_row(
    *,
    ids: Iterable[str],
    times: Iterable[str],
    required: Iterable[str],
    words: Mapping[str, str] | None = None,
    further: Iterable[str] = (),
) -> str:
    """The condition for rows of texts and ids, which are shorter than `LONGEST_ID`, words, each of a form given as a
    regular expression, and times; takes the parameters `now` (naive UTC) and `exact`, and the columns of `instants`.
    """
    ids, words = tuple(ids), words or {}
    conditions = [_plain(column) for column in (*ids, *words)]
    conditions += [_short(column) for column in ids]
    conditions += [f"({column} is null or regexp_full_match({column}, '{form}'))" for column, form in words.items()]
    conditions += [_time_is_sound(column) for column in times]
    conditions += [f"{column} is not null" for column in required]
    return "\n    and ".join((*conditions, *further))


def is_count(column: str) -> str:
    """The condition for a whole number above 0."""
    return f"({column} is null or regexp_full_match({column}, '{_TOKENS}'))"


def is_count_or_none(column: str) -> str:
    """The condition for a whole number from 0 on."""
    return f"({column} is null or {column} = '0' or regexp_full_match({column}, '{_TOKENS}'))"


def is_day(column: str) -> str:
    """The condition for a date alone; takes the parameter `now`."""
    return f"""(regexp_full_match({column}, '{_DATE}')
        and try_cast({column} as date) between date '2000-01-01' and ($now::timestamp + interval 2 days)::date)"""


def is_credits(column: str) -> str:
    """The condition for credits."""
    return f"regexp_full_match({column}, '{_CREDITS}')"


def raw_value(column: str, times: Collection[str], of: str = "") -> str:
    """How a sound row's column becomes the raw table's value; times come from `instants`. `of` stands before it."""
    if column in times:
        return f"{of}{column}_value"
    kind = _KINDS.get(column)
    return f"{of}{quoted(column)}::{kind}" if kind else of + quoted(column)
