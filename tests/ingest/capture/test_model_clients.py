"""OpenAI's and Anthropic's own clients at Corti Models, through the gateway and through the fetch hook."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ingest.settings import CHECKOUT
from ingest.simulator.serving import serving, simulated
from ingest.simulator.state import Simulator
from tests.ingest.capture.gateways import gateway_process, landed
from tests.ingest.capture.node import node_folder, node_program, run_node
from tests.ingest.capture.sessions import captured, charged
from tests.ingest.capture.test_gateway_models import PIECE, Talking

HOOK = CHECKOUT / "docs" / "capture" / "capture.mjs"
STREAM = """
import { capturing } from "./capture.mjs";
const [base, leaves] = process.argv.slice(2);
const answer = await capturing()(`${base}/v1/chat/completions`, { method: "POST", body: "{}" });
const reader = answer.body.getReader();
const { value } = await reader.read();
console.log(value.length);
if (leaves) await reader.cancel();
else {
    await fetch(`${base}/go-on`, { method: "POST" });
    while (!(await reader.read()).done) continue;
}
"""


@pytest.mark.parametrize("way", ["gateway", "hook"])
def test_what_the_clients_were_charged_is_captured(
    way: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    node, simulator = node_folder(tmp_path_factory), Simulator(seed=53)
    script = (node / "models.mjs").read_text()
    with simulated(simulator) as corti:
        if way == "hook":
            shutil.copy(HOOK, node / "capture.mjs")
            run_node(node_program(), node, script, corti.http, "./capture.mjs", CREDITS_HOME=str(tmp_path))
        else:
            with gateway_process(corti, tmp_path) as gateway:
                run_node(node_program(), node, script, gateway.served.http)
                assert gateway.stop() == 0
    records = landed(tmp_path)
    assert len(records) == 9 and captured(records) == charged(simulator.ledger)
    assert {record["status"] for record in records} == {"metered"}
    assert {(record["cortiTenant"], record["environment"]) for record in records} == {("acme", "test")}
    assert all(record["dimensions"] == {"workflow": "ward 3"} for record in records)


@pytest.mark.parametrize("leaves", [False, True])
def test_a_stream_passes_the_hook_as_it_comes(leaves: bool, tmp_path: Path) -> None:
    model = Talking()
    (tmp_path / "capture.mjs").write_text(HOOK.read_text())
    with serving(model) as upstream:
        said = run_node(
            node_program(), tmp_path, STREAM, upstream.http, *(["leaves"] if leaves else []), CREDITS_HOME=str(tmp_path)
        )
        assert not leaves or model.left.wait(10)
    assert int(said) <= len(PIECE)
    [record] = landed(tmp_path)
    assert record["status"] == ("unreported" if leaves else "metered")
