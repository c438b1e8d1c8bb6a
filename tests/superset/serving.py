"""A Superset in an environment and a folder of its own, on loopback, with an administrator of its own."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.focus import validator
from tests.orchestration.environments import uv

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
SECONDS_TO_START = 180
_ADMIN = "admin"
_SETTINGS = """
import os
SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = "sqlite:///" + os.environ["SUPERSET_HOME"] + "/superset.db"
"""
"""Nothing else is set: no cache and no pool, as Superset comes."""


@dataclass(frozen=True)
class Superset:
    """A running Superset, its session logged in."""

    session: httpx.Client

    def ask(self, path: str) -> dict[str, Any]:
        """What its API answers to a GET."""
        return _answer(self.session.get(path))

    def import_set(self, archive: Path, door: str, field: str) -> None:
        """Import a zip by one of the API's doors: `dashboard`, with the field `formData`, or `assets`, with `bundle`."""
        files = {field: (archive.name, archive.read_bytes(), "application/zip")}
        data = {"overwrite": "true"} if door == "dashboard" else {}
        _answer(self.session.post(f"/api/v1/{door}/import/", files=files, data=data))

    def charts(self) -> dict[str, int]:
        """The number of each chart, by its title."""
        found = self.ask("/api/v1/chart/?q=(page_size:100)")["result"]
        return {chart["slice_name"]: chart["id"] for chart in found}

    def rows_of(self, chart: int) -> list[dict[str, Any]]:
        """What a chart's own query gives."""
        (result,) = self.ask(f"/api/v1/chart/{chart}/data/")["result"]
        assert result["status"] == "success" and not result["error"], result
        return result["data"]

    def rows_for(self, query: dict[str, Any], dataset: int) -> list[dict[str, Any]]:
        """What a query on a dataset gives, as the dashboard in a browser asks it."""
        asked = {"datasource": {"id": dataset, "type": "table"}, "queries": [query], "result_format": "json"}
        (result,) = _answer(self.session.post("/api/v1/chart/data", json={**asked, "result_type": "full"}))["result"]
        return result["data"]


def _answer(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 200, f"{response.request.url}: {response.status_code} {response.text[:2000]}"
    return response.json()


def suitable_python() -> Path | None:
    """A Python for the pinned packages: this one, else 3.12 or 3.11; None if there is none."""
    return Path(sys.executable) if sys.version_info < (3, 13) else validator.suitable_python()


def make_environment(folder: Path, python: Path) -> Path:
    """Install Superset and what it needs, every package by its hash; return the folder of its commands."""
    subprocess.run([uv(), "venv", "--quiet", "--python", str(python), str(folder)], check=True)
    inside = folder / "bin" / "python"
    install = ["install", "--quiet", "--compile-bytecode", "--require-hashes", "-r", str(REQUIREMENTS)]
    subprocess.run([uv(), "pip", *install, "--python", str(inside)], check=True)
    return inside.parent


@contextmanager
def superset(commands: Path, home: Path) -> Iterator[Superset]:
    """Initialise a Superset, serve it, log in, and stop it at the end."""
    home.mkdir()
    (home / "superset_config.py").write_text(_SETTINGS)
    password = secrets.token_urlsafe()
    inherited = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    environment = {
        **inherited,
        "HOME": str(home),
        "SUPERSET_HOME": str(home),
        "SUPERSET_CONFIG_PATH": str(home / "superset_config.py"),
        "SUPERSET_SECRET_KEY": secrets.token_urlsafe(42),
        "FLASK_APP": "superset.app:create_app()",
        "PYTHONUNBUFFERED": "1",
    }
    with (home / "log").open("w") as log:

        def run(*arguments: str) -> None:
            command = [str(commands / "superset"), *arguments]
            ended = subprocess.run(command, env=environment, cwd=home, stdout=log, stderr=log, check=False)
            assert ended.returncode == 0, (home / "log").read_text()[-3000:]

        run("db", "upgrade")
        names = ("--username", _ADMIN, "--firstname", "A", "--lastname", "B", "--email", "admin@superset.example")
        run("fab", "create-admin", *names, "--password", password)
        run("init")
        port = _free_port()
        serve = ["--bind", f"127.0.0.1:{port}", "--workers", "1", "--worker-class", "gthread", "--threads", "4"]
        command = [str(commands / "gunicorn"), *serve, "--timeout", "300", "superset.app:create_app()"]
        server = subprocess.Popen(command, env=environment, cwd=home, stdout=log, stderr=log)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=300, trust_env=False) as session:
                _wait(session, server, home / "log")
                _log_in(session, password)
                yield Superset(session)
        finally:
            server.terminate()
            server.wait()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _wait(session: httpx.Client, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(SECONDS_TO_START * 2):
        assert server.poll() is None, log.read_text()[-3000:]
        try:
            if session.get("/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.5)
    raise AssertionError(log.read_text()[-3000:])


def _log_in(session: httpx.Client, password: str) -> None:
    who = {"username": _ADMIN, "password": password, "provider": "db", "refresh": True}
    token = _answer(session.post("/api/v1/security/login", json=who))["access_token"]
    session.headers["Authorization"] = f"Bearer {token}"
    session.headers["Referer"] = str(session.base_url)
    session.headers["X-CSRFToken"] = _answer(session.get("/api/v1/security/csrf_token/"))["result"]
