"""A run's log: its owner's alone, one file a run, the last 30, and no value of a record."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.errors import CreditsError
from ingest.landing.warehouse import prepare_folders
from ingest.settings import Settings, load_settings
from orchestration.run_log import KEPT, LOGGER, logged_step, run_log

CONTENT = "Jane Doe"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = load_settings({"CREDITS_HOME": str(tmp_path)})
    prepare_folders(made)
    return made


def test_log_is_its_owners_alone_and_named_by_time_and_process(settings: Settings) -> None:
    with run_log(settings, "a run") as log, logged_step("landing"):
        pass
    assert log.parent == settings.logs and log.name.endswith(f"Z-{os.getpid()}.log")
    assert (settings.logs.stat().st_mode & 0o777, log.stat().st_mode & 0o777) == (0o700, 0o600)
    text = log.read_text()
    assert "landing …" in text and "landing: 0.0 s" in text and text.rstrip().endswith("ended")


def test_the_last_30_logs_are_kept_and_no_other_file_is_removed(settings: Settings) -> None:
    for minute in range(40):
        (settings.logs / f"2026-01-01T00-{minute:02}-00Z-1.log").write_text("old")
    (settings.logs / "notes.txt").write_text("a person's")
    with run_log(settings, "a run") as log:
        pass
    logs = sorted(path.name for path in settings.logs.glob("*.log"))
    assert len(logs) == KEPT and logs[-1] == log.name and logs[0] == "2026-01-01T00-11-00Z-1.log"
    assert (settings.logs / "notes.txt").exists()


def test_what_comes_twice_for_one_run_is_one_log(settings: Settings) -> None:
    logs = set()
    for number in range(2):
        with run_log(settings, "run 17") as log:
            LOGGER.info("part %d", number)
        logs.add(log)
    [only] = logs
    assert "part 0" in only.read_text() and "part 1" in only.read_text()


def test_traceback_names_places_and_no_value(settings: Settings) -> None:
    secret = CONTENT
    with pytest.raises(ValueError), run_log(settings, "a run") as log:
        raise ValueError(f"could not convert string to float: '{secret}'")
    text = log.read_text()
    assert "test_run_log.py" in text and "ValueError: could not convert string to float: …" in text
    assert CONTENT not in text


def test_error_of_the_project_is_its_line_alone(settings: Settings) -> None:
    with pytest.raises(CreditsError), run_log(settings, "a run") as log:
        raise CreditsError("one clear line")
    assert "one clear line" in log.read_text() and "File" not in log.read_text()


def test_nothing_is_written_where_no_run_is_around_it(settings: Settings, capfd: pytest.CaptureFixture[str]) -> None:
    LOGGER.error("nobody listens")
    assert not [*settings.logs.iterdir()] and capfd.readouterr().err == ""
