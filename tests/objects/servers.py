"""Servers for objects on this machine, each behind a proxy that counts requests and spoils answers on request."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import hmac
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ingest.settings import CHECKOUT

HERE = Path(__file__).parent
_KEPT = CHECKOUT / "build" / "objects"
"""Where azurite is installed, until its version changes."""
_ACCOUNT = "devstoreaccount1"
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""The account that azurite has; both are in its documentation."""
_OTHER = "OBJECTS_TEST_S3_ENDPOINT"
"""The address of another S3 server, whose credentials are in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."""
_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "upgrade"}

Spoil = Callable[[str, str], str | None]
"""What to do with a request, by its method and path: `lose` its answer after it was carried out, answer `conflict`, or
`cut` the answer's body; None to pass it on.
"""


class Proxy:
    """Passes requests on to a server. `requests` has the method and the path of each."""

    def __init__(self, upstream: str) -> None:
        self.requests: list[tuple[str, str]] = []
        self.spoil: Spoil = lambda method, path: None
        host, _, port = upstream.removeprefix("http://").partition(":")
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self) -> None:
                proxy.requests.append((self.command, self.path))
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                how = proxy.spoil(self.command, self.path)
                if how == "conflict":
                    self._answer(409, [], b"<Error><Code>ConditionalRequestConflict</Code></Error>")
                    return
                connection = HTTPConnection(host, int(port), timeout=60)
                try:
                    connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                    for name, value in self.headers.items():
                        if name.lower() not in _HOP:
                            connection.putheader(name, value)
                    connection.endheaders(body or None)
                    answer = connection.getresponse()
                    content, headers = answer.read(), answer.getheaders()
                except (OSError, HTTPException):
                    how = "lose"
                    answer, content, headers = None, b"", []
                finally:
                    connection.close()
                if how == "lose" or answer is None:
                    self.close_connection = True
                    return
                self._answer(answer.status, headers, content, cut=how == "cut")

            def _answer(
                self, status: int, headers: list[tuple[str, str]], content: bytes, *, cut: bool = False
            ) -> None:
                self.send_response_only(status)
                size = next((value for name, value in headers if name.lower() == "content-length"), str(len(content)))
                for name, value in headers:
                    if name.lower() not in _HOP | {"content-length"}:
                        self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", size if self.command == "HEAD" else str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) // 2] if cut else content)
                self.close_connection = self.close_connection or cut

            do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = handle_one

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, request: object, client_address: object) -> None:
                pass  # a client that has gone

        self._server = Server(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Place:
    """A server for objects: its name, the variables with which a client finds it, and how to make a container."""

    name: str
    scheme: str
    environ: dict[str, str]
    proxy: Proxy
    make_container: Callable[[str], None]
    put_raw: Callable[[str, str, bytes], None] | None = None
    """Puts an object with any name at all, which this project's own client refuses."""
    _made: int = field(default=0)

    def new(self, prefix: str = "landing") -> str:
        """The URL of an empty place in a container of its own."""
        self._made += 1
        container = f"c{os.getpid()}-{self._made}"
        self.make_container(container)
        self.proxy.requests.clear()
        self.proxy.spoil = lambda method, path: None
        return f"{self.scheme}://{container}/{prefix}"

    @property
    def listings(self) -> list[str]:
        """The paths of the listings among the requests."""
        return [path for method, path in self.proxy.requests if method == "GET" and _is_listing(path)]


def _is_listing(path: str) -> bool:
    return "list-type=2" in path or "comp=list" in path


@contextlib.contextmanager
def place_named(name: str) -> Iterator[Place]:
    """Start a server, or find the one that is named; skips the test if it can't be had."""
    with {"moto": _moto, "azurite": _azurite, "other S3": _other}[name]() as place:
        yield place
        place.proxy.close()


@contextlib.contextmanager
def _moto() -> Iterator[Place]:
    port = _free_port()
    with _running([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], port):
        yield _s3("moto", f"http://127.0.0.1:{port}", {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"})


@contextlib.contextmanager
def _other() -> Iterator[Place]:
    if not (endpoint := os.environ.get(_OTHER)):
        pytest.skip(f"{_OTHER} names no other S3 server")
    yield _s3("other S3", endpoint, {name: os.environ[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")})


def _s3(name: str, endpoint: str, credentials: dict[str, str]) -> Place:
    proxy = Proxy(endpoint)
    code = (
        "import boto3, sys, base64; s3 = boto3.client('s3', endpoint_url=sys.argv[1], region_name='us-east-1'); "
        "b, k = sys.argv[2], sys.argv[3]; "
        "s3.put_object(Bucket=b, Key=base64.b64decode(k).decode(), Body=base64.b64decode(sys.argv[4])) if k "
        "else s3.create_bucket(Bucket=b)"
    )

    def call(container: str, key: str = "", content: bytes = b"") -> None:
        arguments = [container, *(base64.b64encode(part).decode() for part in (key.encode(), content))]
        subprocess.run(
            [sys.executable, "-c", code, endpoint, *arguments], env={**os.environ, **credentials}, check=True
        )

    environ = {**credentials, "AWS_ENDPOINT_URL": proxy.address, "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1"}
    return Place(name, "s3", environ, proxy, call, call)


@contextlib.contextmanager
def _azurite() -> Iterator[Place]:
    program = _azurite_program()
    port = _free_port()
    command = [str(program), "--silent", "--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck"]
    with _running([*command, "--blobHost", "127.0.0.1", "--blobPort", str(port)], port):
        proxy = Proxy(f"http://127.0.0.1:{port}")
        environ = {
            "AZURE_STORAGE_ACCOUNT_NAME": _ACCOUNT,
            "AZURE_STORAGE_ACCOUNT_KEY": _KEY,
            "AZURE_ENDPOINT": f"{proxy.address}/{_ACCOUNT}",
            "AZURE_ALLOW_HTTP": "true",
        }
        yield Place("azurite", "az", environ, proxy, lambda name: _make_azure_container(port, name))


def _make_azure_container(port: int, name: str) -> None:
    date, version = formatdate(usegmt=True), "2021-08-06"
    said = (
        f"PUT{chr(10) * 12}x-ms-date:{date}\nx-ms-version:{version}\n/{_ACCOUNT}/{_ACCOUNT}/{name}\nrestype:container"
    )
    signed = base64.b64encode(hmac.new(base64.b64decode(_KEY), said.encode(), hashlib.sha256).digest()).decode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/{_ACCOUNT}/{name}?restype=container",
        method="PUT",
        headers={
            "x-ms-date": date,
            "x-ms-version": version,
            "Authorization": f"SharedKey {_ACCOUNT}:{signed}",
            "Content-Length": "0",
        },
    )
    with urllib.request.urlopen(request):
        pass


def _azurite_program() -> Path:
    """Azurite, which is installed if it is missing; skips the test if npm can't."""
    npm = shutil.which("npm")
    if not shutil.which("node") or not npm:
        pytest.skip("npm is not installed: Azure Blob Storage is not tried")
    package = HERE / "package.json"
    folder = _KEPT / f"azurite-{hashlib.sha256(package.read_bytes()).hexdigest()[:12]}"
    _KEPT.mkdir(parents=True, exist_ok=True)
    with (_KEPT / "azurite.lock").open("w") as lock:  # two processes may run tests at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / ".complete").exists():
            _install_azurite(npm, folder)
    return folder / "node_modules" / ".bin" / "azurite-blob"


def _install_azurite(npm: str, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(HERE / "package.json", folder)
    install = [npm, "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        ended = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("npm does not get at azurite within four minutes: Azure Blob Storage is not tried")
    if ended.returncode:
        pytest.skip(f"npm cannot install azurite: {ended.stderr.strip().splitlines()[-1:]}")
    (folder / ".complete").touch()


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@contextlib.contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    popen = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while True:
            assert popen.poll() is None, f"{command[0]} ended with code {popen.returncode}"
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert time.monotonic() < until, f"{command[0]} does not listen"
                time.sleep(0.1)
        yield
    finally:
        popen.kill()
        popen.wait()
