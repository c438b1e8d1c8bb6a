"""`credits pull` as a person calls it, and what a pull leaves in Dagster's storage."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import dagster as dg
import pytest

from ingest.settings import CHECKOUT
from ingest.simulator.faults import Fault
from ingest.simulator.invention import MARKER
from ingest.simulator.serving import simulated
from ingest.simulator.state import Simulator
from orchestration.defs.corti import corti_view

SECRET, PASSWORD = "hush-hush-client-secret", "hush-hush-password"
HIDDEN = (MARKER, SECRET, PASSWORD, "secret-token")


@pytest.fixture
def simulator() -> Simulator:
    simulator = Simulator()
    simulator.insert_interactions(3, 3600)
    for interaction in simulator.interactions.values():
        usage = {"creditsConsumed": Decimal("0.5")}
        body = {"id": f"d-{interaction.id}", "name": simulator.invention.text(), "usageInfo": usage}
        interaction.documents[body["id"]] = {**body, "createdAt": interaction.created_at}
        interaction.encounter |= {"identifier": simulator.invention.text(), "title": simulator.invention.text()}
    return simulator


@pytest.fixture
def environment(simulator: Simulator, tmp_path: Path) -> Iterator[dict[str, str]]:
    with simulated(simulator) as served:
        (tmp_path / "secret").write_text(SECRET)
        start = "CREDITS_CORTI_MAIN_"
        yield {
            "CREDITS_HOME": str(tmp_path / "home"),
            "CREDITS_CORTI_ACCOUNTS": "main",
            f"{start}ENVIRONMENT": "eu",
            f"{start}TENANT": "acme",
            f"{start}CLIENT_ID": "client",
            f"{start}CLIENT_SECRET_FILE": str(tmp_path / "secret"),
            f"{start}API_URL": f"{served.http}/v2",
            f"{start}LOGIN_URL": f"{served.http}/realms",
            f"{start}ADMIN_URL": f"{served.http}/functions/v1/public",
            f"{start}ADMIN_EMAIL": "a@clinic.test",
            f"{start}ADMIN_PASSWORD": PASSWORD,
            f"{start}ADMIN_PROJECT": "p1",
        }


def pull(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "orchestration.cli", "pull"]
    environ = {**os.environ, **environment}
    return subprocess.run(command, cwd=CHECKOUT, env=environ, capture_output=True, text=True, check=False)


def test_a_pull_says_what_it_did(environment: dict[str, str]) -> None:
    done = pull(environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert "main: 3 interactions, 3 of them listed with 3 resources, 35 days complete, 0 failed" in done.stdout
    assert "main: 9 totals of 3 users from the console" in done.stdout
    assert not any(word in done.stdout for word in HIDDEN)


def test_without_an_account_it_is_one_clear_line(environment: dict[str, str]) -> None:
    without = {name: value for name, value in environment.items() if not name.startswith("CREDITS_CORTI_")}
    done = pull(without)
    assert done.returncode == 2
    assert done.stderr.startswith("credits: no Corti account is configured: name one in CREDITS_CORTI_ACCOUNTS")
    assert len(done.stderr.splitlines()) == 1


def test_an_account_that_is_refused_is_one_clear_line_without_its_secret(
    environment: dict[str, str], simulator: Simulator
) -> None:
    simulator.faults.arm(Fault("status", "/realms/", status=401, times=0))
    done = pull(environment)
    assert done.returncode == 1
    assert done.stderr.startswith("credits: main: Corti refuses the login (401)")
    assert len(done.stderr.splitlines()) == 1
    assert SECRET not in done.stdout + done.stderr


def stopped(environment: dict[str, str], simulator: Simulator, how: signal.Signals) -> tuple[int, str]:
    """A pull that gets a signal while it waits for a list of the last interaction: its exit code and its error line."""
    last = [*simulator.interactions][-1]
    simulator.faults.arm(Fault("slow", f"/interactions/{last}/recordings/", seconds=60))
    command = [sys.executable, "-m", "orchestration.cli", "pull"]
    environ = {**os.environ, **environment}
    with subprocess.Popen(command, cwd=CHECKOUT, env=environ, stderr=subprocess.PIPE, text=True) as process:
        while simulator.faults._armed:
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(how)
        _, said = process.communicate(timeout=60)
    return process.returncode, said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_pull_that_somebody_stops_delivers_what_it_has(
    environment: dict[str, str], simulator: Simulator, number: signal.Signals
) -> None:
    code, said = stopped(environment, simulator, number)
    assert (code, said) == (128 + number, "credits: stopped; the next run continues from there.\n")
    pulls = (Path(environment["CREDITS_HOME"]) / "landing" / "corti" / "pulls").glob("*.jsonl")
    assert '"outcome":"failed"' in (days := "".join(path.read_text() for path in pulls))
    assert '"reason":"interrupted"' in days
    assert "0 failed" in pull(environment).stdout


def test_a_pull_that_is_killed_leaves_nothing_half_done_and_the_next_one_does_it_all(
    environment: dict[str, str], simulator: Simulator
) -> None:
    assert stopped(environment, simulator, signal.SIGKILL)[0] == -signal.SIGKILL
    corti = Path(environment["CREDITS_HOME"]) / "landing" / "corti"
    assert [*corti.rglob("*.jsonl")] == []
    assert "3 of them listed with 3 resources" in pull(environment).stdout
    assert "0 of them listed with 0 resources" in pull(environment).stdout


async def at_once(_: float) -> None:
    """Does not wait before the next attempt."""


@pytest.mark.parametrize("fault", [None, "status", "broken_json"])
def test_nothing_that_is_hidden_reaches_dagsters_storage(
    environment: dict[str, str],
    simulator: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    fault: str | None,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    if fault:
        simulator.faults.arm(Fault(fault, "/documents/", status=429, times=40))
        monkeypatch.setattr("ingest.corti.retrying.pause", at_once)
    (tmp_path / "dagster").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "dagster")) as instance:
        dg.materialize([corti_view], instance=instance, raise_on_error=False)
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "secret"]
    assert any(path.suffix == ".db" for path in files)
    for path in files:
        content = path.read_bytes()
        assert not [word for word in HIDDEN if word.encode() in content], path
