"""Questions about money that the sample can't answer in full: their worked queries, with figures made by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.end_to_end.billing_homes import rates, used
from tests.end_to_end.driving import Row, Warehouse
from tests.end_to_end.worked_queries import answer

PREPAID = {"environment": "eu", "cortiTenant": "base"}
POSTPAID = {"environment": "us", "cortiTenant": "other"}
SINCE = date(2025, 2, 3)


@pytest.fixture
def spent(warehouse: Warehouse) -> Warehouse:
    """Two prepaid credits a day for four weeks. Of another account: a call at a wrong price, and one charged twice."""
    rates(warehouse, "rates", ",,0.5,EUR,2024-01-01,")
    warehouse.deliver(
        "billing/purchases/purchases.csv",
        "purchaseId,credits,purchasedAt,expiresAt,pricePerCredit,currency,environment,cortiTenant\n"
        "p1,100,2025-02-01,2025-12-31,0.5,EUR,eu,base\n",
    )
    warehouse.deliver("provider/token_prices/prices.csv", "model,inputPerMillion,outputPerMillion\nm-1,4,16\n")
    daily = [used(f"d{n}", (SINCE + timedelta(days=n)).isoformat(), "2", **PREPAID) for n in range(28)]
    document: Row = {**POSTPAID, "kind": "document", "interactionId": "i1", "userId": "u1"}
    warehouse.usage(
        "a.jsonl",
        *daily,
        used("task", "2025-03-01", "5", **{**POSTPAID, "kind": "agent_task", "model": "m-1", "inputTokens": 1_000_000}),
        used("first", "2025-03-01", "3", **document),
        used("second", "2025-03-01", "3", **{**document, "createdAt": "2025-03-01T12:00:05Z"}),
    )
    warehouse.deliver(
        "provider/consumption/totals_2025-03-02.csv",
        "from,to,credits,environment,cortiTenant\n2025-03-01,2025-03-01T23:59:59.999Z,7,us,other\n",
    )
    warehouse.run()
    return warehouse


def test_each_question_has_its_figures(spent: Warehouse) -> None:
    (balance,) = answer(spent, 21)
    assert (balance["environment"], balance["remaining_credits"], balance["runway_days"]) == ("eu", 44, 22)
    assert (balance["balance_date"], balance["last_day_with_credits"]) == (date(2025, 3, 2), date(2025, 3, 24))
    assert (balance["next_expiry_date"], balance["next_expiring_credits"]) == (date(2025, 12, 31), 44)

    (wrong,) = answer(spent, 22)
    assert (wrong["reported_credits"], wrong["recomputed_credits"], wrong["difference"]) == (5, 4, 1)
    assert (wrong["model"], wrong["currency"], wrong["amount_at_stake"]) == ("m-1", "EUR", Decimal("0.5"))

    (twice,) = answer(spent, 23)
    assert (twice["interaction_id"], twice["seconds_between"], twice["credits_at_stake"]) == ("i1", 5, 3)
    assert (twice["currency"], twice["amount_at_stake"]) == ("EUR", Decimal("1.5"))

    # Corti has 7 and we have 11: a call that was charged twice explains 3 of the 4.
    causes = answer(spent, 24)
    assert [(row["difference"], row["cause"], row["credits"]) for row in causes] == [
        (4, "double", 3),
        (4, "unexplained", 1),
    ]
