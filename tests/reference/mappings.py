"""Owners of interactions and the history of users and tenants, derived from exported mapping tables."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from .files import Row, Table, read_table, ready_files
from .records import parse_time, text

Attributes = tuple[str | None, ...]
KeyOf = Callable[[Row], str | None]
OPEN_START = datetime(1900, 1, 1)
USER_FIELDS = (("tenantId", "tenant_id"), ("displayName", "display_name"))
TENANT_FIELDS = (("name",), ("timezone",))
_NAMED_TIMES = (
    re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z", re.ASCII),
    re.compile(r"(\d{4}-\d\d-\d\d)", re.ASCII),
)


@dataclass(frozen=True)
class Window:
    """What held for one id from `valid_from` on and before `valid_to` (None: still holds).

    The attributes are (tenant id, display name) of a user and (name, time zone) of a tenant.
    """

    id: str
    attributes: Attributes
    valid_from: datetime
    valid_to: datetime | None

    def holds_at(self, at: datetime) -> bool:
        """Whether the half-open window holds the time."""
        return self.valid_from <= at and (self.valid_to is None or at < self.valid_to)


def export_time(path: Path) -> datetime:
    """When a mapping file was exported: by its name, else by its modification time."""
    for pattern in _NAMED_TIMES:
        match = pattern.search(path.name)
        if match is not None:
            date, *clock = match.groups()
            named = parse_time(f"{date}T{':'.join(clock)}" if clock else date)
            if named is not None:
                return named
    micros = path.stat().st_mtime_ns // 1000
    whole = datetime.fromtimestamp(micros // 1_000_000, UTC).replace(tzinfo=None)
    return whole.replace(microsecond=micros % 1_000_000)


def read_exports(folder: Path) -> list[tuple[datetime, Table]]:
    """The exports of one mapping table, the earliest first."""
    found = [(export_time(path), read_table(path.name, path.read_bytes())) for path in ready_files(folder)]
    return sorted(found, key=lambda export: export[0])


def interaction_owners(folder: Path) -> dict[str, tuple[str, str | None]]:
    """Interaction id -> (user id, tenant id) of the row that wins."""
    best: dict[str, tuple[tuple[object, ...], tuple[str, str | None]]] = {}
    for at, table in read_exports(folder):
        for number, row in table.rows:
            interaction = text(row or {}, "interactionId", "interaction_id")
            user = text(row or {}, "userId", "user_id")
            if interaction is None or user is None:
                continue
            tenant = text(row or {}, "tenantId", "tenant_id")
            rank = (at, number, user, tenant or "")
            if interaction not in best or rank > best[interaction][0]:
                best[interaction] = (rank, (user, tenant))
    return {interaction: owner for interaction, (_, owner) in best.items()}


def named(*names: str) -> KeyOf:
    """A row's id: the text under the first of the names that is present."""
    return lambda row: text(row, *names)


def history(folder: Path, key_of: KeyOf, fields: tuple[tuple[str, ...], ...], *, several: bool = False) -> list[Window]:
    """Windows of all ids of a table: from dated exports if one contains the id, else from the snapshots.

    With `several`, rows of an id that differ in their first attribute hold beside each other.
    """
    exports = read_exports(folder)
    dated = [table for _, table in exports if table.columns & {"validFrom", "valid_from"}]
    snapshots = [(at, table) for at, table in exports if not table.columns & {"validFrom", "valid_from"}]
    windows = _dated_windows(dated, key_of, fields, several)
    own_history = {window.id for window in windows}
    derived = [w for w in _snapshot_windows(snapshots, key_of, fields, several) if w.id not in own_history]
    return sorted([*windows, *_merged(derived)], key=lambda w: (w.id, w.valid_from))


def _attributes(row: Row, fields: tuple[tuple[str, ...], ...]) -> Attributes:
    return tuple(text(row, *names) for names in fields)


def _dated_windows(
    tables: list[Table], key_of: KeyOf, fields: tuple[tuple[str, ...], ...], several: bool
) -> list[Window]:
    windows: dict[tuple[str, datetime], dict[str | None, Window]] = {}
    for table in tables:
        found: dict[tuple[str, datetime], dict[str | None, Window]] = {}
        for _, row in table.rows:
            key = key_of(row or {})
            if row is None or key is None:
                continue
            start = parse_time(text(row, "validFrom", "valid_from")) or OPEN_START
            end = parse_time(text(row, "validTo", "valid_to"))
            attributes = _attributes(row, fields)
            beside = attributes[0] if several else None
            found.setdefault((key, start), {})[beside] = Window(key, attributes, start, end)
        # A later export replaces what earlier ones said about an id, from its start on.
        windows |= found
    return [window for beside in windows.values() for window in beside.values()]


def _snapshot_windows(
    snapshots: list[tuple[datetime, Table]], key_of: KeyOf, fields: tuple[tuple[str, ...], ...], several: bool
) -> list[Window]:
    starts = [OPEN_START, *(at for at, _ in snapshots[1:])]
    ends = [*(at for at, _ in snapshots[1:]), None]
    windows: list[Window] = []
    for (_, table), start, end in zip(snapshots, starts, ends, strict=False):
        state: dict[tuple[str, str | None], Attributes] = {}
        for _, row in table.rows:
            key = key_of(row or {})
            if row is not None and key is not None:
                attributes = _attributes(row, fields)
                state[key, attributes[0] if several else None] = attributes
        windows += [Window(key, attributes, start, end) for (key, _), attributes in state.items()]
    return windows


def _merged(windows: list[Window]) -> list[Window]:
    """Windows by id and time, with neighbours that say the same made one."""
    merged: list[Window] = []
    for window in sorted(windows, key=lambda w: (w.id, [value or "" for value in w.attributes], w.valid_from)):
        last = merged[-1] if merged else None
        if last and (last.id, last.attributes, last.valid_to) == (window.id, window.attributes, window.valid_from):
            merged[-1] = replace(last, valid_to=window.valid_to)
        else:
            merged.append(window)
    return merged


def at_time(windows: list[Window], key: str, at: datetime) -> Attributes | None:
    """The attributes of an id at a time, or None if there are none."""
    return next((w.attributes for w in windows if w.id == key and w.holds_at(at)), None)


def alone_at_time(users: list[Window], key: str, at: datetime) -> str | None:
    """The tenant of a user at a time, if there is exactly one."""
    tenants = {window.attributes[0] for window in users if window.id == key and window.holds_at(at)}
    return tenants.pop() if len(tenants) == 1 else None
