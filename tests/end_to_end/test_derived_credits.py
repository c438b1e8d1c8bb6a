"""Credits that are derived from tokens: each call has the price of its model and time, to the last place."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from orchestration.statements.documents import as_html
from orchestration.statements.page import page_of
from orchestration.statements.reading import read_statement
from tests.end_to_end.driving import Row, Warehouse

CALLS = 10_000
MODELS = ("m-1", "m-1-long", "m-2", "n-3", "corti-s1", "nobody-4")
PATTERNS = ("m-1", "m-*", "m-1*", "n-*", "corti-s1", "*")
START = datetime(2025, 1, 1, tzinfo=UTC)
NINE_PLACES = Decimal("0.000000001")


@dataclass(frozen=True)
class Price:
    """A row of a price list; `until` is None while it is open."""

    pattern: str
    input: Decimal
    output: Decimal
    cached: Decimal | None
    since: datetime
    until: datetime | None

    def is_for(self, model: str, at: datetime) -> bool:
        is_named = model.startswith(self.pattern[:-1]) if self.pattern.endswith("*") else model == self.pattern
        return is_named and self.since <= at and (self.until is None or at < self.until)


LISTED = Price("corti-s1", Decimal(2), Decimal(8), Decimal("0.2"), datetime.min.replace(tzinfo=UTC), None)


def random_prices(rng: random.Random) -> list[Price]:
    prices: list[Price] = []
    for pattern in PATTERNS[: -1 if rng.random() < 0.5 else None]:
        at = START + timedelta(days=rng.randrange(60))
        for _ in range(rng.randrange(1, 4)):
            until = at + timedelta(days=rng.randrange(1, 200))
            figures = [Decimal(rng.randrange(10**12)).scaleb(-9) for _ in range(3)]
            cached = figures[2] if rng.random() < 0.7 else None
            prices.append(Price(pattern, figures[0], figures[1], cached, at, until))
            at = until + timedelta(days=rng.choice([0, 0, 30]))
    return prices


def as_csv(prices: Sequence[Price]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    names = ("inputPerMillion", "outputPerMillion", "cachedInputPerMillion")
    writer.writerow(["model", *names, "validFrom", "validTo"])
    for price in prices:
        until = price.until.isoformat() if price.until else ""
        figures = [f"{figure:f}" if figure is not None else "" for figure in (price.input, price.output, price.cached)]
        writer.writerow([price.pattern, *figures, price.since.isoformat(), until])
    return out.getvalue()


def random_call(rng: random.Random, number: int) -> dict[str, object]:
    call: dict[str, object] = {
        "recordId": f"r{number}",
        "kind": "chat_completion",
        "status": "metered",
        "model": rng.choice(MODELS),
        "inputTokens": rng.choice([0, 1, rng.randrange(200_000), rng.randrange(10**9)]),
        "createdAt": (START + timedelta(minutes=rng.randrange(400 * 1440))).isoformat(),
    }
    if rng.random() < 0.8:
        call["outputTokens"] = rng.randrange(50_000)
    if rng.random() < 0.5:
        call["cachedInputTokens"] = rng.randrange(300_000)
    return call


def expected(call: Row, prices: Sequence[Price]) -> tuple[Decimal, str]:
    """The credits of a call by the price that counts, and on what they rest."""
    model, at = str(call["model"]), datetime.fromisoformat(str(call["createdAt"]))
    delivered = sorted(
        (price for price in prices if price.is_for(model, at)),
        key=lambda price: (price.pattern.endswith("*"), -len(price.pattern)),
    )
    price = next(iter(delivered), LISTED if LISTED.is_for(model, at) else None)
    if price is None:
        return Decimal(0), "unpriced"
    tokens, output = int(str(call["inputTokens"])), int(str(call.get("outputTokens", 0)))
    cached = min(int(str(call.get("cachedInputTokens", 0))), tokens)
    of_cached = price.input if price.cached is None else price.cached
    million = (tokens - cached) * price.input + cached * of_cached + output * price.output
    return (million / 1_000_000).quantize(NINE_PLACES, ROUND_HALF_UP), "derived"


def assert_as_expected(warehouse: Warehouse, calls: Sequence[Row], prices: Sequence[Price]) -> None:
    found = warehouse.table("fct_credit_usage", ("occurred_at", "model", "input_tokens", "credits", "credits_basis"))
    wanted = sorted(
        (
            (
                datetime.fromisoformat(str(call["createdAt"])).replace(tzinfo=None),
                call["model"],
                call["inputTokens"],
                *expected(call, prices),
            )
            for call in calls
        ),
        key=repr,
    )
    assert len({basis for *_, basis in wanted}) == 2
    assert found == wanted


def test_each_call_has_the_price_of_its_model_and_time_and_a_new_list_derives_all_again(warehouse: Warehouse) -> None:
    rng = random.Random(20261201)
    calls = [random_call(rng, number) for number in range(CALLS)]
    prices = random_prices(rng)
    warehouse.usage("a.jsonl", *calls)
    warehouse.deliver("provider/token_prices/prices.csv", as_csv(prices))
    warehouse.run()
    assert_as_expected(warehouse, calls, prices)
    unpriced = {call["model"] for call in calls if expected(call, prices)[1] == "unpriced"}
    alerts = warehouse.table("mart_usage_alerts", ("summary",), "alert_type = 'unpriced'")
    assert {summary.split()[1] for (summary,) in alerts} == unpriced
    others = random_prices(rng)
    warehouse.deliver("provider/token_prices/prices.csv", as_csv(others))
    warehouse.run()
    assert_as_expected(warehouse, calls, others)


def test_a_metered_record_gives_way_to_reported_credits_and_more_tokens_are_a_correction(warehouse: Warehouse) -> None:
    call = {
        "kind": "message",
        "resourceId": "msg_1",
        "model": "corti-s1",
        "status": "metered",
        "inputTokens": 1_000_000,
    }
    warehouse.usage("a.jsonl", {**call, "capturedAt": "2025-03-01T12:00:00Z"})
    warehouse.usage("b.jsonl", {**call, "outputTokens": 1_000_000, "capturedAt": "2025-03-01T12:01:00Z"})
    warehouse.run()
    basis = ("credits", "credits_basis", "status", "observations")
    assert warehouse.table("fct_credit_usage", basis) == [(Decimal(10), "derived", "metered", 2)]
    warehouse.usage("c.jsonl", {**call, "status": "final", "creditsConsumed": "9.5"})
    warehouse.run()
    assert warehouse.table("fct_credit_usage", basis) == [(Decimal("9.5"), "reported", "final", 3)]
    audit = warehouse.table("mart_load_audit", ("file", "new_records", "correction_records", "duplicate_records"))
    assert audit == [
        ("usage_records/a.jsonl", 1, 0, 0),
        ("usage_records/b.jsonl", 0, 1, 0),
        ("usage_records/c.jsonl", 0, 1, 0),
    ]


def test_statements_and_the_export_say_how_many_credits_are_derived(warehouse: Warehouse) -> None:
    call = {"model": "corti-s1", "status": "metered", "inputTokens": 1_000_000, "tenantId": "t1"}
    warehouse.deliver("billing/rates/rates.csv", "pricePerCredit,currency\n0.5,EUR\n")
    warehouse.usage(
        "a.jsonl",
        {**call, "recordId": "r1", "kind": "message", "createdAt": "2025-03-01T12:00:00Z"},
        {"recordId": "r2", "kind": "message", "tenantId": "t1", "creditsConsumed": "3"},
        {**call, "recordId": "r3", "kind": "message", "createdAt": "2025-03-02T12:00:00Z"},
        {"recordId": "r4", "kind": "facts", "tenantId": "t1", "creditsConsumed": "7"},
    )
    warehouse.run()
    lines = warehouse.table("mart_tenant_statement_lines", ("kind", "credits", "derived_credits"))
    assert lines == [("facts", 7, 0), ("message", 7, 4)]
    assert warehouse.table("mart_tenant_statements", ("derived_credits",)) == [(4,)]
    columns = ("x_UsageType", "ChargePeriodStart::date::varchar", "x_CreditsBasis", "x_DerivedCredits")
    assert sorted(warehouse.table("focus_cost_and_usage", columns)) == [
        ("facts", "2025-03-01", "reported", 0),
        ("message", "2025-03-01", "mixed", 2),
        ("message", "2025-03-02", "derived", 2),
    ]
    document = as_html(page_of(read_statement(warehouse.settings, "t1", "2025-03"))).decode()
    assert "including 4.00 derived" in document
    assert "the call reported only its tokens; its credits are those at their price" in document
