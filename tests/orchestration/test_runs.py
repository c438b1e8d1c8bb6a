"""Runs started in every way: one writer at a time from the first step to the last, and nothing left by a killed one."""

from __future__ import annotations

import fcntl
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest
from dagster._core.instance.utils import RUNLESS_RUN_ID

from ingest.errors import PublishError
from ingest.landing.warehouse import writer_lock
from ingest.settings import Settings
from orchestration.definitions import defs
from orchestration.defs import landing, models, publish, resources
from orchestration.pipeline import publish_version
from tests.orchestration.homes import CHECKOUT, Home
from tests.orchestration.sessions import gone, processes_of

CHECKED = dg.DagsterEventType.ASSET_CHECK_EVALUATION
MORE = {"creditsConsumed": 1, "createdAt": "2026-01-01"}


@pytest.fixture
def dagster_home(tmp_path: Path) -> Path:
    """Where Dagster keeps its history, with the project's own settings."""
    shutil.copy(CHECKOUT / "dagster.yaml", tmp_path)
    return tmp_path


def execute(job: str = "credits_job") -> dg.ExecuteInProcessResult:
    with dg.DagsterInstance.ephemeral() as instance:
        return defs().resolve_job_def(job).execute_in_process(instance=instance, raise_on_error=False)


def holder(home: Home) -> str | None:
    """Who holds the writer's lock, or None if nobody does."""
    with (home.settings.warehouse / ".lock").open("r", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return json.load(file)["purpose"]
    return None


def test_run_holds_the_writers_place_once_from_first_step_to_last(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[tuple[str, str | None]] = []

    def observed(name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def observe(*arguments: object, **keywords: object) -> object:
            events.append((name, holder(home)))
            return step(*arguments, **keywords)

        return observe

    @contextmanager
    def observed_lock(settings: Settings, purpose: str) -> Iterator[None]:
        with writer_lock(settings, purpose):
            events.append(("lock", purpose))
            yield
        events.append(("unlock", holder(home)))

    monkeypatch.setattr(resources, "writer_lock", observed_lock)
    monkeypatch.setattr(landing, "land_new_files", observed("land", landing.land_new_files))
    monkeypatch.setattr(models, "build", observed("build", models.build))
    monkeypatch.setattr(publish, "publish_version", observed("publish", publish.publish_version))
    home.deliver("more.jsonl", MORE)
    result = execute()
    run = f"run {result.run_id}"
    assert result.success
    assert events == [("lock", run), ("land", run), ("build", run), ("publish", run), ("unlock", None)]

    landed, published = (result.asset_materializations_for_node(node)[0] for node in ("landing", "published_version"))
    assert (landed.metadata["files"].value, landed.metadata["accepted"].value) == (1, 1)
    assert published.metadata["version"].value == home.manifest()["version"]
    assert published.metadata["months written"].value == "2026-01"
    assert 0 < float(str(published.metadata["unmapped share"].value)) < 1
    checks = result.get_asset_check_evaluations()
    assert len(checks) > 30
    assert all(check.passed for check in checks if check.severity is dg.AssetCheckSeverity.ERROR)


def test_failed_check_is_named_recorded_and_blocks_publishing(
    home: Home, dagster_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = home.published_bytes()
    home.deliver("more.jsonl", MORE)
    with duckdb.connect(str(home.settings.marts_database)) as connection:
        connection.execute("update marts.marts.fct_credit_usage set credits = credits + 1 where user_id = 'marker'")
    monkeypatch.setenv("DAGSTER_HOME", str(dagster_home))
    line = home.credits("run").one_line
    assert "assert_fact_credits_equal_the_interaction_aggregate" in line and "the last published version stays" in line
    assert home.published_bytes() == before
    with pytest.raises(PublishError, match="failed a check"):  # nor by the publishing step alone
        publish_version(home.settings)
    assert home.published_bytes() == before

    with dg.DagsterInstance.get() as instance:
        assert not instance.get_runs()
        events = [entry.dagster_event for entry in instance.all_logs(RUNLESS_RUN_ID) if entry.dagster_event]
        assert instance.get_latest_materialization_event(dg.AssetKey(["raw", "usage_records"]))
        assert not instance.get_latest_materialization_event(dg.AssetKey("published_version"))
    checks = [event.asset_check_evaluation_data for event in events if event.event_type is CHECKED]
    assert "assert_fact_credits_equal_the_interaction_aggregate" in {
        check.check_name for check in checks if not check.passed
    }


def test_run_by_hand_is_shown_in_dagsters_catalog(
    home: Home, dagster_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.deliver("more.jsonl", MORE)
    monkeypatch.setenv("DAGSTER_HOME", str(dagster_home))
    assert home.credits("run").code == 0
    with dg.DagsterInstance.get() as instance:
        shown = {key for key in defs().resolve_all_asset_keys() if instance.get_latest_materialization_event(key)}
        published = instance.get_latest_materialization_event(dg.AssetKey("published_version"))
    missing = {key.path[0] for key in {*defs().resolve_all_asset_keys()} - shown}
    assert missing == {"corti", "delivered_alerts"}  # neither is configured
    assert published and published.asset_materialization
    assert published.asset_materialization.metadata["version"].value == home.manifest()["version"]


def test_run_that_finds_the_place_taken_says_by_whom(home: Home) -> None:
    before = home.published_bytes()
    with writer_lock(home.settings, "the first"):
        result = execute()
    [failure] = [event for event in result.all_events if event.event_type is dg.DagsterEventType.RESOURCE_INIT_FAILURE]
    error = failure.engine_event_data.error
    assert error and error.message.count("\n") == 1
    assert error.message.startswith("ingest.errors.LockedError: process ") and "(the first, since 20" in error.message
    assert home.published_bytes() == before


@contextmanager
def started(home: Home, *command: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A Python process that leads a session of its own; whatever is left of it in the end is killed. Hang-ups reach it,
    even if the tests were started with `nohup`.
    """
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    with subprocess.Popen(
        [sys.executable, *command],
        cwd=CHECKOUT,
        env=home.environment(**environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        signal.signal(signal.SIGHUP, before)
        try:
            yield process
        finally:
            process.kill()


def until_building(process: subprocess.Popen[str]) -> None:
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "building the marts" in line:
            return
    pytest.fail(f"it never came to building the marts: {lines}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stopped_run_says_one_line_and_the_next_one_goes_on(home: Home, number: signal.Signals) -> None:
    before = home.published_bytes()
    home.deliver("more.jsonl", MORE)
    with started(home, "-m", "orchestration.cli", "run") as process:
        until_building(process)
        process.send_signal(number)
        _, said = process.communicate()
    assert (process.returncode, said) == (128 + number, "credits: stopped; the next run continues from there.\n")
    assert gone(process.pid)
    assert home.published_bytes() == before


def test_killed_run_leaves_no_process_and_the_next_one_by_another_door_completes_it(
    home: Home, dagster_home: Path
) -> None:
    before = home.manifest()
    home.deliver("more.jsonl", MORE)
    with started(home, "-m", "orchestration.cli", "run") as process:
        until_building(process)
        assert processes_of(process.pid)
        process.kill()
        process.wait()
        assert gone(process.pid)
    assert home.manifest() == before
    job = ("job", "execute", "-m", "orchestration.definitions", "-j", "credits_job")
    ended = home.process("-m", "dagster", *job, DAGSTER_HOME=str(dagster_home))
    assert ended.code == 0, ended.err[-2000:]
    assert home.manifest()["totals"]["operations"] == before["totals"]["operations"] + 1
