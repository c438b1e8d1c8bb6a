"""Which parsed rows are certainly sound, as one SQL condition, and how such a row reads in its raw table.

The condition is narrower than the rules of `judging.py`, never wider: a row that meets it would be accepted there
with the very same values. Every other row goes there, line by line, from the file's own bytes.

A JSON number below a million with at most 9 places, as its double prints, is the number that was written: two
decimals of 9 places never share a double there. An id that could be a number, a boolean or an object in JSON is not
vouched for, since the reader shows `1.50` as `1.5` and an object as its text.
"""

from __future__ import annotations

from collections.abc import Iterable

from ingest.landing.fields import IDS_OF_LIMITED_LENGTH, LONGEST_ID, STATUS_WORDS, TEXT_COLUMNS, TIME_COLUMNS
from ingest.landing.parsed_columns import literal, quoted

_CREDITS = r"[0-9]{1,6}(\.[0-9]{1,9})?"
_TIME = r"\d{4}-\d\d-\d\d([T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-][01]\d:[0-5]\d)?)?"
_TOKENS = "[1-9][0-9]{0,14}"


def _plain(column: str) -> str:
    """Certainly a JSON text, or a number that reads as it was written: is longer than a double prints (a longer number
    is shown as written), begins with a letter that no JSON word begins with, or is no word, number or object.
    """
    return f"""case
        when {column} is null then true
        when strlen({column}) > 25 then left({column}, 1) not in ('{{', '[')
        when regexp_matches({column}, '^[a-eg-hj-mo-su-zA-HJ-MO-Z_]') then true
        when left({column}, 1) in ('{{', '[') then false
        when lower({column}) in ('true', 'false', 'null') then false
        when regexp_full_match({column}, '[1-9][0-9]{{0,14}}|0[0-9]{{1,14}}') then true
        else try_cast({column} as double) is null
    end"""


def _short(column: str) -> str:
    # Bytes are told at once, characters have to be counted.
    return f"({column} is null or strlen({column}) <= {LONGEST_ID} or length({column}) <= {LONGEST_ID})"


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
    """The condition for parsed usage records; takes the parameter `now` (naive UTC) and the columns of `instants`."""
    conditions = [_plain(column) for column in TEXT_COLUMNS]
    conditions += [_short(column) for column in IDS_OF_LIMITED_LENGTH]
    conditions += [_time_is_sound(column) for column in TIME_COLUMNS]
    conditions += [
        f"""case when credits is null then coalesce(status, '') = 'unreported'
        else regexp_full_match(credits, '{_CREDITS}') end""",
        "(created_at is not null or captured_at is not null)",
        f"(kind is null or (length(kind) <= {LONGEST_ID} and not regexp_matches(kind, '[^!-~]')))",
        f"(status is null or status in ({', '.join(map(literal, STATUS_WORDS))}))",
        "(source is null or source in ('created', 'read'))",
        "(type is null or type in ('usage', 'delta_usage'))",
        f"(input_tokens is null or regexp_full_match(input_tokens, '{_TOKENS}'))",
        f"(output_tokens is null or regexp_full_match(output_tokens, '{_TOKENS}'))",
    ]
    return "\n    and ".join(conditions)


def vouched_interaction() -> str:
    """The condition for parsed interactions; takes the parameter `now` (naive UTC) and the columns of `instants`."""
    ids = ("interaction_id", "user_id", "tenant_id")
    conditions = [_plain(column) for column in ids]
    conditions += [_short(column) for column in ids]
    conditions += ["interaction_id is not null", "user_id is not null", _time_is_sound("created_at")]
    return "\n    and ".join(conditions)


def raw_value(column: str, of: str = "") -> str:
    """How a sound row's column becomes the raw table's value; times come from `instants`. `of` stands before it."""
    name = of + quoted(column)
    if column in TIME_COLUMNS:
        return f"{of}{column}_value"
    if column == "credits":
        return f"{name}::decimal(18, 9)"
    return f"{name}::bigint" if column in {"input_tokens", "output_tokens"} else name
