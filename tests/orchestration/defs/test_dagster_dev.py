"""`dagster dev` as `make dev` starts it, from a clean copy of the checkout, driven over its GraphQL interface."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.orchestration.homes import CHECKOUT, Home
from tests.orchestration.sessions import gone

PARTS = ("dagster.yaml", "workspace.yaml", "ingest", "orchestration", "dbt_project")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "target", "logs", ".user.yml")
SELECTOR = {"repositoryLocationName": "orchestration.definitions", "repositoryName": "__repository__"}
LOCATIONS = """
{ workspaceOrError { ... on Workspace { locationEntries { name locationOrLoadError {
    __typename ... on PythonError { message } } } } } }
"""
SENSOR = """
query ($selector: SensorSelector!) { sensorOrError(sensorSelector: $selector) { ... on Sensor {
    id sensorState { id selectorId status ticks(limit: 5) { status skipReason } } } } }
"""
STOP = "mutation ($id: String!) { stopSensor(id: $id) { __typename } }"
LAUNCH = """
mutation ($selector: JobOrPipelineSelector!) {
    launchRun(executionParams: { selector: $selector, mode: "default" }) {
        __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }
"""
RUN = "query ($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"


@dataclass(frozen=True)
class Served:
    """A Dagster that answers."""

    url: str

    def ask(self, query: str, **variables: object) -> dict[str, Any]:
        answer = httpx.post(f"{self.url}/graphql", json={"query": query, "variables": variables}, timeout=60).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def launch(self) -> str:
        launched = self.ask(LAUNCH, selector={**SELECTOR, "jobName": "credits_job"})["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return launched["run"]["runId"]

    def ended(self, run: str) -> str:
        """How the run ended; waits for it."""
        for _ in range(600):
            status = self.ask(RUN, id=run)["runOrError"]["status"]
            if status in {"SUCCESS", "FAILURE", "CANCELED"}:
                return status
            time.sleep(0.5)
        return "still running"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def dagster_dev(home: Home, folder: Path) -> Iterator[Served]:
    """Start it in a clean copy of the checkout below `folder`; end it with all its children."""
    copy, dagster_home = folder / "checkout", folder / "dagster"
    dagster_home.mkdir()
    for name in PARTS:
        source = CHECKOUT / name
        shutil.copytree(source, copy / name, ignore=LEFT_OUT) if source.is_dir() else shutil.copy(source, copy / name)
    shutil.copy(copy / "dagster.yaml", dagster_home)
    port = str(free_port())
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dagster", "dev", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", port],
            cwd=copy,
            env=home.environment(DAGSTER_HOME=str(dagster_home)),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield Served(answering(f"http://127.0.0.1:{port}", process, folder / "log"))
        finally:
            process.send_signal(signal.SIGTERM)
            if not gone(process.pid, seconds=30):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def answering(url: str, process: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(600):
        try:
            if httpx.get(f"{url}/server_info").is_success:
                return url
        except httpx.TransportError:
            pass
        assert process.poll() is None, log.read_text()[-3000:]
        time.sleep(0.2)
    pytest.fail(f"it does not answer: {log.read_text()[-3000:]}")


def test_clean_checkout_is_served_and_its_job_publishes(home: Home, tmp_path: Path) -> None:
    (tmp_path / "checkout").mkdir()
    before = home.manifest()
    with dagster_dev(home, tmp_path) as dagster:
        [location] = dagster.ask(LOCATIONS)["workspaceOrError"]["locationEntries"]
        assert location["name"] == SELECTOR["repositoryLocationName"]
        assert location["locationOrLoadError"]["__typename"] == "RepositoryLocation", location
        sensor = dagster.ask(SENSOR, selector={**SELECTOR, "sensorName": "new_files"})["sensorOrError"]
        assert sensor["sensorState"]["status"] == "RUNNING"
        dagster.ask(STOP, id=sensor["sensorState"]["id"])  # its run would be a second
        home.deliver("more.jsonl", {"creditsConsumed": 1, "createdAt": "2026-01-01"})
        assert dagster.ended(dagster.launch()) == "SUCCESS"
        after = home.manifest()
    assert after["totals"]["operations"] == before["totals"]["operations"] + 1
    assert not list((tmp_path / "checkout").rglob("*.duckdb"))
