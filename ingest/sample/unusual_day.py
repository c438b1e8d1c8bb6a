"""A night on which a clinic had a batch of old recordings transcribed: far more than it uses on any other day."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from ingest.sample.example_records import Examples, line
from ingest.sample.timeline import LAST_DAY, Window
from ingest.sample.world import World

_TENANT = 3
_RECORDINGS = 12
_DAY = LAST_DAY - timedelta(days=4)


def batch_lines(world: World, window: Window) -> list[str]:
    """JSON lines, each good."""
    examples = Examples(world, window, "batch")
    user = world.user_ids[int(np.flatnonzero((world.membership == _TENANT).all(axis=0))[0])]
    return [
        line(
            examples.canonical(
                number,
                "transcript",
                creditsConsumed=2.5 + number / 16,
                capturedAt=f"{_DAY}T02:{number * 4:02d}:30Z",
                userId=user,
                tenantId=world.tenant_ids[_TENANT],
            )
        )
        for number in range(_RECORDINGS)
    ]
