"""A home in which runs are killed: made once, restored before each trial, and compared with the sum of what was
dropped.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import dagster as dg
import duckdb

from ingest.settings import CHECKOUT, Settings

DOORS: Mapping[str, tuple[str, ...]] = {
    "credits run": ("-m", "orchestration.cli", "run"),
    "dagster job": ("-m", "dagster", "job", "execute", "-m", "orchestration.definitions", "-j", "credits_job"),
}
PATIENCE = 600
"""Seconds after which a run that follows a killed one is taken for one that never ends."""


@dataclass(frozen=True)
class Dropped:
    """What is below landing/, counted when it was dropped."""

    operations: int
    credits: Decimal


@dataclass(frozen=True)
class Trial:
    """One kill: by which door the run came, when it is killed (a share of a whole run's time) and what of it."""

    door: str
    moment: float
    whole_group: bool
    files: tuple[tuple[str, tuple[str, ...]], ...]
    """Names, and the credits of their records."""


def planned(seed: int, number: int) -> Trial:
    """The trial of this number: half of the kills are of the whole process group, a quarter of the runs Dagster's."""
    rng = random.Random(f"{seed}/{number}")
    files = tuple(
        (f"{number}-{at}.jsonl", tuple(f"{rng.randrange(1, 10**9)}e-9" for _ in range(rng.randrange(1, 40))))
        for at in range(rng.randrange(1, 4))
    )
    return Trial("dagster job" if number % 4 == 3 else "credits run", rng.uniform(0, 1.02), number % 2 == 0, files)


@dataclass(frozen=True)
class FaultHome:
    """A home, its DAGSTER_HOME and its folder for temporary files. Paths stay, so that dbt parses its project once."""

    settings: Settings
    dagster_home: Path
    temporary: Path
    state: Path
    seconds: dict[str, float]
    """How long a whole run takes by each door."""

    def drop(self, files: tuple[tuple[str, tuple[str, ...]], ...]) -> Dropped:
        """Put usage records below landing/, each file by renaming it into place."""
        total = Decimal(0)
        for name, credits in files:
            rows = [
                {"recordId": f"{name}/{at}", "creditsConsumed": figure, "createdAt": f"2026-0{at % 9 + 1}-11T10:00:00Z"}
                for at, figure in enumerate(credits)
            ]
            path = self.settings.landing / "usage_records" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_name(f".{name}.partial")
            partial.write_text("".join(json.dumps(row) + "\n" for row in rows))
            partial.rename(path)
            total += sum(map(Decimal, credits), Decimal(0))
        return Dropped(sum(len(credits) for _, credits in files), total)

    def started(self, door: str) -> subprocess.Popen[str]:
        """Start a run by a door, in a session of its own."""
        environment = {
            **os.environ,
            "CREDITS_HOME": str(self.settings.home),
            "CREDITS_LOCK_WAIT_SECONDS": "60",
            "DAGSTER_HOME": str(self.dagster_home),
            "TMPDIR": str(self.temporary),
        }
        output = (self.temporary.parent / "output").open("w")
        with output:
            return subprocess.Popen(
                [sys.executable, *DOORS[door]],
                cwd=CHECKOUT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )

    def completed(self, door: str) -> int:
        """Run by a door until it ends by itself; its exit code. One that does not end is killed."""
        process = self.started(door)
        try:
            return process.wait(PATIENCE)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)

    def killed(self, trial: Trial) -> bool:
        """Start a run and kill it at the trial's moment; whether it still ran then."""
        process = self.started(trial.door)
        try:
            process.wait(trial.moment * self.seconds[trial.door])
        except subprocess.TimeoutExpired:
            if trial.whole_group:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        return process.wait() == -signal.SIGKILL

    def said(self) -> str:
        """What the last run said."""
        return (self.temporary.parent / "output").read_text()[-3000:]

    def keep(self) -> None:
        """Keep a copy of everything but what dbt has parsed."""
        shutil.rmtree(self.state, ignore_errors=True)
        self.state.mkdir()
        for name, source in self._parts():
            shutil.copytree(source, self.state / name, symlinks=True, ignore=shutil.ignore_patterns("dbt"))

    def restore(self) -> None:
        """Be as that copy."""
        for name, target in self._parts():
            for path in target.glob("*") if target.is_dir() else ():
                if path.name == "warehouse":
                    for inner in path.iterdir():
                        if inner.name != "dbt":
                            shutil.rmtree(inner) if inner.is_dir() else inner.unlink()
                elif path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink()
            shutil.copytree(self.state / name, target, symlinks=True, dirs_exist_ok=True)
        shutil.rmtree(self.temporary, ignore_errors=True)
        self.temporary.mkdir()

    def _parts(self) -> Iterator[tuple[str, Path]]:
        yield "home", self.settings.home
        yield "dagster", self.dagster_home

    def published(self) -> set[tuple[int, int, Decimal]]:
        """Rows, different operations and credits of the fact and of the days: a single tuple if the books balance."""
        path = self.settings.published / "current" / "credits.duckdb"
        with duckdb.connect(str(path), read_only=True) as marts:
            return {
                *marts.execute(
                    "select count(*), count(distinct operation_key), sum(credits) from marts.fct_credit_usage"
                ).fetchall(),
                *marts.execute(
                    "select sum(operations)::bigint, sum(operations)::bigint, sum(credits) from marts.agg_credits_daily"
                ).fetchall(),
            }

    def left_behind(self) -> list[str]:
        """What a killed run left that the next one should have cleared: partial versions, slots, runs, temporary files."""
        left = [str(path) for path in self.settings.published.glob("versions/.*")]
        left += [str(path) for path in self.temporary.iterdir()]
        with dg.DagsterInstance.from_config(str(self.dagster_home)) as instance:
            left += [f"slot of {run}" for run in instance.event_log_storage.get_concurrency_run_ids()]
        return left


def fault_home(folder: Path, settings: Settings) -> FaultHome:
    """A published home with some history, and how long a run takes in it by each door."""
    home = FaultHome(settings, folder / "dagster", folder / "tmp", folder / "state", {})
    for path in (home.dagster_home, home.temporary, settings.landing):
        path.mkdir(parents=True)
    shutil.copy(CHECKOUT / "dagster.yaml", home.dagster_home)
    # The first two builds are dbt's: those after them are as long as the ones that are killed.
    for name, credits in (("first.jsonl", ("1", "0.5")), ("second.jsonl", ("1",))):
        home.drop(((name, credits),))
        assert home.completed("credits run") == 0, home.said()
    for number, door in enumerate(DOORS):
        home.drop(((f"warm-{number}.jsonl", ("1",)),))
        began = time.monotonic()
        assert home.completed(door) == 0, home.said()
        home.seconds[door] = time.monotonic() - began
    home.keep()
    return home
