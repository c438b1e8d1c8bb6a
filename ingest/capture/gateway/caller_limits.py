"""Limits on the resources that callers may use."""

from __future__ import annotations

import resource
from contextlib import suppress
from dataclasses import dataclass

MOST_CONNECTIONS = 1024
_OWN_FILES = 32
"""Open files that the process itself needs, including those of the spool."""
_MOST_FILES = 65_536
_MOST_IDLE_UPSTREAM = 200
_MOST_BACKLOG = 2048


@dataclass(frozen=True)
class CallerLimits:
    """Limits for callers' connections, in numbers, seconds and bytes.

    `reserved` connections beyond `connections` are accepted for the gateway's own pages. A request's head has
    `head_seconds`; a body may take any time, but at most `body_idle_seconds` without a byte. An idle connection is
    closed after `idle_seconds`, or after `room_seconds` if another one needs its place.
    """

    connections: int = MOST_CONNECTIONS
    reserved: int = 8
    backlog: int = _MOST_BACKLOG
    idle_upstream: int = _MOST_IDLE_UPSTREAM
    head_seconds: float = 15.0
    reserved_head_seconds: float = 2.0
    body_idle_seconds: float = 60.0
    idle_seconds: int = 75
    room_seconds: float = 5.0
    head_bytes: int = 64 * 1024
    head_fields: int = 128


def limits_for(connections: int, open_files: int, *, head_seconds: float = 15.0) -> CallerLimits:
    """Limits that keep the process below this number of open files; `connections` is the wanted number.

    A caller needs two open files, one here and one to Corti; an idle connection to Corti needs one more.
    """
    spare = open_files - _OWN_FILES
    backlog = min(_MOST_BACKLOG, max(4, spare // 8))
    reserved = 8 if spare >= 128 else 4
    left = spare - backlog - reserved
    most = max(1, min(connections, max(left // 3, (left - _MOST_IDLE_UPSTREAM) // 2)))
    return CallerLimits(
        connections=most,
        reserved=reserved,
        backlog=backlog,
        idle_upstream=min(_MOST_IDLE_UPSTREAM, most),
        head_seconds=head_seconds,
    )


def raised_open_files() -> int:
    """Raise the process's limit of open files as far as allowed (at most 65,536), and return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            return wanted
    return _MOST_FILES if soft == resource.RLIM_INFINITY else soft
