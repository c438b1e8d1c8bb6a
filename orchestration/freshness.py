"""How old the published data are: the last usage, the last heartbeat, and which sources are silent. The time of
publishing does not say that.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

SOURCES = "mart_capture_sources"


@dataclass(frozen=True)
class Freshness:
    """The last usage and heartbeat (aware; None if there is none), and the names of silent sources."""

    last_usage_at: datetime | None
    last_heartbeat_at: datetime | None
    silent_sources: tuple[str, ...]


def read_freshness(marts: duckdb.DuckDBPyConnection, tables: Collection[str]) -> Freshness:
    """Read it from a version with its tables in the schema `marts`. A version of an earlier release has no sources."""
    usage = marts.execute("select max(occurred_at) from marts.fct_credit_usage").fetchone()
    last_usage_at = _aware(usage[0]) if usage else None
    if SOURCES not in tables:
        return Freshness(last_usage_at, None, ())
    heard = marts.execute(f"select max(last_heartbeat_at) from marts.{SOURCES}").fetchone()
    silent = marts.execute(f"select source from marts.{SOURCES} where is_silent order by source").fetchall()
    return Freshness(last_usage_at, _aware(heard[0]) if heard else None, tuple(source for (source,) in silent))


def age_in_words(at: datetime, now: datetime) -> str:
    """How long before `now` a time was, in its largest unit."""
    seconds = int(abs((now - at).total_seconds()))
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            count = seconds // length
            words = f"{count} {unit}{'' if count == 1 else 's'}"
            return f"{words} ago" if now > at else f"in {words}"
    return "just now"


def _aware(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at else None
