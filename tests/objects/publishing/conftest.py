"""An S3 server on loopback, and homes that publish there."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.objects.publishing.small_versions import SmallHome
from tests.orchestration.conftest import fresh_home, home, versions

__all__ = ["fresh_home", "home", "versions"]
_NUMBERS = count(1)


@pytest.fixture(scope="session")
def bucket() -> Iterator[str]:
    """The URL of a bucket of moto's server; the process's environment names the server."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
            patch.setenv("AWS_ALLOW_HTTP", "true")
            patch.setenv("AWS_REGION", "us-east-1")
            patch.setenv("AWS_ACCESS_KEY_ID", "test")
            patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
            _make_bucket(port)
            yield "s3://published"
    finally:
        server.kill()
        server.wait()


def _make_bucket(port: int) -> None:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port)
    key = "Credential=test/20260101/us-east-1/s3/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 {key}, SignedHeaders=host, Signature=x"}
    connection.request("PUT", "/published", headers=headers)
    assert connection.getresponse().status == 200
    connection.close()


@pytest.fixture
def url(bucket: str) -> str:
    """A place in the bucket that nothing has used."""
    return f"{bucket}/{os.getpid()}-{next(_NUMBERS)}"


@pytest.fixture
def make_home(tmp_path: Path, url: str) -> Callable[..., SmallHome]:
    """Makes homes, by name, that publish at that place."""
    return lambda name="home", **more: SmallHome.at(tmp_path / name, url, **more)


@pytest.fixture
def small_home(make_home: Callable[..., SmallHome]) -> SmallHome:
    return make_home()
