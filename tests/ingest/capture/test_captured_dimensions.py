"""Where the dimensions of a record come from, and which of them wins."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from ingest.capture.spool import Spool
from ingest.capture.transport import CaptureTransport
from ingest.contract.call import CallContext
from ingest.simulator.serving import Served
from ingest.simulator.state import Simulator
from orchestration.cli import main
from tests.ingest.capture.bodies import CLINICAL, CONTEXT, guided_document, lines_of
from tests.ingest.capture.gateways import gateway_here, gateway_process, landed, upstreams_of
from tests.ingest.capture.loopback_corti import json_answer, loopback_corti
from tests.ingest.capture.sessions import Session
from tests.ingest.capture.talking import opened

CODING = "/v2/tools/coding/"
ANALYTICS = json.dumps({"sdk_version": "5.0.0", "sdk_type": "corti", "workflow": "ward 3", "patient": CLINICAL})


def test_of_a_guided_document_the_template_and_the_labels_with_listed_keys_are_kept() -> None:
    body = guided_document(saved=True)
    made = body["document"]
    assert isinstance(made, dict)
    labels = [{"key": "workflow", "value": "a"}, {"key": "Workflow", "value": "b"}, {"key": "note", "value": CLINICAL}]
    made["labels"] = [*labels, {"key": "label", "value": "x, y"}, {"key": "document_type"}, "workflow", None]
    [record] = lines_of("POST", "/v2/documents/", 201, body)
    assert record["dimensions"] == {"template": made["templateId"], "workflow": "a"}
    made["labels"] = [{"key": "template", "value": "own"}]
    [record] = lines_of("POST", "/v2/documents/", 201, body)
    assert record["dimensions"] == {"template": "own"}


@pytest.mark.parametrize("template", [CLINICAL, "Doe", "x" * 300, 7, None, {"id": "t-1"}])
def test_a_template_is_an_id_or_a_key_and_no_text(template: object) -> None:
    body = {"id": "d-1", "templateRef": template, "usageInfo": {"creditsConsumed": 1}}
    [record] = lines_of("POST", "/v2/interactions/i-1/documents/", 201, body)
    assert record.get("dimensions") == ({"template": "7"} if template == 7 else None)


def test_only_listed_keys_are_kept_also_of_what_an_answer_tells() -> None:
    context = CONTEXT._replace(dimension_keys=("workflow",))
    [record] = lines_of("POST", "/v2/documents/", 201, guided_document(saved=True), context=context)
    assert "dimensions" not in record


def test_the_application_wins_over_the_header_and_the_header_over_the_answer() -> None:
    context = CallContext.mint(
        dimensions={"workflow": "own", "label": 7}, analytics='{"workflow": "header", "template": "header"}'
    )
    [record] = lines_of("POST", "/v2/documents/", 201, guided_document(saved=True), context=context)
    assert record["dimensions"] == {"template": "header", "workflow": "own"}


@pytest.mark.parametrize(
    "header", ["", "{", "[]", "null", "7", '"x"', "{}", '{"workflow": {"a": 1}}', "[" * 100_000, "{" + " " * 5000 + "}"]
)
def test_a_header_that_is_no_short_object_gives_nothing(header: str) -> None:
    assert CallContext.mint(analytics=header).dimensions is None


def test_the_gateway_takes_them_from_the_header_and_passes_it_on(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "landing")
    with loopback_corti(json_answer({"usageInfo": {"creditsConsumed": 1}}, 200)) as corti:
        at = Served("127.0.0.1", int(corti.base.rpartition(":")[2]))
        with gateway_here(upstreams_of(at), spool) as gateway, httpx.Client() as client:
            client.post(gateway.http + CODING, headers={"X-Corti-Analytics": ANALYTICS})
            client.post(gateway.http + CODING)
        assert corti.asked[0][2]["x-corti-analytics"] == ANALYTICS
    spool.close()
    first, second = landed(tmp_path)
    assert (first["dimensions"], second.get("dimensions")) == ({"workflow": "ward 3"}, None)


def test_a_socket_has_them_from_its_query_too(tmp_path: Path, upstream: Served) -> None:
    spool = Spool(tmp_path / "landing")

    async def talk(gateway: Served) -> None:
        query = str(httpx.QueryParams({"x-corti-analytics": ANALYTICS, "token": "Zzsecret"}))
        async with opened(gateway, f"/audio-bridge/v2/interactions/i-1/streams?{query}") as socket:
            await socket.send(json.dumps({"type": "usage", "credits": 0.5}))
            await socket.recv()

    with gateway_here(upstreams_of(upstream), spool) as gateway:
        asyncio.run(talk(gateway))
    spool.close()
    [record] = landed(tmp_path)
    assert record["dimensions"] == {"workflow": "ward 3"}
    assert "Zzsecret" not in str(record) and CLINICAL not in str(record)


def test_the_httpx_transport_takes_them_from_the_extensions_and_the_header(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "landing")
    with loopback_corti(json_answer({"usageInfo": {"creditsConsumed": 1}}, 200)) as corti:
        transport = CaptureTransport(httpx.HTTPTransport(), spool, dimension_keys=["workflow", "ward"])
        with httpx.Client(transport=transport) as client:
            own = {"credits_dimensions": {"workflow": "own", "ward": "7", "agent": "a-1"}}
            client.post(corti.base + CODING, headers={"X-Corti-Analytics": ANALYTICS}, extensions=own)
            client.post(corti.base + CODING, headers={"X-Corti-Analytics": ANALYTICS})
            client.post(corti.base + CODING, extensions={"credits_dimensions": "no mapping"})
    spool.close()
    assert [record.get("dimensions") for record in landed(tmp_path)] == [
        {"ward": "7", "workflow": "own"},
        {"workflow": "ward 3"},
        None,
    ]


def test_the_setting_names_the_keys_that_the_commands_keep(
    tmp_path: Path, simulator: Simulator, corti: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDITS_DIMENSIONS", "ward")
    monkeypatch.setenv("CREDITS_HOME", str(tmp_path))
    given = json.dumps({"ward": "7", "workflow": "x"})
    with gateway_process(corti, tmp_path) as gateway:
        Session(gateway.served, {"X-Corti-Analytics": given}).post(CODING, {})
        assert gateway.stop() == 0
    line = {"method": "POST", "path": CODING, "status": 200, "body": {}, "metadata": json.loads(given)}
    (tmp_path / "app.log").write_text(json.dumps(line))
    assert CliRunner().invoke(main, ["capture", "import", str(tmp_path / "app.log")]).exit_code == 0
    assert [record["dimensions"] for record in landed(tmp_path)] == [{"ward": "7"}] * 2
