"""What runs, the asset and `credits status` say about deliveries, and that each run tries again."""

from __future__ import annotations

import re

import dagster as dg
import pytest

from ingest.settings import Settings
from orchestration.alerts.alerting import delivery_lines
from orchestration.defs.alerts import delivered_alerts
from tests.orchestration.alert_receiver import SECRET, Receiver
from tests.orchestration.alerts.rounds import URLS, deliver
from tests.orchestration.homes import Home


def observed(settings: Settings) -> tuple[bool, str]:
    """Whether the asset was materialised, and the state that it says otherwise."""
    with dg.DagsterInstance.ephemeral() as instance:
        warehouse = dg.ResourceDefinition.hardcoded_resource(settings)
        result = dg.materialize([delivered_alerts], resources={"warehouse": warehouse}, instance=instance)
        assert result.success
        states = [
            observation.metadata["state"].value
            for observation in result.asset_observations_for_node("delivered_alerts")
        ]
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


def test_status_says_what_waits_and_that_nothing_is_configured(
    settings: Settings, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [*delivery_lines(settings)][1:] == ["undelivered no alerts are sent: see CREDITS_ALERT_URLS"]
    monkeypatch.setenv(URLS, receiver.url())
    assert [*delivery_lines(settings)][1:] == ["undelivered 2 alerts wait for the next run"]
    deliver(settings, receiver)
    assert [*delivery_lines(settings)][1:] == []
    monkeypatch.setenv(URLS, SECRET)
    assert [*delivery_lines(settings)][1].startswith("undelivered CREDITS_ALERT_URLS: entry 1 is not a URL")


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
