"""The snippets of docs/capture do what the pages say."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from ingest.settings import CHECKOUT
from ingest.simulator.serving import simulated
from ingest.simulator.state import Simulator
from tests.ingest.capture.gateways import gateway_process, landed
from tests.ingest.capture.node import node_folder, node_program, run_node
from tests.ingest.capture.sessions import captured, charged

PAGES = CHECKOUT / "docs" / "capture"


def snippet(page: str, language: str, number: int = 0) -> str:
    """A block of code of a page."""
    return re.findall(rf"```{language}\n(.*?)```", (PAGES / page).read_text(), re.DOTALL)[number]


SESSION = "6c1e0f8b-3b1f-4a55-9a55-0d6f3c9e1a01"
HOOKED = """
import { CortiClient } from "@corti/sdk";
import { capturing } from "./capture.mjs";
const [base] = process.argv.slice(2);
const environment = { base: `${base}/v2`, wss: base, login: `${base}/realms`, agents: base };
const fetch = capturing({ userId: "user-1", tenantId: "tenant-1" }, "eu", "acme");
const auth = { clientId: "id", clientSecret: "secret" };
const client = new CortiClient({ tenantName: "acme", environment, auth, fetch });
const { interactionId } = await client.interactions.create({
    encounter: { identifier: "e", status: "planned", type: "first_consultation" } });
const { recordingId } = await client.recordings.upload(Buffer.alloc(1000), interactionId);
await client.transcripts.create(interactionId, { recordingId, primaryLanguage: "en" });
const document = { context: [{ type: "string", data: "x" }], templateKey: "t", outputLanguage: "en" };
await client.documents.create(interactionId, document);
const context = [{ type: "text", text: "x" }];
await client.facts.extract({ context, outputLanguage: "en" });
await client.codes.predict({ system: ["icd10cm-outpatient"], context });
const { access_token } = await client.auth.getToken({ clientId: "id", clientSecret: "secret" })
    .then((token) => ({ access_token: token.accessToken }));
const headers = { authorization: `Bearer ${access_token}` };
await fetch(`${base}/v2/documents/`, { method: "POST", headers, body: "{}" });
for (const action of ["no_usage", "cut_short", "charge_then_status"]) {
    await globalThis.fetch(`${base}/_faults`, { method: "POST", body: JSON.stringify({ action }) });
    await fetch(`${base}/v2/tools/coding/`, { method: "POST", headers, body: "{}" }).catch(() => {});
}
"""


def test_the_fetch_hook_writes_what_corti_charged(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    node, simulator = node_folder(tmp_path_factory), Simulator(seed=41)
    (node / "capture.mjs").write_text((PAGES / "capture.mjs").read_text())
    with simulated(simulator) as corti:
        run_node(node_program(), node, HOOKED, corti.http, CREDITS_HOME=str(tmp_path))
    records = landed(tmp_path)
    assert captured(records) == charged(simulator.ledger)
    assert Counter(record["status"] for record in records) == {"final": 5, "unreported": 3}
    assert {(record["userId"], record["tenantId"], record["environment"]) for record in records} == {
        ("user-1", "tenant-1", "eu")
    }
    assert len({record["recordId"] for record in records}) == 8


UNWRITABLE = """
import { capturing } from "./capture.mjs";
const [base] = process.argv.slice(2);
const answer = await capturing()(`${base}/v2/tools/coding/`, { method: "POST", body: "{}" });
console.log(answer.status);
"""


def test_the_fetch_hook_breaks_no_call_where_nothing_can_be_written(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    node = node_folder(tmp_path_factory)
    (node / "capture.mjs").write_text((PAGES / "capture.mjs").read_text())
    (tmp_path / "no folder").touch()
    with simulated(Simulator(seed=47)) as corti:
        said = run_node(node_program(), node, UNWRITABLE, corti.http, CREDITS_HOME=str(tmp_path / "no folder"))
    assert said.strip() == "401"


def test_the_gateway_recipe_captures_a_transcript_that_is_read_to_its_end(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    node, simulator = node_folder(tmp_path_factory), Simulator(seed=43, processing_seconds=0.3)
    with simulated(simulator) as corti, gateway_process(corti, tmp_path) as gateway:
        client = snippet("javascript.md", "js", 0).replace("127.0.0.1:8790", gateway.served.http[7:])
        transcript = snippet("async-transcripts.md", "js").replace("5_000", "100")
        prepared = """
            const { interactionId } = await client.interactions.create({
                encounter: { identifier: "e", status: "planned", type: "first_consultation" } });
            const { recordingId } = await client.recordings.upload(Buffer.alloc(1000), interactionId);
        """
        simulator.faults.arm_json({"action": "cut_over"})
        run_node(
            node_program(), node, client + prepared + transcript, CORTI_CLIENT_ID="id", CORTI_CLIENT_SECRET="secret"
        )
        gateway.stop()
    records = landed(tmp_path)
    assert captured(records) == charged(simulator.ledger)
    assert [record["status"] for record in records if "creditsConsumed" in record] == ["provisional", "final"]


def test_the_backend_of_dictation_writes_one_operation_a_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDITS_HOME", str(tmp_path))
    names: dict[str, object] = {}
    exec(snippet("browser-dictation.md", "python"), names)
    on_usage, spool = names["on_usage"], names["spool"]
    assert callable(on_usage)
    for status, digits in (("estimate", "0.0312"), ("estimate", "0.0791"), ("final", "0.08340")):
        sent = json.dumps({"session": SESSION, "status": status}).replace("}", f', "credits": {digits}}}')
        on_usage(json.loads(sent, parse_float=str, parse_int=str), "user-7")
    spool.close()  # type: ignore[attr-defined]
    text = "".join(path.read_text() for path in (tmp_path / "landing" / "usage_records").glob("*.jsonl"))
    assert text.count(f'"operationId":"{SESSION}"') == 3 and '"creditsConsumed":0.08340' in text
