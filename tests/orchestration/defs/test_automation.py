"""What starts runs by itself, and what keeps Dagster's history bounded."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from orchestration.definitions import defs
from orchestration.defs.automation import new_files
from orchestration.defs.history import history_job
from orchestration.models import building
from tests.orchestration.homes import CHECKOUT, Home

MORE = {"creditsConsumed": 1, "createdAt": "2026-01-01"}


def requested() -> str:
    """The key of the run that the sensor asks for, or why it asks for none."""
    with dg.DagsterInstance.ephemeral() as instance:
        result = new_files(dg.build_sensor_context(instance=instance))
    if isinstance(result, dg.RunRequest):
        assert result.run_key
        return f"run {result.run_key}"
    assert isinstance(result, dg.SkipReason) and result.skip_message
    return result.skip_message


def refused() -> str:
    """Why the sensor's tick fails."""
    with pytest.raises(dg.Failure) as failed:
        requested()
    return failed.value.description or ""


def test_sensor_skips_while_nothing_is_new(home: Home) -> None:
    assert requested() == "nothing new below landing/"


def test_sensor_skips_where_there_is_no_landing_folder(fresh_home: Home) -> None:
    assert requested() == "nothing new below landing/"


def test_sensor_says_which_setting_cannot_be_used(fresh_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDITS_MOST_UNMAPPED", "20%")
    assert refused().startswith("CREDITS_MOST_UNMAPPED is '20%': give a share")


def test_sensor_asks_once_for_the_same_files_and_again_for_others(home: Home) -> None:
    home.deliver("more.jsonl", MORE)
    first = requested()
    assert first.startswith("run ") and requested() == first
    home.deliver("yet-more.jsonl", MORE)
    assert requested().startswith("run ") and requested() != first


def test_sensor_leaves_alone_what_is_not_ready(home: Home) -> None:
    home.deliver(".hidden.jsonl", MORE)
    home.deliver("growing.jsonl.partial", MORE)
    assert requested() == "nothing new below landing/"


def test_sensor_asks_again_when_the_models_change(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.deliver("more.jsonl", MORE)
    before = requested()
    project = tmp_path / "dbt_project"
    shutil.copytree(building.PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    (project / "macros" / "added.sql").write_text("{% macro added() %}{% endmacro %}")
    monkeypatch.setattr(building, "PROJECT", project)
    assert requested().startswith("run ") and requested() != before


def test_sensor_asks_again_when_what_was_said_of_the_present_holds_no_more(home: Home) -> None:
    path = (home.current / "manifest.json").resolve()
    asked = []
    for until in ("2026-01-01T00:00:00", "2026-01-02T00:00:00"):
        said = home.manifest() | {"current_until": until}
        path.unlink()
        path.write_text(json.dumps(said), encoding="utf-8")
        asked.append(requested())
    assert all(run_key.startswith("run ") for run_key in asked) and asked[0] != asked[1]


def test_sensor_says_why_it_cannot_look(home: Home) -> None:
    manifest = (home.current / "manifest.json").resolve()
    manifest.chmod(0o644)
    manifest.write_text("{", encoding="utf-8")
    assert "manifest.json" in refused()


def test_sensor_asks_for_a_run_that_names_a_folder_that_is_none(home: Home) -> None:
    folder = home.settings.landing / "mappings" / "users"
    shutil.rmtree(folder)
    folder.write_text("no folder")
    assert requested().startswith("run ")


def test_schedule_starts_a_run_every_hour_also_without_news(home: Home) -> None:
    schedule = defs().resolve_schedule_def("hourly")
    assert (schedule.cron_schedule, schedule.job_name) == ("0 * * * *", "credits_job")
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    with dg.DagsterInstance.ephemeral() as instance:
        tick = schedule.evaluate_tick(dg.build_schedule_context(instance=instance))
    assert tick.run_requests and len(tick.run_requests) == 1


def historical(instance: dg.DagsterInstance, days: int, status: dg.DagsterRunStatus) -> str:
    """Put a run of that age into the history, with an event and something that it printed."""
    run = instance.create_run_for_job(history_job, status=status)
    instance.delete_run(run.run_id)
    instance.run_storage.add_historical_run(run, datetime.now(UTC) - timedelta(days=days))
    instance.report_engine_event("something happened", run)
    printed = Path(instance.storage_directory()) / run.run_id / "compute_logs" / "step.out"
    printed.parent.mkdir(parents=True)
    printed.write_text("printed")
    return run.run_id


def test_old_runs_are_forgotten_with_everything_that_they_left(tmp_path: Path) -> None:
    shutil.copy(CHECKOUT / "dagster.yaml", tmp_path)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        old = historical(instance, 15, dg.DagsterRunStatus.SUCCESS)
        kept = {
            historical(instance, 15, dg.DagsterRunStatus.STARTED),
            historical(instance, 13, dg.DagsterRunStatus.FAILURE),
        }
        assert len([path for path in tmp_path.rglob("*") if path.is_file() and old in str(path)]) >= 2
        own = history_job.execute_in_process(instance=instance)
        assert own.success
        assert {run.run_id for run in instance.get_runs()} == {*kept, own.run_id}
        assert all(instance.all_logs(run_id) for run_id in kept)
    left = [str(path) for path in tmp_path.rglob("*")]
    assert not [path for path in left if old in path]
    assert all([path for path in left if run_id in path and path.endswith("step.out")] for run_id in kept)
