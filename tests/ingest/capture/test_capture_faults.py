"""Calls go on when capture fails, and the gateway reports it."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path

import pytest

from ingest.capture import recognition
from ingest.capture.socket_tap import SocketTap
from ingest.capture.spool import Spool
from ingest.simulator.invention import MARKER
from ingest.simulator.serving import Served
from ingest.simulator.state import Simulator
from tests.ingest.capture.gateways import asked, gateway_here, landed, upstreams_of
from tests.ingest.capture.sessions import OWNER, Session, captured, charged


def test_capture_that_raises_breaks_no_call_and_is_told_of(
    simulator: Simulator,
    corti: Served,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object) -> object:
        raise RuntimeError(f"{MARKER} quoted by an error")

    with contextlib.closing(Spool(tmp_path / "landing")) as spool, gateway_here(upstreams_of(corti), spool) as gateway:
        assert json.loads(asked(gateway, "GET", "/healthz")[2])["status"] == "ok"
        for name in ("usage_records", "wants_body", "is_billable"):
            monkeypatch.setattr(recognition, name, broken)
        for name in ("feed", "close"):
            monkeypatch.setattr(SocketTap, name, broken)
        Session(gateway).everything()
        status, _, body = asked(gateway, "GET", "/healthz")
        metrics = asked(gateway, "GET", "/metrics")[2].decode()
    assert status == 200 and json.loads(body)["status"] == "degraded"
    assert "credits_gateway_capture_faults_total 0\n" not in metrics and "credits_gateway_degraded 1\n" in metrics
    assert "capture failed" in caplog.text and "RuntimeError" in caplog.text
    assert MARKER not in caplog.text + body.decode() + metrics
    assert len(simulator.ledger.charges) == 13


def test_a_landing_folder_that_is_missing_breaks_no_call_and_loses_nothing_once_it_is_back(
    simulator: Simulator, corti: Served, tmp_path: Path
) -> None:
    landing = tmp_path / "landing"
    landing.write_text("a file where the folder should be")
    spool = Spool(landing, flush_seconds=0.01, rotate_seconds=0.2)
    with contextlib.closing(spool), gateway_here(upstreams_of(corti), spool) as gateway:
        Session(gateway, OWNER).everything()
        health = json.loads(asked(gateway, "GET", "/healthz")[2])
        assert health["status"] == "degraded" and "wait in memory" in health["faults"][0]
        landing.unlink()
        (landing / "usage_records").mkdir(parents=True)
        while json.loads(asked(gateway, "GET", "/healthz")[2])["status"] != "ok":
            time.sleep(0.05)
    assert captured(landed(tmp_path)) == charged(simulator.ledger)
