"""A small home with names that could break a page, and with every sort of usage on the page."""

from __future__ import annotations

import csv
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

SCRIPT = "<script>document.title='run'</script>"
BREAKING_OUT = "</script><img src=x onerror=document.title='run'>"
FORMULA = "=cmd|' /C calc'!A0"
TURNED = "\u202egpj.exe\u200f ⁦abc"
LONG = "Wide Hospital " + "W" * 286
SLOT = "{{data}} {{script}} \\u003c"

TENANTS = {
    "t-script": SCRIPT,
    "t-out": BREAKING_OUT,
    "t-formula": FORMULA,
    "t-turned": TURNED,
    "t-long": LONG,
    "<b>t-bold</b>": "Plain",
}
USERS = {f"u-{n:02}": name for n, name in enumerate((SCRIPT, BREAKING_OUT, FORMULA, TURNED, LONG, SLOT))}
KINDS = ("stream", "transcript", "document", "facts", "codes", "agent_task", "transcribe", "letter")
FIRST = datetime(2026, 5, 20, 9, tzinfo=UTC)
DAYS = 100


def write_hostile_home(home: Path, *, operations: int = 900) -> None:
    """Fill `home`/landing: the same bytes every time."""
    chance = random.Random(5)
    users = {**USERS, **{f"u-{n:02}": f"Dr. {n}" for n in range(len(USERS), 24)}}
    owners = {user: list(TENANTS)[n % len(TENANTS)] for n, user in enumerate(users)}
    _export(
        home / "landing/mappings/tenants/tenants-2026-01-01.csv",
        ("tenantId", "name", "timezone"),
        [(tenant, name, "Asia/Kolkata" if tenant == "t-turned" else "UTC") for tenant, name in TENANTS.items()],
    )
    _export(
        home / "landing/mappings/users/users-2026-01-01.csv",
        ("userId", "tenantId", "displayName"),
        [(user, owners[user], name) for user, name in users.items()],
    )
    records = []
    for n in range(operations):
        at = FIRST + timedelta(days=chance.randrange(DAYS), hours=chance.randrange(12), seconds=n)
        record: dict[str, object] = {
            "recordId": f"r-{n}",
            "resourceId": f"o-{n}",
            "kind": KINDS[min(chance.randrange(12), chance.randrange(len(KINDS)))],
            "interactionId": f"i-{n // 4:04}",
            "userId": list(users)[min(chance.randrange(40), chance.randrange(24))],
            "creditsConsumed": f"{chance.randrange(10)}.{chance.randrange(10**9):09}",
            "createdAt": at.isoformat(),
        }
        if n % 31 == 0:
            del record["userId"]
        if n % 37 == 0:
            record["status"] = "estimate"
        if n % 41 == 0:
            record |= {"status": "unreported", "creditsConsumed": None}
        if n % 53 == 0:
            del record["interactionId"]
        records.append(record)
    records.append({**records[1], "recordId": "great", "resourceId": "great", "creditsConsumed": "123456789.987654321"})
    lines = [json.dumps(record) for record in records] + ["no record", '{"creditsConsumed": "NaN"}']
    target = home / "landing/usage_records/usage.jsonl"
    target.parent.mkdir(parents=True)
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    totals = [("2026-06-01T00:00:00Z", "2026-06-30T23:59:59.999Z", "1", "t-out")]
    _export(home / "landing/provider/consumption/corti-2026-09-01.csv", ("from", "to", "credits", "tenantId"), totals)


def _export(path: Path, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    path.parent.mkdir(parents=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
