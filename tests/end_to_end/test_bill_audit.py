"""The audit of a bill: planted wrong charges are all found and nothing else, and so are nearly all double charges."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from tests.end_to_end.driving import Row, Warehouse

TASKS, WRONG = 100_000, 1_000
CALLS, RETRIED = 10_000, 400
START = datetime(2025, 3, 1, tzinfo=UTC)


def task(rng: random.Random, number: int, *, is_wrong: bool) -> Row:
    """An agent's task with its credits by Corti's price, to 9 or to 6 places; a wrong one costs something else."""
    tokens, output = rng.randrange(1, 60_000), rng.randrange(8_000)
    credits = Decimal(4 * tokens + 16 * output) / 1_000_000
    if is_wrong:
        credits += rng.choice([Decimal("0.000001"), Decimal("-0.000001"), credits, credits / 3, Decimal(5)])
        credits = credits.quantize(Decimal("0.000000001"), ROUND_HALF_UP)
    return {
        "kind": "agent_task",
        "resourceId": f"task.{number}",
        "creditsConsumed": f"{abs(credits):f}",
        "inputTokens": tokens,
        "outputTokens": output,
        "createdAt": (START + timedelta(seconds=number * 90)).isoformat(),
        "userId": f"u{number % 700}",
        "tenantId": "t1",
    }


def calls_with_retries(rng: random.Random) -> Iterator[tuple[Row, bool]]:
    """Calls of 40 users over a month, and whether each is a retry that was charged again: of a call whose answer got
    lost, or of one that failed without a figure.
    """
    retried = {*rng.sample(range(CALLS - RETRIED), RETRIED)}
    for number in range(CALLS - RETRIED):
        at = START + timedelta(seconds=rng.randrange(30 * 86_400))
        user = rng.randrange(40)
        call = {
            "kind": "message",
            "model": "corti-s1",
            "status": "metered",
            "interactionId": f"i{user}-{at:%d}-{rng.randrange(12)}",
            "userId": f"u{user}",
            "tenantId": "t2",
            "inputTokens": rng.randrange(200, 20_000),
            "outputTokens": rng.randrange(10, 2_000),
        }
        if number not in retried:
            yield {**call, "operationId": f"c{number}", "createdAt": at.isoformat()}, False
            continue
        if rng.random() < 0.5:
            failed = {key: value for key, value in call.items() if "Tokens" not in key and key != "model"}
            yield {**failed, "status": "unreported", "operationId": f"c{number}", "createdAt": at.isoformat()}, False
        else:
            yield {**call, "operationId": f"c{number}", "createdAt": at.isoformat()}, False
        again = at + timedelta(seconds=rng.uniform(0.2, 30))
        output = rng.randrange(10, 2_000)
        yield {**call, "outputTokens": output, "operationId": f"c{number}-2", "createdAt": again.isoformat()}, True


def test_planted_faults_are_found_and_hardly_anything_else(warehouse: Warehouse) -> None:
    rng = random.Random(20261201)
    wrong = {*rng.sample(range(TASKS), WRONG)}
    warehouse.usage("tasks.jsonl", *(task(rng, number, is_wrong=number in wrong) for number in range(TASKS)))
    calls = [*calls_with_retries(rng)]
    warehouse.usage("calls.jsonl", *(call for call, _ in calls))
    warehouse.run()
    audited = "mart_price_audit inner join marts.fct_credit_usage using (operation_key)"
    assert {row[0] for row in warehouse.table(audited, ("resource_id",))} == {f"task.{number}" for number in wrong}
    paired = "mart_double_charges inner join marts.fct_credit_usage on operation_key = second_operation_key"
    found = {row[0] for row in warehouse.table(paired, ("operation_id",))}
    retries = {str(call["operationId"]) for call, is_retry in calls if is_retry}
    recall, precision = len(found & retries) / len(retries), len(found & retries) / len(found)
    print(f"double charges: recall {recall:.2%}, precision {precision:.2%} of {len(found)} pairs")
    assert recall >= 0.99 and precision >= 0.95
