"""A whole session of an application against Corti, over httpx and websockets: every billable call there is."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from ingest.simulator.ledger import Ledger
from ingest.simulator.prices import LISTED, Tokens
from ingest.simulator.serving import Served

TENANT = "acme"
OWNER = {"X-Credits-User": "user-1", "X-Credits-Tenant": "tenant-1"}


class Session:
    """An application that has logged in; `headers` go with every call."""

    def __init__(self, at: Served, headers: Mapping[str, str] | None = None) -> None:
        self.at = at
        self.client = httpx.Client(base_url=at.http, timeout=30, limits=httpx.Limits(max_keepalive_connections=0))
        self.token = self.log_in()
        self.client.headers.update({"Authorization": f"Bearer {self.token}", "Tenant-Name": TENANT, **(headers or {})})
        self.interaction = self.post("/v2/interactions/", {"encounter": {"status": "planned"}})["interactionId"]

    def log_in(self) -> str:
        """A new token."""
        form = {"client_id": "c", "client_secret": "s", "grant_type": "client_credentials", "scope": "openid"}
        answer = self.client.post(f"/realms/{TENANT}/protocol/openid-connect/token", data=form)
        return answer.json()["access_token"]

    def post(self, path: str, body: Mapping[str, Any], **headers: str) -> Any:
        """Post a JSON object; the answer's."""
        return self.client.post(path, json=body, headers=headers).raise_for_status().json()

    def of_interaction(self, rest: str) -> str:
        """A path below the session's interaction."""
        return f"/v2/interactions/{self.interaction}/{rest}"

    def record_and_transcribe(self) -> None:
        """A recording, transcribed at once and asynchronously; the later one is read until it is complete."""
        answer = self.client.post(self.of_interaction("recordings/"), content=b"audio" * 1000).json()
        wanted = {"recordingId": answer["recordingId"], "primaryLanguage": "en"}
        self.post(self.of_interaction("transcripts/"), wanted)
        later = self.client.post(self.of_interaction("transcripts/"), json={**wanted, "async": True})
        assert later.status_code == 202
        while self.client.get(later.headers["location"]).json()["status"] == "processing":
            time.sleep(0.02)

    def write_documents(self) -> None:
        """Documents of both sorts, kept and not kept; one is read, listed and edited."""
        path = self.of_interaction("documents/")
        document = self.post(path, {"context": [{"type": "string", "data": "x"}], "templateKey": "t"})
        self.post(path, {"templateKey": "t"}, **{"X-Corti-Retention-Policy": "none"})
        for read in (path, path + document["id"]):
            self.client.get(read).raise_for_status()
        self.client.patch(path + document["id"], json={"name": "x"}).raise_for_status()
        guided = {"templateRef": {"templateId": "t"}, "interactionId": self.interaction}
        self.post("/v2/documents/", guided)
        self.post("/v2/documents/", guided, **{"X-Corti-Retention-Policy": "none"})

    def ask_tools_and_agents(self) -> None:
        """Facts, codes, agents of both versions."""
        self.post("/v2/tools/extract-facts", {"context": [{"type": "text", "text": "x"}]})
        self.post("/v2/tools/coding/", {"system": ["icd10cm-outpatient"], "context": []})
        self.post("/agents/a1/v1/message:send", {"message": {}})
        self.post("/v2/agentic/agents/agt.1/a2a/message:send", {"message": {}}, **{"A2A-Version": "1.0"})
        call = {"jsonrpc": "2.0", "id": 1, "method": "SendMessage", "params": {}}
        self.post("/v2/agentic/agents/agt.1/a2a", call)
        self.client.get("/v2/agentic/agents/agt.1/a2a/tasks")

    def ask_models(self) -> None:
        """Every endpoint of Corti Models, plain and streamed."""
        for streamed in ({}, {"stream": True, "stream_options": {"include_usage": True}}):
            asked = {"messages": [{"role": "user", "content": "x"}], "prompt": "x", "input": "x", **streamed}
            for path in ("/v1/chat/completions", "/v1/completions", "/v1/responses", "/anthropic/v1/messages"):
                self.client.post(path, json={"model": "corti-s1-mini", **asked}).raise_for_status()
        self.post("/v1/embeddings", {"model": "corti-embedding-1", "input": "x"})
        assert self.client.get("/v1/models").status_code == 200

    async def stream(self, *, messages: int = 3, ends: str = "end", transcribe: bool = False) -> list[dict[str, Any]]:
        """A socket: configuration, audio, end; everything that the server said.

        `ends` is `end`, `leave` (the caller closes once all audio was answered) or `wait` (for the server to go).
        """
        path = "transcribe" if transcribe else f"interactions/{self.interaction}/streams"
        query = f"tenant-name={TENANT}&token=Bearer%20{self.token}&X-Credits-User=user-1&X-Credits-Tenant=tenant-1"
        said = []
        async with connect(f"{self.at.ws}/audio-bridge/v2/{path}?{query}", proxy=None) as socket:
            try:
                await socket.send(json.dumps({"type": "config", "configuration": {"language": "en"}}))
                for _ in range(messages):
                    await socket.send(b"\x00\x01" * 400)
                if ends == "end":
                    await socket.send(json.dumps({"type": "end"}))
                async for message in socket:
                    said.append(json.loads(message))
                    if ends == "leave" and sum(message["type"] == "delta_usage" for message in said) == messages:
                        break
            except ConnectionClosed:
                pass
        return said

    def everything(self) -> None:
        """All of it, once."""
        self.record_and_transcribe()
        self.write_documents()
        self.ask_tools_and_agents()
        asyncio.run(self.stream())
        asyncio.run(self.stream(transcribe=True))


def charged(ledger: Ledger) -> Counter[tuple[str, str | None, str | None, Decimal]]:
    """What was charged and reported: kind, interaction, resource and credits of each operation."""
    return Counter(
        (charge.kind, charge.interaction_id, charge.resource_id, charge.credits)
        for charge in ledger.charges
        if charge.reported != "nothing"
    )


def captured(records: list[dict[str, Any]]) -> Counter[tuple[str, str | None, str | None, Decimal]]:
    """What records say was charged, one entry an operation: the figure of its last record that has one. The figure of
    a metered one is what its tokens cost.
    """
    operations: dict[object, tuple[str, str | None, str | None, Decimal]] = {}
    for record in sorted(records, key=lambda record: record["capturedAt"]):
        if record["status"] in ("final", "estimate"):
            key = (record["kind"], record.get("resourceId") or record.get("operationId"))
            figures = (record["kind"], record.get("interactionId"), record.get("resourceId"), record["creditsConsumed"])
            operations[key] = figures
        elif record["status"] == "metered":
            counts = (record["inputTokens"], record.get("outputTokens", 0), record.get("cachedInputTokens", 0))
            price = LISTED[record["model"]].of(Tokens(*map(int, counts)))
            operations[record["kind"], record["resourceId"]] = (record["kind"], None, record["resourceId"], price)
    return Counter(operations.values())
