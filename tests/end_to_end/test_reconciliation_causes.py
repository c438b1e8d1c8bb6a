"""Why our sum of credits differs from Corti's: the causes add up to each difference, and are those of the reference."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from tests.end_to_end.driving import Row, Warehouse
from tests.reference.causes import CAUSES, Missing, Operation, Total, causes

FIRST = datetime(2025, 3, 1)
DAYS = 20
USERS = ("u1", "u2", "u3")
ACCOUNT = {"environment": "eu", "cortiTenant": "acme"}
DAY = timedelta(days=1, milliseconds=-1)
KINDS = ("document", "transcript", "facts", "stream", "never_reported")


@dataclass(frozen=True)
class Made:
    """A random home: what happened, and the records of it."""

    operations: list[Operation]
    missing: list[Missing]
    totals: list[Total]
    records: list[Row]
    listed: list[Row]


def _moment(chance: random.Random, day: int) -> datetime:
    """A time of a day, often at its edges."""
    edges = (0, 1, 3599, 3600, 3601, 82799, 82800, 82801, 86398, 86399)
    seconds = chance.choice(edges) if chance.random() < 0.3 else chance.randrange(86400)
    return FIRST + timedelta(days=day, seconds=seconds)


def _operation(chance: random.Random) -> Operation:
    credits = Decimal(chance.choice((1, 10**9, chance.randrange(1, 50 * 10**9)))).scaleb(-9)
    made = Operation(chance.choice(KINDS), chance.choice(USERS), _moment(chance, chance.randrange(DAYS)), credits)
    if made.kind == "never_reported" or chance.random() < 0.1:
        return replace(made, credits=Decimal(0), is_unreported=True)
    if chance.random() < 0.1:
        # Corti's small model costs 2 credits for a million tokens.
        tokens = chance.randrange(1, 10**7)
        return replace(made, kind="message", credits=Decimal(tokens * 2).scaleb(-6), is_derived=True)
    return replace(made, is_estimate=chance.random() < 0.1)


def _record(number: int, one: Operation) -> Row:
    status = "unreported" if one.is_unreported else "estimate" if one.is_estimate else "final"
    record = {
        "resourceId": f"r{number}",
        "kind": one.kind,
        # Only calls of one interaction look like retries.
        "interactionId": f"i{number}",
        "userId": one.user_id,
        "createdAt": f"{one.at.isoformat()}Z",
        **ACCOUNT,
    }
    if one.is_derived:
        tokens = int(one.credits.scaleb(6)) // 2
        return {**record, "status": "metered", "model": "corti-s1", "inputTokens": tokens}
    return {**record, "status": status, **({} if one.is_unreported else {"creditsConsumed": str(one.credits)})}


def _with_retries(chance: random.Random, number: int, one: Operation) -> Iterator[tuple[Operation, Row]]:
    """An operation and its record; some documents are followed by a second one of the same call."""
    yield one, _record(number, one)
    if one.kind == "document" and one.credits and chance.random() < 0.3:
        again = replace(one, at=one.at + timedelta(seconds=5), is_second=True)
        yield again, {**_record(number, again), "resourceId": f"r{number}-again"}


def made(chance: random.Random) -> Made:
    """A few hundred operations, missing resources, and totals that agree or don't."""
    pairs = [pair for number in range(300) for pair in _with_retries(chance, number, _operation(chance))]
    operations = [one for one, _ in pairs]
    missing = [
        Missing(
            chance.choice(("document", "transcript")), chance.choice(USERS), _moment(chance, chance.randrange(DAYS))
        )
        for _ in range(40)
    ]
    totals: list[Total] = []
    for day in range(DAYS):
        for user in (*USERS, None):
            start = FIRST + timedelta(days=day)
            whole = Total(start, start + DAY, Decimal(0), user)
            ours = sum(
                (one.credits for one in operations if whole.is_about(one) and whole.start <= one.at <= whole.end),
                Decimal(0),
            )
            off = Decimal(chance.choice((0, 1, 10**10, chance.randrange(60 * 10**9)))).scaleb(-9)
            totals.append(replace(whole, credits=max(ours + chance.choice((-1, 1)) * off, Decimal(0))))
    listed: list[Row] = [
        {
            "interactionId": f"listed-{one.user_id}",
            "kind": one.kind,
            "resourceId": f"m{number}",
            "createdAt": f"{one.at.isoformat()}Z",
            "pulledAt": "2025-04-01T00:00:00Z",
            **ACCOUNT,
        }
        for number, one in enumerate(missing)
    ]
    return Made(operations, missing, totals, [record for _, record in pairs], listed)


def test_causes_of_random_differences_are_those_of_the_reference(warehouse: Warehouse) -> None:
    home = made(random.Random(20261201))
    owners = "".join(f"listed-{user},{user}\n" for user in USERS)
    warehouse.deliver("mappings/interactions/interactions-2025-01-01.csv", f"interactionId,userId\n{owners}")
    warehouse.usage("a.jsonl", *home.records)
    warehouse.deliver("corti/resources/first.jsonl", home.listed)
    rows = [
        {
            "from": f"{one.start.isoformat()}Z",
            "to": f"{one.end.isoformat(timespec='milliseconds')}Z",
            "credits": str(one.credits),
            **({"userId": one.user_id} if one.user_id else {}),
        }
        for one in home.totals
    ]
    warehouse.deliver("provider/consumption/totals_2025-04-01.jsonl", rows)
    warehouse.run()
    columns = ("window_from", "window_to", "user_id", "cause", "credits")
    published = {row[:4]: row[4] for row in warehouse.table("mart_reconciliation_causes", columns)}
    expected = {
        (total.start, total.end, total.user_id, cause): credits
        for total in home.totals
        for cause, credits in (causes(total, home.operations, home.missing) or {}).items()
    }
    assert published == expected
    # Each cause explains some of a difference, and not all is explained.
    assert {cause for (*_, cause), credits in published.items() if credits} == {*CAUSES}
    # The parts are the whole difference.
    parts = "select sum(credits) from marts.marts.mart_reconciliation_causes"
    wholes = "select sum(difference) from marts.marts.mart_provider_reconciliation"
    assert warehouse.inside(f"select ({parts}) = ({wholes})") == [(True,)]
