"""A standalone master of Spark with two workers on loopback, each in a process of its own, and what its executors did."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ingest.settings import CHECKOUT

WORKERS = 2
_SECONDS_TO_START = 120
_CLASSES = "org.apache.spark.deploy"
_LIKE_THE_DRIVER = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=256m"


@dataclass(frozen=True)
class Standalone:
    """The master's URL, a properties file for its sessions, and the folders of its workers and of their event logs."""

    master: str
    properties: Path
    workers: tuple[Path, ...]
    events: Path

    def tasks_by_executor(self) -> Mapping[str, int]:
        """How many tasks each executor ended well, in all sessions, by the executor's id."""
        logged = [json.loads(line) for path in self.events.rglob("*app-*") for line in _lines(path)]
        return Counter(
            event["Task Info"]["Executor ID"]
            for event in logged
            if event["Event"] == "SparkListenerTaskEnd" and event["Task End Reason"]["Reason"] == "Success"
        )

    def executors_of_workers(self) -> list[set[str]]:
        """The ids of the executors that each worker started."""
        return [{path.name for path in worker.glob("app-*/*") if path.is_dir()} for worker in self.workers]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


@contextmanager
def standalone_master(folder: Path, properties: Path) -> Iterator[Standalone]:
    """Start the master and its workers, and end them; its sessions have these properties and their own."""
    workers = tuple(folder / f"worker-{number}" for number in range(WORKERS))
    events = folder / "events"
    for path in (*workers, events):
        path.mkdir(parents=True)
    own = folder / "standalone.properties"
    own.write_text(
        f"{properties.read_text()}\n"
        f"spark.executor.extraJavaOptions {_LIKE_THE_DRIVER}\n"
        "spark.sql.shuffle.partitions 2\n"
        "spark.default.parallelism 2\n"
        "spark.eventLog.enabled true\n"
        "spark.eventLog.rolling.enabled false\n"
        "spark.eventLog.compress false\n"
        f"spark.eventLog.dir {events.as_uri()}\n"
    )
    at_loopback = ("--host", "127.0.0.1", "--webui-port", "0")
    with ExitStack() as stack:
        log = folder / "master.log"
        stack.enter_context(_running(log, f"{_CLASSES}.master.Master", *at_loopback, "--port", "0"))
        master = _awaited(log, r"Starting Spark master at (spark://127\.0\.0\.1:\d+)")[0]
        for worker in workers:
            options = ("--cores", "1", "--memory", "1g", "--work-dir", str(worker), master)
            stack.enter_context(
                _running(worker.with_suffix(".log"), f"{_CLASSES}.worker.Worker", *at_loopback, *options)
            )
        _awaited(log, "Registering worker", WORKERS)
        yield Standalone(master, own, workers, events)


@contextmanager
def _running(log: Path, *command: str) -> Iterator[None]:
    import pyspark  # pyright: ignore[reportMissingImports]

    start = Path(str(pyspark.__file__)).with_name("bin") / "spark-class"
    environment = {
        **os.environ,
        # Executors have the environment of their worker, and their tasks import the project.
        "PYTHONPATH": str(CHECKOUT),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_MEMORY": "256m",
    }
    with log.open("wb") as words:
        process = subprocess.Popen([start, *command], env=environment, stdout=words, stderr=words, cwd=CHECKOUT)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _awaited(log: Path, pattern: str, times: int = 1) -> list[str]:
    until = time.monotonic() + _SECONDS_TO_START
    while len(found := re.findall(pattern, log.read_text(errors="replace"))) < times:
        assert time.monotonic() < until, f"{log} never says {pattern}: {log.read_text(errors='replace')[-2000:]}"
        time.sleep(0.2)
    return found
