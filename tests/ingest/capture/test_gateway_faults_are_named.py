"""What keeps the gateway from writing records is named, at its start and on its page; what is no fault is not logged."""

from __future__ import annotations

import gzip
import logging
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from ingest.capture.gateway.upstreams import Upstreams
from ingest.capture.spool import Spool
from orchestration.cli import main
from tests.ingest.capture.bodies import DOCUMENTS
from tests.ingest.capture.gateways import gateway_here, landed
from tests.ingest.capture.loopback_corti import Answer, loopback_corti

NOWHERE = "127.0.0.1:9"
BODY = gzip.compress(b'{"id": "d-1", "text": "' + b"x" * (17 * 1024 * 1024) + b'"}')


@pytest.mark.parametrize("in_the_way", ["landing", "landing/usage_records"])
def test_gateway_that_may_not_write_records_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_the_way: str
) -> None:
    path = tmp_path / in_the_way
    path.parent.mkdir(exist_ok=True)
    path.write_text("no folder")
    monkeypatch.setenv("CREDITS_HOME", str(tmp_path))
    ended = CliRunner().invoke(main, ["gateway", "--environment", "eu", "--listen", "127.0.0.1:0"])
    assert ended.exit_code == 1 and ended.stdout == ""
    assert ended.stderr.startswith("credits: records cannot be written (") and ended.stderr.count("\n") == 1
    assert str(path) in ended.stderr


def test_page_says_that_records_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "landing").write_text("no folder")
    spool = Spool(tmp_path / "landing", send_heartbeats=False)
    upstreams = Upstreams(f"http://{NOWHERE}/v2", None, None, None)
    with gateway_here(upstreams, spool) as gateway:
        said = httpx.get(f"{gateway.http}/healthz", timeout=120).json()
    spool.close()
    assert said["status"] == "degraded"
    assert [fault for fault in said["faults"] if fault.startswith("records can't be written: ")] == said["faults"]


def test_body_that_unpacks_to_too_much_is_a_fault_that_is_counted_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spool = Spool(tmp_path / "landing", send_heartbeats=False)
    with (
        loopback_corti(Answer(201, BODY, {"Content-Encoding": "gzip"})) as corti,
        gateway_here(Upstreams(f"{corti.base}/v2", None, None, corti.base), spool) as gateway,
    ):
        assert httpx.post(gateway.http + DOCUMENTS, timeout=120).status_code == 201
        said = httpx.get(f"{gateway.http}/healthz", timeout=120).json()
    spool.close()
    assert said["faults"] == ["1 fault of capture, the last: body: longer than what is looked at"]
    assert "longer than what is looked at" in caplog.text
    assert [record["status"] for record in landed(tmp_path)] == ["unreported"]


@pytest.mark.parametrize("path", ["/audio-bridge/v2/transcribe", "/elsewhere"])
def test_socket_that_is_refused_is_no_error_of_the_server(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    spool = Spool(tmp_path / "landing", send_heartbeats=False)
    upstreams = Upstreams(f"http://{NOWHERE}/v2", f"ws://{NOWHERE}/audio-bridge/v2", None, None)
    with gateway_here(upstreams, spool) as gateway, pytest.raises(InvalidStatus):
        connect(gateway.ws + path, open_timeout=120)
    spool.close()
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR], caplog.text
