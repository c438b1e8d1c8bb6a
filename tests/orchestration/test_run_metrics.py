"""After each run the metrics file says how the run ended and what is published; parsers of both formats read it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus_text

from ingest.settings import load_settings
from orchestration.run_metrics import Metric, as_text, version_metrics
from tests.orchestration.homes import Home

Samples = dict[tuple[str, str], float]


def samples(path: Path) -> Samples:
    """The value of each sample, by name and label, as both formats have it."""
    text = path.read_text(encoding="utf-8")
    read = [
        {
            (sample.name, ",".join(sample.labels.values())): sample.value
            for family in families
            for sample in family.samples
        }
        for families in (openmetrics(text), prometheus_text(text))
    ]
    assert read[0] == read[1]
    return read[0]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "textfiles" / "credits.prom"
    path.parent.mkdir()
    monkeypatch.setenv("CREDITS_METRICS_FILE", str(path))
    return path


def test_the_file_says_what_the_run_published(home: Home, file: Path) -> None:
    home.deliver("more.jsonl", {"creditsConsumed": 2, "createdAt": "2026-10-01", "recordId": "more"})
    began = time.time()
    assert home.credits("run").code == 0
    found, totals = samples(file), home.manifest()["totals"]
    assert found["credits_run_exit_code", ""] == 0
    assert began < found["credits_version_timestamp_seconds", ""] + 1
    assert began < found["credits_run_finished_timestamp_seconds", ""] < time.time() + 1
    assert found["credits_run_cpu_seconds", ""] > 0 and found["credits_run_duration_seconds", ""] > 0
    assert found["credits_published_credits", ""] == float(totals["credits"])
    assert found["credits_unmapped_credits", ""] == float(totals["credits_unmapped"])
    assert {label: count for (name, label), count in found.items() if name == "credits_records"} == totals["verdicts"]
    assert any(name == "credits_source_silent" for name, _ in found)
    assert [path.name for path in file.parent.iterdir()] == ["credits.prom"]
    assert file.stat().st_mode & 0o777 == 0o644


def test_a_run_without_news_and_one_that_left_a_file_out_are_told_apart(home: Home, file: Path) -> None:
    assert home.credits("run").code == 0
    assert samples(file)["credits_run_exit_code", ""] == 0
    faulty = home.settings.landing / "mappings" / "users" / "users-2026-10-05.csv"
    faulty.parent.mkdir(parents=True, exist_ok=True)
    faulty.write_text("userId,tenantId,validFrom\nu,t,yesterday\n")
    assert home.credits("run").code == 3
    found = samples(file)
    assert found["credits_run_exit_code", ""] == 3
    assert found["credits_set_aside_files", ""] == found["credits_files_to_mend", ""] == 1


def test_a_failed_run_writes_the_file_too(home: Home, file: Path) -> None:
    published = home.manifest()["totals"]["credits"]
    home.settings.landing.rename(home.path / "elsewhere")
    ended = home.credits("run")
    assert ended.code == 1
    found = samples(file)
    assert found["credits_run_exit_code", ""] == 1
    assert found["credits_published_credits", ""] == float(published)


def test_a_home_without_a_version_has_the_figures_of_the_run_alone(fresh_home: Home, file: Path) -> None:
    assert fresh_home.credits("run").code != 0
    assert {name for name, _ in samples(file)} == {
        "credits_run_exit_code",
        "credits_run_finished_timestamp_seconds",
        "credits_run_duration_seconds",
        "credits_run_cpu_seconds",
    }


def test_a_file_that_cannot_be_written_is_named_and_changes_no_outcome(home: Home, file: Path) -> None:
    file.parent.rmdir()
    ended = home.credits("run")
    assert ended.code == 0 and f"no metrics were written: {file} can't be written" in ended.out


def test_without_the_setting_no_file_is_written(home: Home, tmp_path: Path) -> None:
    assert home.credits("run").code == 0
    assert [*tmp_path.rglob("*.prom")] == []


def test_labels_are_escaped_and_name_no_user(home: Home, file: Path) -> None:
    strange = 'a "source" \\ of\nmine'
    file.write_text(as_text([Metric("credits_source_silent", "Silent.", [({"source": strange}, 1)])]))
    assert samples(file) == {("credits_source_silent", strange): 1.0}
    labels = {label for metric in version_metrics(load_settings()) for labels, _ in metric.samples for label in labels}
    assert labels <= {"source", "verdict", "severity"}


def test_a_file_that_the_collector_would_not_read_is_refused(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDITS_METRICS_FILE", "/var/lib/credits.txt")
    ended = home.credits("run")
    assert ended.code == 2 and "CREDITS_METRICS_FILE is '/var/lib/credits.txt'" in ended.one_line
    assert ".prom" in ended.one_line
