"""Corti's own SDK for JavaScript, in Node: what it sees through the gateway, and what is written down meanwhile."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ingest.simulator.serving import simulated
from ingest.simulator.state import Simulator
from tests.ingest.capture.gateways import gateway_process, landed
from tests.ingest.capture.node import node_folder
from tests.ingest.capture.sessions import captured, charged

SEED = 21
TIMES = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@dataclass(frozen=True)
class Seen:
    """What the SDK saw, what was charged for it, and what was written down."""

    lines: list[dict[str, Any]]
    simulator: Simulator
    records: list[dict[str, Any]]
    said: str


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return node_folder(tmp_path_factory)


def session_in_node(node: Path, base: str, simulator: str) -> list[dict[str, Any]]:
    """Run the script; what it printed."""
    command = [str(shutil.which("node")), "session.mjs", base, simulator]
    ended = subprocess.run(command, cwd=node, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    return [json.loads(line) for line in ended.stdout.splitlines()]


@pytest.fixture(scope="module")
def direct(node: Path) -> list[dict[str, Any]]:
    with simulated(Simulator(seed=SEED)) as corti:
        return session_in_node(node, corti.http, corti.http)


@pytest.fixture(scope="module")
def through(node: Path, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    simulator, home = Simulator(seed=SEED), tmp_path_factory.mktemp("home")
    with simulated(simulator) as corti, gateway_process(corti, home) as gateway:
        lines = session_in_node(node, gateway.served.http, corti.http)
        assert gateway.stop() == 0
        return Seen(lines, simulator, landed(home), "".join(gateway.said))


def test_the_sdk_sees_the_same_through_the_gateway(direct: list[Mapping[str, Any]], through: Seen) -> None:
    assert len(through.lines) == len(direct) > 25
    for straight, passed in zip(direct, through.lines, strict=True):
        assert timeless(passed) == timeless(straight)


def timeless(line: Mapping[str, Any]) -> str:
    """A line without the seconds at which it happened."""
    return TIMES.sub("(time)", json.dumps(line))


def test_records_equal_what_corti_charged(through: Seen) -> None:
    assert captured(through.records) == charged(through.simulator.ledger)
    assert {charge.kind for charge in through.simulator.ledger.charges} == {
        "transcript",
        "document",
        "facts",
        "codes",
        "agent_task",
        "stream",
        "transcribe",
    }


def test_the_socket_that_dropped_and_its_successor_are_two_operations(through: Seen) -> None:
    streams = [record for record in through.records if record["kind"] == "stream"]
    assert [record["status"] for record in streams] == ["final", "estimate", "final"]
    assert len({record["operationId"] for record in streams}) == 3


def test_the_attempt_that_failed_and_was_retried_is_told_of(through: Seen) -> None:
    codes = [(record["kind"], record["status"]) for record in through.records if record["kind"] == "codes"]
    assert sorted(codes) == [("codes", "final"), ("codes", "final"), ("codes", "unreported")]


def test_records_say_whose_calls_they_were_and_the_log_says_nothing(through: Seen) -> None:
    calls = [record for record in through.records if record["kind"] not in ("stream", "transcribe")]
    assert {(record["userId"], record["tenantId"], record["cortiTenant"]) for record in calls} == {
        ("user-1", "tenant-1", "acme")
    }
    sockets = [record for record in through.records if record["kind"] in ("stream", "transcribe")]
    assert {record["cortiTenant"] for record in sockets} == {"acme"}
    assert len(through.said.splitlines()) == 2, through.said
