"""The same answer leaves the same record through the httpx transport and through the gateway."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import brotli
import httpx
import pytest

from ingest.capture.gateway.upstreams import Upstreams
from ingest.capture.spool import Spool
from ingest.capture.transport import CaptureTransport
from tests.ingest.capture.bodies import (
    AGENT_EVENTS,
    DOCUMENTS,
    chat_completion,
    codes,
    document,
    message,
    model_response,
)
from tests.ingest.capture.gateways import gateway_here, landed
from tests.ingest.capture.loopback_corti import PACKED, Answer, json_answer, loopback_corti
from tests.ingest.capture.model_streams import (
    CHAT,
    MESSAGES,
    RESPONSES,
    chat_stream,
    message_stream,
    response_stream,
)

CODING = "/v2/tools/coding/"
STREAM = "/agents/a-1/v1/message:stream"
UNKNOWN = "/v2/tools/summarize"
READ = DOCUMENTS + "5b0f6a52-3c1e-4d0a-9a55-0d6f3c9e1a01"
BODY = json.dumps(document()).encode()
PATIENCE = 120
"""Seconds that a client waits on a machine that has much else to do."""
MARK = b"\xef\xbb\xbf"
OWN = ("recordId", "operationId", "capturedAt", "environment")
TOO_LARGE = b'{"id": "d-1", "text": "' + b"x" * (17 * 1024 * 1024) + b'", "usageInfo": {"creditsConsumed": 1}}'

FORMS = (
    "application/json",
    "application/json; charset=utf-8",
    "Application/JSON;charset=ISO-8859-1",
    "text/plain",
    "text/plain; charset=utf-8",
    "text/html",
    "text/json",
    "application/problem+json",
    "application/vnd.corti+json; v=2",
    "application/octet-stream",
    "text/event-stream",
    "audio/wav",
    "nonsense",
    "",
)


def _answers() -> dict[str, tuple[str, str, Answer, str | None]]:
    """By name: method, path, the answer, and the credits or tokens that its record tells (`-`: unreported; None: no
    record).
    """
    cases: dict[str, tuple[str, str, Answer, str | None]] = {}
    for form in FORMS:
        headers = {"Content-Type": form} if form else {}
        for method, path in (("POST", DOCUMENTS), ("GET", READ)):
            cases[f"{method} as {form or 'nothing'}"] = (method, path, Answer(201, BODY, headers), "0.421")
    for coding in PACKED:
        for chunked in (False, True):
            answer = Answer(201, BODY, {"Content-Type": "text/plain"}, coding, chunked=chunked)
            cases[f"packed as {coding or 'nothing'}{' in chunks' * chunked}"] = ("POST", DOCUMENTS, answer, "0.421")
            answer = Answer(201, TOO_LARGE, {}, coding, chunked=chunked)
            cases[f"too large as {coding or 'nothing'}{' in chunks' * chunked}"] = ("POST", DOCUMENTS, answer, "-")
    texts = {
        "with a mark": MARK + BODY,
        "in UTF-16": BODY.decode().encode("utf-16"),
        "in UTF-32": BODY.decode().encode("utf-32-le"),
        "with blanks around": b" \r\n" + BODY + b"\n\n",
    }
    for name, body in texts.items():
        cases[name] = ("POST", DOCUMENTS, Answer(200, body, {"Content-Type": "application/json"}), "0.421")
    for form in ("text/event-stream", "text/plain", ""):
        answer = Answer(200, AGENT_EVENTS, {"Content-Type": form} if form else {}, chunked=True)
        cases[f"events as {form or 'nothing'}"] = ("POST", STREAM, answer, "0.5")
    models = {CHAT: chat_stream(), RESPONSES: response_stream(), MESSAGES: message_stream()}
    for path, stream in models.items():
        for coding in PACKED:
            answer = Answer(200, stream, {"Content-Type": "text/event-stream"}, coding, chunked=True)
            cases[f"{path} as events{' packed as ' * bool(coding)}{coding}"] = ("POST", path, answer, "120/30/64")
        for form in ("text/plain", ""):
            answer = Answer(200, stream, {"Content-Type": form} if form else {}, chunked=True)
            cases[f"{path} as {form or 'nothing'}"] = ("POST", path, answer, "120/30/64")
        cut = Answer(200, stream[: len(stream) // 2], {"Content-Type": "text/event-stream"}, after="cut")
        cases[f"{path} breaks off"] = ("POST", path, cut, "-")
    cases |= {
        f"{CHAT} plain": ("POST", CHAT, json_answer(chat_completion(), 200), "120/30/64"),
        f"{RESPONSES} plain": ("POST", RESPONSES, json_answer(model_response(), 200), "120/30/64"),
        f"{MESSAGES} plain": ("POST", MESSAGES, json_answer(message(), 200), "120/30/64"),
        f"{CHAT} overloaded": ("POST", CHAT, json_answer({}, 529), "-"),
        f"{CHAT} refused": ("POST", CHAT, json_answer({}, 429), None),
    }
    twice = b'{"usageInfo": {"creditsConsumed": 0.25, "creditsConsumed": 9}, "usageInfo": {"creditsConsumed": 8}}'
    cases |= {
        "a repeated key": ("POST", CODING, Answer(200, twice), "0.25"),
        "an unknown endpoint": ("POST", UNKNOWN, json_answer(codes(), 200), "0.011"),
        "an unknown endpoint as text": ("POST", UNKNOWN, Answer(200, BODY, {"Content-Type": "text/plain"}), "0.421"),
        "no body": ("POST", CODING, Answer(200), "-"),
        "no body in chunks": ("POST", CODING, Answer(200, chunked=True), "-"),
        "202 without a body": ("POST", DOCUMENTS, Answer(202), "-"),
        "half a body": ("POST", DOCUMENTS, json_answer(document(), after="cut"), "-"),
        "no JSON": ("POST", DOCUMENTS, Answer(201, b"<html>"), "-"),
        "says gzip and is none": ("POST", DOCUMENTS, Answer(201, BODY, {"Content-Encoding": "gzip"}), "0.421"),
        "codings in two lines": (
            "POST",
            DOCUMENTS,
            Answer(201, gzip.compress(brotli.compress(BODY)), {"Content-Encoding": "br", "content-encoding": "gzip"}),
            "0.421",
        ),
        "a refusal": ("POST", CODING, json_answer({"usageInfo": {"creditsConsumed": 1}}, 422), None),
        "a timeout of Corti's": ("POST", CODING, Answer(408), "-"),
        "5xx with a body": ("POST", CODING, json_answer({}, 500), "-"),
        "5xx with an id": ("POST", CODING, Answer(503, b"", {"X-Request-Id": "r-1"}), "-"),
        "5xx that took its time": ("POST", CODING, Answer(504, seconds=1.1), "-"),
        "5xx that breaks off": ("POST", CODING, json_answer({}, 502, after="cut"), "-"),
        "5xx of the edge": ("POST", CODING, Answer(503), None),
        "5xx of the edge in chunks": ("POST", CODING, Answer(502, chunked=True), None),
        "5xx of a read": ("GET", READ, Answer(503), None),
    }
    return cases


CASES = _answers()


@pytest.mark.parametrize("name", CASES)
def test_the_same_answer_leaves_the_same_record_through_transport_and_gateway(name: str, tmp_path: Path) -> None:
    method, path, answer, credits = CASES[name]
    got = []
    for way in ("transport", "gateway"):
        spool = Spool(tmp_path / way / "landing")
        with loopback_corti(answer) as corti:
            if way == "transport":
                transport = CaptureTransport(httpx.HTTPTransport(), spool)
                _call(httpx.Client(transport=transport, timeout=PATIENCE), method, corti.base + path)
            else:
                upstreams = Upstreams(f"{corti.base}/v2", None, None, corti.base, models=corti.base)
                with gateway_here(upstreams, spool) as gateway:
                    _call(httpx.Client(timeout=PATIENCE), method, gateway.http + path)
        spool.close()
        records = landed(tmp_path / way)
        got.append([{key: value for key, value in record.items() if key not in OWN} for record in records])
    assert got[0] == got[1]
    figures = [_figure(record) for record in got[0]]
    assert figures == ([] if credits is None else [credits])


def _figure(record: dict[str, object]) -> str:
    if record["status"] == "metered":
        return f"{record['inputTokens']}/{record['outputTokens']}/{record['cachedInputTokens']}"
    return str(record["creditsConsumed"]) if record["status"] == "final" else "-"


def _call(client: httpx.Client, method: str, url: str) -> None:
    """One call; the answer is read to its end as it came, as far as it goes."""
    with client, client.stream(method, url, headers={"accept-encoding": "br, gzip, zstd, deflate"}) as response:
        try:
            for _ in response.iter_raw():
                pass
        except httpx.TransportError:
            pass
