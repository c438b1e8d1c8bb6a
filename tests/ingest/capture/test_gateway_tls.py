"""Corti must be Corti: an upstream without a trusted certificate gets nothing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from ingest.capture.gateway.upstreams import Upstreams
from ingest.capture.spool import Spool
from ingest.simulator.serving import running
from tests.ingest.capture.gateways import asked, gateway_here
from tests.ingest.capture.upstream import Upstream

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificate")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1, with its key in the same file."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "1"]
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run(
        ["openssl", "req", *kind, *subject, "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=path.parent,
        check=True,
        capture_output=True,
    )
    path.write_text("".join((path.parent / name).read_text() for name in ("cert.pem", "key.pem")))
    return path


@pytest.fixture(scope="module")
def upstreams(certificate: Path) -> Iterator[Upstreams]:
    config = uvicorn.Config(Upstream(), log_level="critical", access_log=False, lifespan="off")
    config.load()
    config.ssl = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    config.ssl.load_cert_chain(certificate)
    with running(uvicorn.Server(config)) as at:
        address = f"{at.host}:{at.port}"
        yield Upstreams(f"https://{address}/v2", f"wss://{address}/audio-bridge/v2", None, None)


async def echoed(url: str) -> str | bytes:
    async with connect(f"{url}/audio-bridge/v2/transcribe", proxy=None) as opened:
        await opened.send("hello")
        return await opened.recv()


def test_an_upstream_with_an_unknown_certificate_gets_nothing(upstreams: Upstreams, tmp_path: Path) -> None:
    with contextlib.closing(Spool(tmp_path)) as spool, gateway_here(upstreams, spool) as gateway:
        status, _, body = asked(gateway, "POST", "/v2/echo", body=b"{}")
        assert status == 502 and json.loads(body)["error"]["message"] == "upstream: ConnectError"
        with pytest.raises(InvalidStatus) as refusal:
            asyncio.run(echoed(gateway.ws))
        assert refusal.value.response.status_code == 502


def test_an_upstream_that_is_vouched_for_is_served_calls_and_sockets(
    upstreams: Upstreams, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with contextlib.closing(Spool(tmp_path)) as spool, gateway_here(upstreams, spool) as gateway:
        assert json.loads(asked(gateway, "POST", "/v2/echo", body=b"{}")[2])["size"] == 2
        assert asyncio.run(echoed(gateway.ws)) == "hello"
