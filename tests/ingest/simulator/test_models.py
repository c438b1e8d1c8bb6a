"""The simulated Corti Models: answers tell the tokens that the ledger booked, at their list prices."""

from __future__ import annotations

import json
from base64 import b64encode
from decimal import Decimal
from typing import Any

import httpx
import pytest

from ingest.simulator.faults import Fault
from ingest.simulator.prices import AGENTS, LISTED, Tokens
from ingest.simulator.serving import Served
from ingest.simulator.state import Simulator
from tests.ingest.capture.sessions import Session
from tests.ingest.simulator.booked import ledger

KEY = b64encode(b"acme:client_credentials:id:secret").decode()
ASKED = {"model": "corti-s1", "messages": [], "input": "x", "prompt": "x"}


def test_the_price_of_corti_s_own_sample_is_exact() -> None:
    assert AGENTS.of(Tokens(26514, 3319)) == Decimal("0.15916")
    assert LISTED["corti-s1"].of(Tokens(1_000_000, 500_000, 400_000)) == Decimal("1.2") + Decimal("0.08") + 4


def test_agents_cost_what_their_tokens_cost(session: Session, corti: Served) -> None:
    first = session.post("/agents/a1/v1/message:send", {"message": {}})["task"]["metadata"]
    second = session.post("/v2/agentic/agents/agt.1/a2a/message:send", {})["task"]["metadata"]["$usage"]
    counts = [
        (first["_usage"]["input_tokens"], first["_usage"]["output_tokens"]),
        (second["inputTokens"], second["outputTokens"]),
    ]
    charges = [Decimal(charge["credits"]) for charge in ledger(corti)["charges"]]
    assert charges == [AGENTS.of(Tokens(*count)) for count in counts]
    assert second["cachedInputTokens"] <= second["inputTokens"]


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/completions", "/v1/responses", "/anthropic/v1/messages"])
def test_an_answer_and_its_stream_tell_the_tokens_that_were_booked(path: str, corti: Served) -> None:
    with httpx.Client(base_url=corti.http, headers={"Authorization": f"Bearer {KEY}"}) as client:
        plain = client.post(path, json=ASKED).json()
        stream = client.post(path, json={**ASKED, "stream": True, "stream_options": {"include_usage": True}})
    assert stream.headers["content-type"].startswith("text/event-stream")
    events = [json.loads(line[5:]) for line in stream.text.splitlines() if line.startswith("data: {")]
    usage = _usage_of(events)
    first, second = ledger(corti)["charges"]
    assert (_counts(plain["usage"]), _counts(usage)) == (_booked(first), _booked(second))
    assert first["reported"] == "tokens" and plain["id"] == first["resourceId"]
    price = LISTED["corti-s1"].of(Tokens(first["inputTokens"], first["outputTokens"], first["cachedInputTokens"]))
    assert Decimal(first["credits"]) == price


def _usage_of(events: list[dict[str, Any]]) -> dict[str, Any]:
    usage: dict[str, Any] = {}
    for event in events:
        for holder in (event, event.get("message") or {}, event.get("response") or {}):
            usage |= holder.get("usage") or {}
    return usage


def _counts(usage: dict[str, Any]) -> tuple[int, int]:
    read = usage.get("prompt_tokens") or usage["input_tokens"] + usage.get("cache_read_input_tokens", 0)
    return read, usage.get("completion_tokens") or usage["output_tokens"]


def _booked(charge: dict[str, Any]) -> tuple[int, int]:
    return charge["inputTokens"], charge["outputTokens"]


def test_a_chat_tells_no_usage_unless_it_is_asked_for_it(corti: Served) -> None:
    answer = httpx.post(
        f"{corti.http}/v1/chat/completions", json={**ASKED, "stream": True}, headers={"Authorization": f"Bearer {KEY}"}
    )
    assert "usage" not in answer.text and answer.text.endswith("data: [DONE]\n\n")


@pytest.mark.parametrize("key", ["nonsense", b64encode(b"acme:password:id:secret").decode()])
def test_models_need_a_key(key: str, corti: Served) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    assert httpx.post(f"{corti.http}/v1/embeddings", json=ASKED, headers=headers).status_code == 401
    assert httpx.get(f"{corti.http}/v2/interactions/", headers={"Authorization": f"Bearer {KEY}"}).status_code == 401
    assert httpx.get(f"{corti.http}/anthropic/v1/x", headers={"x-api-key": KEY}).status_code == 404


def test_an_attempt_that_fails_and_its_retry_are_both_charged(corti: Served, simulator: Simulator) -> None:
    simulator.faults.arm(Fault("charge_then_status", path="/chat/", status=503))
    with httpx.Client(base_url=corti.http, headers={"Authorization": f"Bearer {KEY}"}) as client:
        answers = [client.post("/v1/chat/completions", json=ASKED).status_code for _ in range(2)]
    assert answers == [503, 200]
    assert [charge["reported"] for charge in ledger(corti)["charges"]] == ["nothing", "tokens"]


@pytest.mark.parametrize("streamed", [False, True])
def test_a_model_may_withhold_its_usage(streamed: bool, corti: Served, simulator: Simulator) -> None:
    simulator.faults.arm(Fault("no_usage", path="/chat/"))
    asked = {**ASKED, "stream": streamed, "stream_options": {"include_usage": True}}
    answer = httpx.post(f"{corti.http}/v1/chat/completions", json=asked, headers={"Authorization": f"Bearer {KEY}"})
    assert "prompt_tokens" not in answer.text and "chatcmpl" in answer.text


def test_purchases_and_charges_give_the_balance(corti: Served, session: Session) -> None:
    for credits, expiry in ((50, "2027-01-01T00:00:00Z"), ("12.5", None)):
        assert httpx.post(f"{corti.http}/_purchases", json={"credits": credits, "expiresAt": expiry}).status_code == 204
    assert httpx.post(f"{corti.http}/_purchases", json={"credits": "many"}).status_code == 400
    session.post("/v2/tools/coding/", {})
    told = ledger(corti)
    assert [(bought["credits"], bought["expiresAt"]) for bought in told["purchases"]] == [
        ("50", "2027-01-01T00:00:00Z"),
        ("12.5", None),
    ]
    assert Decimal(told["balance"]) == Decimal("62.5") - Decimal(told["total"])
