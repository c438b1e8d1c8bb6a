"""What hand-made records share: separate ids, times in the middle of the window, known owners."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from ingest.sample.timeline import DAY_MS, MINUTE_MS, Window, rfc3339
from ingest.sample.world import World, text_id

Record = dict[str, object]
"""One record before it is written in any form."""

_RAW = "@raw@"


@dataclass(frozen=True)
class Examples:
    """Ids and times for one family of hand-made records; numbers keep them apart."""

    world: World
    window: Window
    family: str

    def at(self, minutes: int) -> str:
        """A time this number of minutes after nine o'clock of the window's middle day."""
        return rfc3339(self.window.start_ms + self.window.days // 2 * DAY_MS + (540 + minutes) * MINUTE_MS)

    def record(self, number: int) -> str:
        """Id of an observation."""
        return text_id(self.world.seed, f"{self.family}:record", number)

    def resource(self, number: int) -> str:
        """Id of a transcript, a document or a task."""
        return text_id(self.world.seed, f"{self.family}:operation", number)

    def interaction(self, number: int) -> str:
        """The id of an interaction that no export maps."""
        return text_id(self.world.seed, f"{self.family}:interaction", number)

    def user(self, number: int) -> str:
        """The id of a user who is in every snapshot."""
        permanent = self.world.permanent
        return self.world.user_ids[permanent[number % len(permanent)]]

    def canonical(self, number: int, kind: str, /, **fields: object) -> Record:
        """A good record of 0.25 credits; `fields` are added, replaced, or left out if None."""
        record: Record = {
            "recordId": self.record(number),
            "kind": kind,
            "interactionId": self.interaction(number),
            "resourceId": self.resource(number),
            "creditsConsumed": 0.25,
            "status": "final",
            "capturedAt": self.at(number),
            "userId": self.user(number),
        }
        return {name: value for name, value in (record | fields).items() if value is not None}


def line(record: Mapping[str, object]) -> str:
    """The record as one JSON line."""
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False)


def raw_line(record: Record, field: str, token: str) -> str:
    """The record as one JSON line with a field's value written exactly like this, even if it is not JSON."""
    return line(record | {field: _RAW}).replace(f'"{_RAW}"', token)
