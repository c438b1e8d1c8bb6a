"""What a line of Corti's own view can tell alone: what was listed, how a pulled day went, what Corti says was consumed;
and a line of a capturing process, which says that it lives.

For each kind of line the exact judge, and beside it the condition for the rows that the vectorised reader vouches for.
Times of Corti's that can't be read count as absent, as do words of another form than the API's; ids and the time of
the pull have to be there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime

from ingest.landing import fields
from ingest.landing.judging import (
    EARLIEST,
    LATEST_AHEAD,
    Accepted,
    Rejected,
    count_of,
    credits_of,
    instant_of,
    nine_places,
    sound_ids,
    text_of,
)
from ingest.landing.line_reading import TRUE, Value
from ingest.landing.vouching import is_count, is_count_or_none, is_credits, is_day, vouched_row

_WORD = "[A-Za-z][A-Za-z0-9_-]{0,63}"
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ACCOUNT = ("environment", "corti_tenant")
_MOST_COUNTED = 10**15 - 1
_LAST_WINDOW = datetime(2200, 1, 1, tzinfo=UTC)
"""Windows may end ahead of now; beyond this they are a slip of the pen."""

Row = Mapping[str, Value]


def judge_corti_interaction(row: Row, now: datetime) -> Accepted | Rejected:
    """Decide over one interaction as Corti listed it."""
    sound, reason = sound_ids(row, (*_ACCOUNT, "interaction_id", "assigned_user_id"))
    sound |= _words(row, ("encounter_status", "encounter_type")) | _times(row, fields.CORTI_INTERACTION_TIMES, now)
    return _decided(row, sound, reason, ("interaction_id", "pulled_at"))


def vouched_corti_interaction() -> str:
    """The condition for parsed rows of `judge_corti_interaction`."""
    return vouched_row(
        ids=(*_ACCOUNT, "interaction_id", "assigned_user_id"),
        words={"encounter_status": _WORD, "encounter_type": _WORD},
        times=fields.CORTI_INTERACTION_TIMES,
        required=("interaction_id", "pulled_at"),
    )


def judge_corti_resource(row: Row, now: datetime) -> Accepted | Rejected:
    """Decide over one transcript, document or recording as Corti listed it; some belong to no interaction."""
    sound, reason = sound_ids(row, (*_ACCOUNT, "interaction_id", "resource_id"))
    sound |= _words(row, ("kind",)) | _times(row, fields.CORTI_RESOURCE_TIMES, now)
    return _decided(row, sound, reason, ("resource_id", "kind", "pulled_at"))


def vouched_corti_resource() -> str:
    """The condition for parsed rows of `judge_corti_resource`."""
    return vouched_row(
        ids=(*_ACCOUNT, "interaction_id", "resource_id"),
        words={"kind": _WORD},
        times=fields.CORTI_RESOURCE_TIMES,
        required=("resource_id", "kind", "pulled_at"),
    )


def judge_corti_pull(row: Row, now: datetime) -> Accepted | Rejected:
    """Decide over what became of one day that was asked for."""
    sound, fault = sound_ids(row, _ACCOUNT)
    sound |= _words(row, ("outcome", "reason")) | _times(row, fields.CORTI_PULL_TIMES, now)
    if (day := _day(row.get("day"), now)) is not None:
        sound["day"] = day
    if sound.get("outcome") not in fields.OUTCOMES:
        sound.pop("outcome", None)
    sound |= _counts(row, ("interactions", "requests"))
    return _decided(row, sound, fault, ("day", "outcome", "ended_at"))


def vouched_corti_pull() -> str:
    """The condition for parsed rows of `judge_corti_pull`."""
    outcomes = ", ".join(f"'{word}'" for word in fields.OUTCOMES)
    return vouched_row(
        ids=_ACCOUNT,
        words={"reason": _WORD},
        times=fields.CORTI_PULL_TIMES,
        required=("day", "outcome", "ended_at"),
        further=(f"outcome in ({outcomes})", is_day("day"), is_count("interactions"), is_count("requests")),
    )


def judge_consumption(row: Row, now: datetime) -> Accepted | Rejected:
    """Decide over one total that Corti reported for a window, both ends of which belong to it."""
    sound, id_reason = sound_ids(row, ("user_id", "tenant_id", *_ACCOUNT))
    for column in fields.WINDOW_TIMES:
        if moment := instant_of(row.get(column), _LAST_WINDOW):
            sound[column] = moment
    credits, reason = credits_of(row["credits"]) if "credits" in row else (None, "credits_absent")
    rounded = False
    if credits is not None:
        sound["credits"], rounded = nine_places(credits)
    if reason:
        return Rejected(reason, sound)
    for column in fields.WINDOW_TIMES:
        if column not in sound:
            return Rejected("time_unusable" if column in row else "time_absent", sound)
    if sound["window_to"] < sound["window_from"]:
        return Rejected("window_inverted", sound)
    return Rejected(id_reason, sound) if id_reason else Accepted(sound, rounded)


def vouched_consumption() -> str:
    """The condition for parsed rows of `judge_consumption`."""
    return vouched_row(
        ids=("user_id", "tenant_id", *_ACCOUNT),
        times=fields.WINDOW_TIMES,
        required=(*fields.WINDOW_TIMES, "credits"),
        further=(is_credits("credits"), "window_from_value <= window_to_value"),
    )


def judge_heartbeat(row: Row, now: datetime) -> Accepted | Rejected:
    """Decide over one sign of life of a capturing process."""
    sound, reason = sound_ids(row, (*_ACCOUNT, "source"))
    sound |= _times(row, fields.HEARTBEAT_TIMES, now) | _counts(row, ("records",))
    stopped = row.get("stopped")
    if stopped is TRUE or stopped == "true":
        sound["stopped"] = "true"
    return _decided(row, sound, reason, ("source", "heard_at"))


def vouched_heartbeat() -> str:
    """The condition for parsed rows of `judge_heartbeat`."""
    return vouched_row(
        ids=(*_ACCOUNT, "source"),
        times=fields.HEARTBEAT_TIMES,
        required=("source", "heard_at"),
        further=(is_count_or_none("records"), "(stopped is null or stopped = 'true')"),
    )


def _decided(row: Row, sound: dict[str, str], reason: str | None, required: tuple[str, ...]) -> Accepted | Rejected:
    for column in required:
        if column not in sound and reason is None:
            is_time = column.endswith("_at")
            reason = ("time_unusable" if column in row else "time_absent") if is_time else f"{column}_absent"
    return Rejected(reason, sound) if reason else Accepted(sound, False)


def _words(row: Row, columns: tuple[str, ...]) -> dict[str, str]:
    texts = {column: text for column in columns if (text := text_of(row.get(column)))}
    return {column: text for column, text in texts.items() if re.fullmatch(_WORD, text, re.ASCII)}


def _times(row: Row, columns: tuple[str, ...], now: datetime) -> dict[str, str]:
    latest = now + LATEST_AHEAD
    return {column: moment for column in columns if (moment := instant_of(row.get(column), latest))}


def _counts(row: Row, columns: tuple[str, ...]) -> dict[str, str]:
    return {column: count for column in columns if (count := count_of(row.get(column), _MOST_COUNTED)) is not None}


def _day(value: Value | None, now: datetime) -> str | None:
    text = text_of(value)
    if text is None or not _DAY.fullmatch(text):
        return None
    try:
        return text if EARLIEST.date() <= date.fromisoformat(text) <= (now + LATEST_AHEAD).date() else None
    except ValueError:
        return None
