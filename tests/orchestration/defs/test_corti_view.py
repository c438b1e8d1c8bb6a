"""Corti's view in Dagster: skipped if nothing is configured, materialized if the pull succeeded, failed if not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from ingest.settings import load_settings
from ingest.simulator.faults import Fault
from ingest.simulator.serving import simulated
from ingest.simulator.state import Simulator
from orchestration.defs.automation import everything
from orchestration.defs.corti import corti_job, corti_view, daily

KEYS = {("corti", "interactions"), ("corti", "reads"), ("corti", "consumption")}
SECRET = "hush-hush-client-secret"


@pytest.fixture
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without any account."""
    monkeypatch.setenv("CREDITS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CREDITS_CORTI_ACCOUNTS", raising=False)
    return tmp_path / "home"


@pytest.fixture
def simulator(nobody: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """The same home with an account at a simulated Corti, which has an interaction."""
    simulator = Simulator()
    simulator.insert_interactions(1, 60)
    with simulated(simulator) as served:
        names = {"ENVIRONMENT": "eu", "TENANT": "acme", "CLIENT_ID": "client", "CLIENT_SECRET": SECRET}
        urls = {"API_URL": f"{served.http}/v2", "LOGIN_URL": f"{served.http}/realms"}
        monkeypatch.setenv("CREDITS_CORTI_ACCOUNTS", "main")
        for name, value in (names | urls).items():
            monkeypatch.setenv(f"CREDITS_CORTI_MAIN_{name}", value)
        yield simulator


def materialised(instance: dg.DagsterInstance) -> tuple[bool, set[tuple[str, ...]]]:
    """Whether a run succeeded, and what it materialised."""
    result = dg.materialize([corti_view], instance=instance, raise_on_error=False)
    events = result.get_asset_materialization_events()
    return result.success, {tuple(event.asset_key.path) for event in events if event.asset_key}


@pytest.mark.usefixtures("nobody")
def test_without_an_account_the_assets_are_skipped_and_say_why() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert materialised(instance) == (True, set())
        observed = [instance.fetch_observations(dg.AssetKey([*key]), limit=5).records for key in KEYS]
    for records in observed:
        assert [
            str(record.asset_observation and record.asset_observation.metadata["state"].value) for record in records
        ] == ["not configured"]


@pytest.mark.usefixtures("nobody")
def test_without_an_account_the_schedule_starts_nothing_and_says_why() -> None:
    context = dg.build_schedule_context()
    answer = daily(context)
    assert isinstance(answer, dg.SkipReason)
    assert "CREDITS_CORTI_ACCOUNTS" in str(answer.skip_message)


@pytest.mark.usefixtures("simulator")
def test_with_an_account_what_was_asked_is_materialised() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert materialised(instance) == (True, {("corti", "interactions"), ("corti", "reads")})
    assert isinstance(daily(dg.build_schedule_context()), dg.RunRequest)
    assert len([*load_settings().landing.glob("corti/interactions/*.jsonl")]) == 1


def test_a_pull_that_ends_early_fails_and_keeps_what_it_got(simulator: Simulator) -> None:
    simulator.faults.arm(Fault("status", "/documents/", times=0, status=429))
    with dg.DagsterInstance.ephemeral() as instance:
        success, found = materialised(instance)
        assert (success, found) == (False, {("corti", "reads")})
        (run,) = instance.get_runs()
        logs = "".join(str(entry) for entry in instance.all_logs(run.run_id))
    assert "A0021" in logs
    assert SECRET not in logs
    assert len([*load_settings().landing.glob("corti/pulls/*.jsonl")]) == 1


def test_the_job_of_the_schedule_asks_corti_and_the_warehouses_own_jobs_do_not() -> None:
    assert corti_job.selection == dg.AssetSelection.groups("corti")
    assert everything == dg.AssetSelection.all() - dg.AssetSelection.groups("corti")
