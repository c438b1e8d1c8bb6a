"""Dagster's history in a real Postgres, the code behind gRPC: a tick of the sensor lands and publishes the sample."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import yaml

from tests.deploy.places import CONTAINERS, SAMPLE
from tests.orchestration.defs.test_dagster_dev import free_port
from tests.orchestration.environments import environment
from tests.orchestration.homes import CHECKOUT
from tests.orchestration.sessions import gone

pytestmark = pytest.mark.lane

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
PASSWORD = "only-for-this-test"
HISTORY = """
from datetime import timedelta
import dagster as dg
from ingest.settings import load_settings
from orchestration.defs import history
from orchestration.defs.dead_runs import end_dead_runs

with dg.DagsterInstance.get() as instance:
    print(type(instance.run_storage).__name__, type(instance.event_log_storage).__name__)
    end_dead_runs(instance, load_settings())
    history.KEPT = -timedelta(days=1)
    print(history.forget_old_runs(instance) > 0, len(instance.get_runs()))
"""


@dataclass(frozen=True)
class Postgres:
    """A server on loopback, with one database."""

    port: int
    programs: Path

    def rows(self, sql: str) -> list[list[str]]:
        asked = [str(self.programs / "psql"), "-h", "127.0.0.1", "-p", str(self.port), "-U", "dagster", "-d", "dagster"]
        answer = subprocess.run(
            [*asked, "-X", "-A", "-t", "-c", sql],
            env={**os.environ, "PGPASSWORD": PASSWORD},
            capture_output=True,
            text=True,
            check=True,
        )
        return [line.split("|") for line in answer.stdout.splitlines()]


@contextmanager
def started(command: Sequence[str], log: Path, **how: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a session of its own; it is ended with all its children."""
    with log.open("w") as output:
        # `how` may name a user or a folder, but never text.
        process = cast(
            "subprocess.Popen[bytes]",
            subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True, **how),
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        if not gone(process.pid, seconds=30):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(what: str, is_so: Callable[[], Any], process: subprocess.Popen[bytes], log: Path, pause: float) -> Any:
    """What `is_so` answers, when that is something; asks again after each pause, for at most eight minutes."""
    until = time.monotonic() + 480
    while time.monotonic() < until:
        if found := is_so():
            return found
        assert process.poll() is None, f"{what}: it has ended\n{log.read_text()[-3000:]}"
        time.sleep(pause)
    pytest.fail(f"{what}: not within 480 s\n{log.read_text()[-3000:]}")


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    """A new cluster in a temporary folder that its user reaches; Postgres refuses to run as root."""
    if not PROGRAMS:
        pytest.skip("Postgres is not installed (Debian: apt-get install postgresql)")
    programs, port = PROGRAMS[-1].parent, free_port()
    owner: dict[str, Any] = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="credits-postgres-"))
    try:
        password = folder / "password"
        password.write_text(PASSWORD)
        if owner:
            for path in (folder, password):
                shutil.chown(path, **owner)
        made = ["--auth=scram-sha-256", "--username=dagster", f"--pwfile={password}", "--no-sync"]
        subprocess.run([programs / "initdb", *made, folder / "data"], check=True, capture_output=True, **owner)
        listening = ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}", "-p", str(port)]
        command = [str(programs / "postgres"), "-D", str(folder / "data"), *listening]
        log = folder / "log"
        with started(command, log, **owner) as process:
            ready = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
            wait_for("Postgres", lambda: subprocess.run(ready, check=False).returncode == 0, process, log, 0.2)
            subprocess.run(
                [programs / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "dagster", "dagster"],
                env={**os.environ, "PGPASSWORD": PASSWORD},
                check=True,
            )
            yield Postgres(port, programs)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The tests' own environment and what the extra adds to it, as the image's lock file pins it."""
    locked = (CONTAINERS / "requirements.txt").read_text()
    pins = [re.search(rf"^{name}==\S+", locked, re.MULTILINE) for name in ("dagster-postgres", "psycopg2-binary")]
    return environment(
        tmp_path_factory.mktemp("postgres") / "env", "--no-deps", *(pin[0] for pin in pins if pin), above=True
    )


def command_of(service: str, python: str, ports: Mapping[str, str]) -> list[str]:
    """The service's command in the compose file, on this machine's ports and loopback."""
    return _here(
        yaml.safe_load((CONTAINERS / "compose.yaml").read_text())["services"][service]["command"], python, ports
    )


def health_check_of(service: str, python: str, ports: Mapping[str, str]) -> list[str]:
    """The command of the service's health check, likewise."""
    test = yaml.safe_load((CONTAINERS / "compose.yaml").read_text())["services"][service]["healthcheck"]["test"]
    assert test[0] == "CMD"
    return _here(test[1:], python, ports)


def _here(command: Sequence[str], python: str, ports: Mapping[str, str]) -> list[str]:
    modules = {"dagster": "dagster", "dagster-daemon": "dagster._daemon", "dagster-webserver": "dagster_webserver"}
    program, *arguments = command
    start = [python, "-m", modules[program]] if program in modules else [python]
    joined = shlex.join(arguments).replace("0.0.0.0", "127.0.0.1")
    for there, here in ports.items():
        joined = re.sub(rf"\b{there}\b", here, joined)
    return [*start, *shlex.split(joined)]


def test_sensor_publishes_over_grpc_and_the_run_is_in_postgres(postgres: Postgres, python: str, tmp_path: Path) -> None:
    home, dagster_home = tmp_path / "home", tmp_path / "dagster"
    shutil.copytree(SAMPLE / "landing", home / "landing")
    dagster_home.mkdir()
    for name in ("dagster.yaml", "workspace.yaml"):
        shutil.copy(CONTAINERS / name, dagster_home)
    ports = {"4000": str(free_port()), "3000": str(free_port())}
    for_dagster = {
        "DAGSTER_HOME": str(dagster_home),
        "DAGSTER_POSTGRES_HOST": "127.0.0.1",
        "DAGSTER_POSTGRES_PORT": str(postgres.port),
        "DAGSTER_POSTGRES_DB": "dagster",
        "DAGSTER_POSTGRES_USER": "dagster",
        "DAGSTER_POSTGRES_PASSWORD": PASSWORD,
        "DAGSTER_CODE_SERVER_HOST": "127.0.0.1",
        "DAGSTER_CODE_SERVER_PORT": ports["4000"],
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("CREDITS_", "DAGSTER_"))}
    everywhere = {**inherited, **for_dagster, "PYTHONUNBUFFERED": "1"}
    # Only the code server knows the home and finds the project's code.
    of_code = {**everywhere, "CREDITS_HOME": str(home), "PYTHONPATH": str(CHECKOUT)}

    def is_healthy(service: str) -> bool:
        ended = subprocess.run(
            health_check_of(service, python, ports), cwd=dagster_home, env=everywhere, capture_output=True, check=False
        )
        return ended.returncode == 0

    processes: dict[str, subprocess.Popen[bytes]] = {}
    with ExitStack() as running:
        for service in ("code-server", "daemon", "webserver"):
            log = tmp_path / f"{service}.log"
            processes[service] = process = running.enter_context(
                started(
                    command_of(service, python, ports),
                    log,
                    cwd=dagster_home,
                    env=of_code if service == "code-server" else everywhere,
                )
            )
            # A check is a process that imports Dagster, for two CPU-seconds.
            wait_for(service, partial(is_healthy, service), process, log, 4)
        ended = "select run_id, pipeline_name, status from runs where status in ('SUCCESS', 'FAILURE', 'CANCELED')"
        # The sensor's run; at a full hour the schedule starts another one.
        run, job, status = wait_for(
            "a run", lambda: postgres.rows(ended), processes["daemon"], tmp_path / "daemon.log", 1
        )[0]
        assert (job, status) == ("credits_job", "SUCCESS"), (tmp_path / "code-server.log").read_text()[-3000:]
        answer = httpx.post(
            f"http://127.0.0.1:{ports['3000']}/graphql",
            json={
                "query": "query ($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }",
                "variables": {"id": run},
            },
            timeout=60,
        )
        assert answer.json() == {"data": {"runOrError": {"status": "SUCCESS"}}}
    assert (home / "published" / "current" / "manifest.json").exists()
    assert postgres.rows(f"select count(*) > 100 from event_logs where run_id = '{run}'") == [["t"]]
    assert postgres.rows("select count(*) > 0 from job_ticks where status = 'SUCCESS'") == [["t"]]
    assert postgres.rows("select count(*) from pending_steps") == [["0"]]
    assert not [path for path in dagster_home.rglob("*") if path.suffix == ".db"]

    cleaned = subprocess.run(
        [python, "-c", HISTORY], cwd=CHECKOUT, env=of_code, capture_output=True, text=True, check=False
    )
    assert cleaned.returncode == 0, cleaned.stderr
    assert cleaned.stdout.splitlines() == ["PostgresRunStorage PostgresEventLogStorage", "True 0"]
    assert postgres.rows(f"select count(*) from event_logs where run_id = '{run}'") == [["0"]]
