"""Good records that look odd: every spelling of numbers, times, ids and names that a reader must take."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from ingest.sample.example_records import Examples, Record, line, raw_line
from ingest.sample.timeline import LAST_DAY, Window
from ingest.sample.world import World

_NUMBER_TOKENS = (
    "2.5E-1", "1e-2", "3E0", "0", "0.0", "0.12345678901234567", "12.345678901234567", "4.821123456789",
    "0.0000000001", "0.1234567891234", "1.10000000000000000000", '"0.125"', '"  0.5 "', '"1.25e-1"', '"7"',
    '"0.33333333333333333"', '"1E+1"', '"0.000000001"',
)  # fmt: skip
_CSV_NUMBERS = ("0.5", " 0.25 ", "1.5e-1", "2E0", "0.123456789012", "0", "3", "0.10000")


def odd_lines(world: World, window: Window) -> list[str]:
    """JSON lines, each good."""
    examples = Examples(world, window, "odd")
    numbers = [
        raw_line(examples.canonical(number, "facts"), "creditsConsumed", token)
        for number, token in enumerate(_NUMBER_TOKENS)
    ]
    return numbers + [
        line(examples.canonical(number, "document", **fields))
        for number, fields in enumerate(_odd_fields(examples), start=30)
    ]


def odd_csv(world: World, window: Window) -> tuple[bytes, int]:
    """A CSV of numbers in many spellings, with the line ends of Windows, and how many rows it has."""
    examples = Examples(world, window, "odd-csv")
    rows = ["kind,interactionId,operationId,creditsConsumed,capturedAt,userId,comment"]
    for number, token in enumerate(_CSV_NUMBERS):
        ids = f"{examples.interaction(number)},{examples.resource(number)}"
        rest = f'{examples.at(number)},{examples.user(number)},"synthetic, ""quoted"""'
        rows.append(f"codes,{ids},{token},{rest}")
    return "".join(f"{row}\r\n" for row in rows).encode(), len(_CSV_NUMBERS)


def _odd_fields(examples: Examples) -> list[Record]:
    """What each record adds to a plain one, or removes from it."""
    day = examples.at(0)[:10]
    tenant = examples.world.tenant_ids[1]
    return [
        {"kind": "Guided_Document"},
        {"kind": None},
        {"kind": ""},
        {"kind": "dental_chart"},
        {"capturedAt": f"{day} 10:15:00"},
        {"capturedAt": f"{day}T10:15:00"},
        {"capturedAt": f"{day}T12:15:00+02:00"},
        {"capturedAt": f"{day}T10:15:00.123456Z"},
        {"capturedAt": day},
        {"capturedAt": None, "createdAt": f"{day}T10:15:00Z"},
        {"capturedAt": "", "createdAt": f"{day}T10:16:00Z"},
        {"resourceId": 4711},
        {"resourceId": "", "operationId": "attempt-1"},
        {"resourceId": None, "recordId": None},
        {"resourceId": "ø" * 128},
        {"recordId": "r" * 128},
        {"interactionId": ""},
        {"interactionId": None, "userId": None},
        {"userId": None, "assignedUserId": examples.user(3)},
        {"userId": None, "customerID": tenant},
        {"userId": None, "customerId": tenant},
        {"userId": "nobody-knows-me"},
        {"userId": None, "tenantId": "no-such-tenant"},
        {"status": "archived"},
        {"status": ""},
        {"source": "read"},
        {"creditsConsumed": None, "credits": 0.15},
        {"creditsConsumed": None, "usageInfo": {"creditsConsumed": "0.35"}},
        {"creditsConsumed": 0.45, "usageInfo": {"creditsConsumed": 0.45}, "credits": 0.45},
        {"patient": {"name": "Synthetic Patient"}, "sections": [{"text": "Synthetic text."}]},
    ]


_TENANT = 3
_RECORDINGS = 12
_DAY = LAST_DAY - timedelta(days=4)


def batch_lines(world: World, window: Window) -> list[str]:
    """The night on which a clinic had a batch of old recordings transcribed: far more than on any other day."""
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
