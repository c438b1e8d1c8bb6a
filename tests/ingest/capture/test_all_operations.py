"""No operation that costs something is missed, in any way of capture, plain or streamed."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from ingest.capture.log_replay import import_log
from ingest.capture.spool import Spool
from ingest.capture.transport import CaptureTransport
from ingest.settings import CHECKOUT
from ingest.simulator.serving import Served
from tests.ingest.capture.bodies import CLINICAL
from tests.ingest.capture.gateways import gateway_here, landed, upstreams_of
from tests.ingest.capture.loopback_corti import Answer, loopback_corti
from tests.ingest.capture.node import node_program, run_node
from tests.ingest.capture.operations import OPERATIONS, PAGE, WAYS, Trial, page, trials

TRIALS = trials()
HOOK = CHECKOUT / "docs" / "capture" / "capture.mjs"
SECRET = "Zzsecret"
MARKED = {
    "Authorization": f"Bearer {SECRET}",
    "X-Corti-Analytics": json.dumps(
        {"integration": "Ward 3", "workflow": f"{CLINICAL}, <b>", "patient": CLINICAL, "sdk_version": SECRET}
    ),
    "X-Anything": CLINICAL,
}
REQUEST = json.dumps({"prompt": CLINICAL, "messages": [{"role": "user", "content": CLINICAL}]}).encode()
CALLS = """
import { readFileSync } from "node:fs";
import { capturing } from "./capture.mjs";
const fetch = capturing({}, "eu", "acme");
for (const { method, url, headers, body } of JSON.parse(readFileSync("calls.json"))) {
    const sent = ["GET", "HEAD"].includes(method) ? undefined : body;
    await (await fetch(url, { method, headers, body: sent })).text();
}
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, bool, str], list[dict[str, Any]]]:
    """The records of each trial in each way, by their figures."""
    ways: dict[str, Callable[[Path], None]] = {
        "gateway": _through_gateway,
        "httpx": _through_httpx,
        "JavaScript": lambda home: _through_node(home, tmp_path_factory),
        "log import": _as_log,
    }
    records = {}
    for way in WAYS:
        home = tmp_path_factory.mktemp("home")
        ways[way](home)
        text = "".join(path.read_text() for path in home.rglob("*.jsonl"))
        for mark in (CLINICAL, "CLINICAL", SECRET, "<b>", "sdk_version"):
            assert mark not in text, f"{mark} reached a record by {way}"
        by_figure = {_figure(record): record for record in landed(home)}
        assert len(by_figure) == len(landed(home)), f"a call left two records by {way}"
        for trial in TRIALS:
            one = by_figure.pop(trial.figure, None)
            records[trial.operation.name, trial.is_streamed, way] = [one] if one else []
        assert by_figure == {}
    return records


def _figure(record: dict[str, Any]) -> object:
    credits = record.get("creditsConsumed")
    return int(Decimal(credits) * 1000) if credits is not None else int(record.get("inputTokens", -1))


def _answers() -> list[Answer]:
    return [Answer(200, trial.body(), {"Content-Type": trial.content_type}) for trial in TRIALS]


def _call_all(client: httpx.Client, base: str) -> None:
    for trial in TRIALS:
        operation = trial.operation
        client.request(operation.method, base + operation.address(), headers=MARKED, content=REQUEST)


def _through_gateway(home: Path) -> None:
    spool = Spool(home / "landing")
    with loopback_corti(*_answers()) as corti:
        at = Served("127.0.0.1", int(corti.base.rpartition(":")[2]))
        with gateway_here(upstreams_of(at), spool) as gateway, httpx.Client(timeout=60) as client:
            _call_all(client, gateway.http)
    spool.close()


def _through_httpx(home: Path) -> None:
    spool = Spool(home / "landing")
    transport = CaptureTransport(httpx.HTTPTransport(), spool)
    with loopback_corti(*_answers()) as corti, httpx.Client(transport=transport, timeout=60) as client:
        _call_all(client, corti.base)
    spool.close()


def _through_node(home: Path, factory: pytest.TempPathFactory) -> None:
    with loopback_corti(*_answers()) as corti:
        calls = [
            {
                "method": trial.operation.method,
                "url": corti.base + trial.operation.address(),
                "headers": MARKED,
                "body": REQUEST.decode(),
            }
            for trial in TRIALS
        ]
        folder = factory.mktemp("calls")
        (folder / "capture.mjs").write_text(HOOK.read_text())
        (folder / "calls.json").write_text(json.dumps(calls))
        run_node(node_program(), folder, CALLS, CREDITS_HOME=str(home))


def _as_log(home: Path) -> None:
    log = home / "app.log"
    lines = []
    for trial in TRIALS:
        body = trial.body().decode()
        line = {
            "method": trial.operation.method,
            "url": "https://api.eu.corti.app" + trial.operation.address() + f"?token={SECRET}",
            "status": 200,
            "headers": {"content-type": trial.content_type, **MARKED},
            "metadata": {"note": CLINICAL, "label": f"{CLINICAL}!"},
            "body": body if trial.is_streamed else json.loads(body),
            "request": REQUEST.decode(),
            "time": f"2026-03-02T09:20:{trial.figure % 60:02d}Z",
        }
        lines.append(json.dumps(line))
    log.write_text("\n".join(lines))
    import_log(log, home / "landing")


def test_the_list_has_all_operations_that_are_known() -> None:
    assert len({operation.name for operation in OPERATIONS}) == len(OPERATIONS)
    assert sum(operation.since == "1.0" for operation in OPERATIONS) == 41
    assert sum(operation.since != "Models" for operation in OPERATIONS) >= 99
    assert sum(operation.since == "Models" for operation in OPERATIONS) == 5


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: f"{trial.operation.name}-{trial.is_streamed}")
def test_what_costs_something_is_captured_and_nothing_else(
    found: dict[tuple[str, bool, str], list[dict[str, Any]]], trial: Trial, way: str
) -> None:
    operation = trial.operation
    records = found[operation.name, trial.is_streamed, way]
    if operation.cost == "nothing":
        assert records == []
        return
    [record] = records
    assert record["status"] == ("metered" if operation.cost == "tokens" else "final")
    assert record["source"] == ("read" if operation.cost == "repeats" else "created")
    assert ("creditsConsumed" in record) == (operation.cost != "tokens")
    agent = {"agent": "agt.7a1"} if "{agent}" in operation.path else {}
    assert record["dimensions"] == {
        **agent,
        **({"label": "l-1"} if operation.shape == "guided" else {}),
        "integration": "Ward 3",
    }


def test_every_way_says_the_same_of_a_call(found: dict[tuple[str, bool, str], list[dict[str, Any]]]) -> None:
    own = ("recordId", "operationId", "capturedAt", "environment", "cortiTenant")
    for trial in TRIALS:
        seen = [
            [{name: value for name, value in record.items() if name not in own} for record in records]
            for records in (found[trial.operation.name, trial.is_streamed, way] for way in WAYS)
        ]
        assert all(one == seen[0] for one in seen[1:]), trial.operation.name


def test_the_page_in_the_repository_says_what_was_found(
    found: dict[tuple[str, bool, str], list[dict[str, Any]]], tmp_path: Path
) -> None:
    statuses = {key: _said(records) for key, records in found.items()}
    made = tmp_path / PAGE.name
    made.write_text(page(statuses))
    assert PAGE.is_file() and PAGE.read_text() == made.read_text(), f"copy {made} to {PAGE}, and commit it"


def _said(records: list[dict[str, Any]]) -> tuple[str, str]:
    if not records:
        return "-", "-"
    [record] = records
    return f"`{record['kind']}`", record["status"] + (", read" if record["source"] == "read" else "")
