"""Alerts reach each target once: over runs, failures and kills, and what a URL holds is shown nowhere."""

from __future__ import annotations

import json
import logging
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from ingest.errors import HomeError, LockedError, SettingsError
from ingest.settings import Settings
from orchestration.alert_deliveries import Deliveries, State, known
from orchestration.alert_targets import load_targets
from orchestration.alerting import Alert, Delivered, deliver_alerts, delivery_lines, messages
from orchestration.defs.alerts import delivered_alerts
from tests.orchestration.alert_receiver import SECRET, Receiver, publish_alerts, receiving
from tests.orchestration.homes import CHECKOUT, Home

URLS = "CREDITS_ALERT_URLS"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with two open alerts, and no target."""
    for name in (URLS, f"{URLS}_FILE"):
        monkeypatch.delenv(name, raising=False)
    return publish_alerts(tmp_path / "home", ["first", "second"], critical=["second"], closed=3)


def told(settings: Settings, *receivers: Receiver) -> Delivered:
    """One round of deliveries to them."""
    outcome = deliver_alerts(settings, {URLS: " ".join(each.url() for each in receivers)})
    assert outcome is not None
    return outcome


def record(settings: Settings) -> Path:
    return settings.home / "alerts" / "deliveries.jsonl"


def test_without_a_target_nothing_is_sent_or_written(settings: Settings) -> None:
    assert deliver_alerts(settings, {URLS: " \n"}) is None
    assert not record(settings).parent.exists()


def test_each_open_alert_is_sent_once_the_critical_ones_first(settings: Settings, receiver: Receiver) -> None:
    assert told(settings, receiver) == Delivered(1, 2, 2, 0, 0, ())
    assert receiver.bodies == ["second", "first"]
    assert [each["type"] for each in receiver.taken] == ["failure", "warning"]
    assert receiver.taken[0]["title"] == "Credits: unusual day"
    for _ in range(3):
        assert told(settings, receiver) == Delivered(1, 2, 0, 0, 0, ())
    publish_alerts(settings.home, ["second", "third"])
    assert told(settings, receiver).delivered == 1
    assert receiver.bodies == ["second", "first", "third"]


def test_an_alert_that_closes_and_opens_again_is_not_told_of_twice(settings: Settings, receiver: Receiver) -> None:
    told(settings, receiver)
    publish_alerts(settings.home, [])
    assert told(settings, receiver) == Delivered(1, 0, 0, 0, 0, ())
    publish_alerts(settings.home, ["first"])
    told(settings, receiver)
    assert receiver.bodies.count("first") == 1


def test_a_failed_delivery_is_tried_again_and_only_at_the_target_that_failed(settings: Settings) -> None:
    with receiving() as one, receiving() as other:
        other.status = 500
        outcome = told(settings, one, other)
        assert (outcome.delivered, outcome.waiting, outcome.unknown) == (2, 2, 0)
        assert len(outcome.problems) == 1
        assert outcome.problems[0].startswith("2 alerts wait for the next run: json-")
        assert other.asked == 1  # one that is out of order is not asked again for each alert
        other.status = 200
        assert told(settings, one, other) == Delivered(2, 2, 2, 0, 0, ())
        assert one.bodies == other.bodies == ["second", "first"]


def test_a_target_that_nobody_listens_at_holds_up_no_other(settings: Settings, receiver: Receiver) -> None:
    with receiving() as gone:
        pass
    outcome = told(settings, gone, receiver)
    assert (outcome.delivered, outcome.waiting) == (2, 2)
    assert receiver.bodies == ["second", "first"]


def test_a_redirect_is_not_followed(settings: Settings, receiver: Receiver) -> None:
    """It would carry the message, and the URL's password, to a host that nobody named."""
    receiver.status = 307
    assert told(settings, receiver).waiting == 2


def test_a_delivery_that_was_cut_off_is_not_repeated_and_status_names_it(
    settings: Settings, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.silent = True
    script = "from orchestration.alerting import deliver_alerts; from ingest.settings import load_settings as s; "
    environment = {"CREDITS_HOME": str(settings.home), URLS: receiver.url(), "PATH": "", "PYTHONPATH": str(CHECKOUT)}
    with subprocess.Popen([sys.executable, "-c", script + "deliver_alerts(s())"], env=environment) as process:
        assert receiver.came.wait(60)
        process.send_signal(signal.SIGKILL)
    receiver.silent = False
    receiver.ended.set()
    outcome = told(settings, receiver)
    assert (outcome.delivered, outcome.waiting, outcome.unknown) == (1, 0, 1)
    assert [each for each in receiver.bodies if each == "first"] == ["first"]
    assert told(settings, receiver).delivered == 0
    monkeypatch.setenv(URLS, receiver.url())
    lines = [*delivery_lines(settings)]
    assert lines[0] == "alerts      2 open (1 critical): mart_usage_alerts"
    assert len(lines) == 2
    assert lines[1].startswith("cut off     1 alerts to json-") and "are not sent again" in lines[1]


def test_many_alerts_go_together_in_one_message(tmp_path: Path, receiver: Receiver) -> None:
    many = [f"alert {number:02}" for number in range(25)]
    settings = publish_alerts(tmp_path / "home", many, critical=["alert 24"])
    assert told(settings, receiver).delivered == 25
    [message] = receiver.taken
    assert message["title"] == "Credits: 25 alerts"
    lines = message["message"].splitlines()
    assert lines[:2] == ["critical: alert 24", "warning: alert 00"]
    assert len(lines) == 21 and lines[-1] == "and 5 more: mart_usage_alerts"
    assert told(settings, receiver).delivered == 0


def test_a_message_calls_nobody_and_holds_no_markup() -> None:
    alert = Alert("k", "unusual_day", False, "User <!channel>\n@everyone <b>x</b>\x1b[31m used 3 credits.")
    [message] = messages([alert])
    assert message.body == "User \u2039!channel\u203a @ everyone \u2039b\u203ax\u2039/b\u203a [31m used 3 credits."


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


def observed(settings: Settings) -> tuple[bool, str]:
    """Whether the asset was materialised, and the state that it says otherwise."""
    with dg.DagsterInstance.ephemeral() as instance:
        warehouse = dg.ResourceDefinition.hardcoded_resource(settings)
        result = dg.materialize([delivered_alerts], resources={"warehouse": warehouse}, instance=instance)
        assert result.success
        states = [each.metadata["state"].value for each in result.asset_observations_for_node("delivered_alerts")]
        return bool(result.get_asset_materialization_events()), str(*states)


def test_the_asset_is_green_only_when_everybody_was_told(
    settings: Settings, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert observed(settings) == (False, "not configured")
    monkeypatch.setenv(URLS, "no-url-at-all")
    assert observed(settings) == (False, "failed")
    monkeypatch.setenv(URLS, receiver.url())
    receiver.status = 500
    assert observed(settings) == (False, "failed")
    receiver.status = 200
    assert observed(settings) == (True, "")


def test_targets_come_from_the_setting_and_from_a_file_each_once(tmp_path: Path) -> None:
    file = tmp_path / "urls"
    file.write_text("# on call\njson://b/x\n  slack://c\tjson://a/x\n\n", encoding="utf-8")
    targets = load_targets({URLS: "json://a/x JSON://d", f"{URLS}_FILE": str(file)})
    assert [each.url.reveal() for each in targets] == ["json://a/x", "JSON://d", "json://b/x", "slack://c"]
    assert [each.name.split("-")[0] for each in targets] == ["json", "json", "json", "slack"]
    assert len({each.name for each in targets}) == 4
    assert SECRET not in repr(load_targets({URLS: f"json://{SECRET}"}))
    assert load_targets({}) == ()


@pytest.mark.parametrize("text", [f"json://a {SECRET}", f"://{SECRET}", f"json:{SECRET}", f"{SECRET}.de/x://"])
def test_what_is_no_url_is_named_by_its_place_alone(text: str) -> None:
    with pytest.raises(SettingsError, match=r"CREDITS_ALERT_URLS: entry \d is no URL") as raised:
        load_targets({URLS: text})
    assert SECRET not in str(raised.value)


def test_a_file_that_cannot_be_read_is_named_by_its_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="CREDITS_ALERT_URLS_FILE can't be read"):
        load_targets({f"{URLS}_FILE": str(tmp_path / SECRET)})


def test_a_url_of_no_known_service_is_a_problem_of_its_own(settings: Settings, receiver: Receiver) -> None:
    outcome = deliver_alerts(settings, {URLS: f"nonsense://{SECRET} {receiver.url()}"})
    assert outcome and (outcome.delivered, outcome.waiting) == (2, 2)
    assert "is no URL of a service that is known" in outcome.problems[0] and SECRET not in outcome.problems[0]


def test_a_torn_line_takes_no_other_with_it(settings: Settings, receiver: Receiver) -> None:
    deliveries = Deliveries(settings)
    with deliveries.exclusively():
        first = deliveries.begin("t", ("a",))
        deliveries.end(first, "t", ("a",), delivered=True)
        deliveries.begin("t", ("b",))
    path = record(settings)
    path.write_bytes(path.read_bytes()[:-7])  # as a power cut leaves it
    with deliveries.exclusively():
        third = deliveries.begin("t", ("c",))
        deliveries.end(third, "t", ("c",), delivered=False)
    states = known(deliveries.attempts())
    assert states == {("t", "a"): State.DELIVERED, ("t", "c"): State.FAILED}
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_no_line_of_the_record_is_ever_changed(settings: Settings, receiver: Receiver) -> None:
    receiver.status = 500
    told(settings, receiver)
    before = record(settings).read_bytes()
    receiver.status = 200
    told(settings, receiver)
    after = record(settings).read_bytes()
    assert after.startswith(before)
    assert [json.loads(line)["state"] for line in after.splitlines()] == [
        "unknown", "failed", "unknown", "delivered", "unknown", "delivered",
    ]  # fmt: skip


def test_two_processes_do_not_send_at_once(settings: Settings, receiver: Receiver) -> None:
    with Deliveries(settings).exclusively(), pytest.raises(LockedError, match="another process is delivering alerts"):
        told(settings, receiver)
    assert receiver.asked == 0


def test_what_cannot_be_noted_is_not_sent(settings: Settings, receiver: Receiver) -> None:
    record(settings).mkdir(parents=True)
    with pytest.raises(HomeError):
        told(settings, receiver)
    assert receiver.asked == 0


def test_a_version_of_an_earlier_day_has_no_alerts(settings: Settings, receiver: Receiver) -> None:
    manifest = settings.published / "current" / "manifest.json"
    manifest.write_text(json.dumps({"version": "v1", "database": "credits.duckdb", "tables": {}}), encoding="utf-8")
    assert told(settings, receiver) == Delivered(1, 0, 0, 0, 0, ())


def test_status_says_what_waits_and_that_nothing_is_configured(
    settings: Settings, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [*delivery_lines(settings)][1:] == ["undelivered alerts are delivered nowhere: see CREDITS_ALERT_URLS"]
    monkeypatch.setenv(URLS, receiver.url())
    assert [*delivery_lines(settings)][1:] == ["undelivered 2 alerts wait for the next run"]
    told(settings, receiver)
    assert [*delivery_lines(settings)][1:] == []
    monkeypatch.setenv(URLS, SECRET)
    assert [*delivery_lines(settings)][1].startswith("undelivered CREDITS_ALERT_URLS: entry 1 is no URL")


def test_runs_and_rebuilds_tell_of_an_alert_once_and_try_again_also_when_nothing_is_new(
    home: Home, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    quotas = home.settings.landing / "billing" / "quotas" / "of-our-own.csv"
    quotas.parent.mkdir(parents=True, exist_ok=True)
    quotas.write_text("tenantId,period,credits,validFrom\ntenant_A,year,10,\n")
    monkeypatch.setenv(URLS, receiver.url())
    receiver.status = 500
    before = home.manifest()["version"]
    first = home.credits("run")
    assert first.code == 0, first.err
    assert home.manifest()["version"] != before  # a delivery that fails takes back nothing
    assert "alerts wait for the next run: json-" in first.out
    assert "undelivered" in home.credits("status").out

    receiver.status = 200
    second = home.credits("run")
    assert second.out.startswith("nothing new: ") and "alerts delivered" in second.out
    sentence = "Tenant tenant_A has used 26 of 10 credits in the year from 2026-01-01, 16 too many."
    assert any(sentence in body for body in receiver.bodies)
    told_of = [*receiver.bodies]

    home.deliver("more.jsonl", {"creditsConsumed": 1, "createdAt": "2026-01-01"})
    for command in ("run", "run", "rebuild"):
        ended = home.credits(command)
        assert ended.code == 0, ended.err
        assert "alert" not in ended.out
    assert receiver.bodies == told_of
    status = home.credits("status").out
    assert re.search(
        r"^quotas      \d+ over, \d+ near their limit, of \d+: mart_quota_consumption$", status, re.MULTILINE
    )
    assert "undelivered" not in status
    for text in (first.out, second.out, status):
        assert SECRET not in text
