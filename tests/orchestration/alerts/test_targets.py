"""Targets come from settings, what is none is named by its place, and what a URL holds is shown nowhere."""

from __future__ import annotations

import logging
from pathlib import Path

import dagster as dg
import pytest

from ingest.errors import SettingsError
from ingest.settings import Settings
from orchestration.alerts.alerting import deliver_alerts, delivery_lines
from orchestration.alerts.targets import load_targets
from orchestration.defs.alerts import delivered_alerts
from tests.orchestration.alert_receiver import SECRET, Receiver
from tests.orchestration.alerts.rounds import URLS, record


def test_what_a_url_holds_is_shown_nowhere(
    settings: Settings, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    receiver.status = 500
    monkeypatch.setenv("CREDITS_HOME", str(settings.home))
    monkeypatch.setenv(URLS, f"{receiver.url()} nonsense://{SECRET}")
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(
            [delivered_alerts],
            resources={"warehouse": dg.ResourceDefinition.hardcoded_resource(settings)},
            instance=instance,
        )
        logged = "\n".join(str(entry) for entry in instance.all_logs(result.run_id))
    assert result.success
    lines = "\n".join(delivery_lines(settings))
    assert receiver.asked == 1
    assert "json-" in logged
    for text in (logged, caplog.text, lines, record(settings).read_text()):
        assert SECRET not in text
        assert "127.0.0.1" not in text


def test_targets_come_from_the_setting_and_from_a_file_each_once(tmp_path: Path) -> None:
    file = tmp_path / "urls"
    file.write_text("# on call\njson://b/x\n  slack://c\tjson://a/x\n\n", encoding="utf-8")
    targets = load_targets({URLS: "json://a/x JSON://d", f"{URLS}_FILE": str(file)})
    assert [target.url.reveal() for target in targets] == ["json://a/x", "JSON://d", "json://b/x", "slack://c"]
    assert [target.name.split("-")[0] for target in targets] == ["json", "json", "json", "slack"]
    assert len({target.name for target in targets}) == 4
    assert SECRET not in repr(load_targets({URLS: f"json://{SECRET}"}))
    assert load_targets({}) == ()


@pytest.mark.parametrize("text", [f"json://a {SECRET}", f"://{SECRET}", f"json:{SECRET}", f"{SECRET}.de/x://"])
def test_what_is_no_url_is_named_by_its_place_alone(text: str) -> None:
    with pytest.raises(SettingsError, match=r"CREDITS_ALERT_URLS: entry \d is not a URL") as raised:
        load_targets({URLS: text})
    assert SECRET not in str(raised.value)


def test_a_file_that_cannot_be_read_is_named_by_its_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="CREDITS_ALERT_URLS_FILE can't be read"):
        load_targets({f"{URLS}_FILE": str(tmp_path / SECRET)})


def test_a_url_of_no_known_service_is_a_problem_of_its_own(settings: Settings, receiver: Receiver) -> None:
    outcome = deliver_alerts(settings, {URLS: f"nonsense://{SECRET} {receiver.url()}"})
    assert outcome and (outcome.delivered, outcome.waiting) == (2, 2)
    assert "is not the URL of a known service" in outcome.problems[0] and SECRET not in outcome.problems[0]
