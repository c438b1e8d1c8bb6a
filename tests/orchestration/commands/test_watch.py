"""`credits watch` runs when something lands, names what fails and goes on, and ends when it is stopped."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from ingest.contract.left_out import LeftOut
from ingest.errors import HomeError, LockedError
from orchestration.commands import watch as watching
from orchestration.commands.watch import watch
from orchestration.run_outcome import RunOutcome
from tests.orchestration.homes import CHECKOUT, Home

NOTHING_LEFT_OUT = RunOutcome("v", True, {})


class Watch:
    """A watch whose looks are given: whether something is new at each, and how a run then ends."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *looks: bool | HomeError, fails: bool = False) -> None:
        self.looks: Iterator[bool | HomeError] = iter(looks)
        self.pauses: list[float] = []
        self.said: list[str] = []
        self.warned: list[str] = []
        self.runs = 0
        self.clock = 0.0
        self.fails = fails
        self.outcome = NOTHING_LEFT_OUT
        monkeypatch.setattr(watching, "has_news", self.look)
        monkeypatch.setattr(watching, "run_once", self.run)

    def look(self, _: object) -> bool:
        found = next(self.looks, None)
        if found is None:
            raise KeyboardInterrupt
        if isinstance(found, HomeError):
            raise found
        return found

    def run(self, *_: object, **__: object) -> RunOutcome:
        self.runs += 1
        if self.fails:
            raise LockedError("the warehouse is held by another run.")
        return self.outcome

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.clock += seconds

    def follow(self, home: Home, every: float) -> None:
        with pytest.raises(KeyboardInterrupt):
            watch(
                home.settings,
                every,
                show=self.said.append,
                warn=self.warned.append,
                sleep=self.sleep,
                now=lambda: self.clock,
            )


def test_it_runs_only_when_something_is_new(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watch(monkeypatch, False, True, False, True)
    watched.follow(home, 5)
    assert (watched.runs, watched.pauses, watched.warned) == (2, [5, 5, 5, 5], [])
    assert str(home.settings.landing) in watched.said[0]


def test_a_run_that_fails_is_named_and_tried_again_after_longer_and_longer(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watch(monkeypatch, *[True] * 9, fails=True)
    watched.follow(home, 5)
    assert watched.warned == ["the warehouse is held by another run."] * 9
    assert watched.pauses == [10, 20, 40, 80, 160, 300, 300, 300, 300]


def test_what_has_to_be_mended_is_said_once_and_slows_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watch(monkeypatch, True, True, True)
    watched.outcome = RunOutcome("v", True, {}, left_out=(LeftOut("rates.csv", "row 2", 1, "set_aside"),))
    watched.follow(home, 5)
    assert (watched.runs, watched.pauses) == (3, [5, 5, 5])
    assert len(watched.warned) == 1 and "rates.csv" in watched.warned[0]


def test_no_number_of_seconds_is_asked_wrongly(home: Home) -> None:
    ended = home.credits("watch", "--every", "nan")
    assert ended.code == 2 and "nan" in ended.err


def test_a_folder_that_cannot_be_read_is_named_and_the_watch_goes_on(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watch(monkeypatch, HomeError("landing/ cannot be read."), True)
    watched.follow(home, 1)
    assert (watched.warned, watched.runs, watched.pauses) == (["landing/ cannot be read."], 1, [2, 1])


def test_without_news_alerts_are_tried_again_from_time_to_time(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watch(monkeypatch, *[False] * 7)
    watched.follow(home, 100)
    assert watched.runs == 2


def test_what_lands_is_published_by_one_process_until_it_is_told_to_stop(home: Home) -> None:
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "orchestration.cli", "watch", "--every", "0.2"],
        cwd=CHECKOUT,
        env=home.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout and process.stderr
    said: list[str] = []
    patience = threading.Timer(180, process.kill)
    patience.start()
    try:
        operations = home.manifest()["totals"]["operations"]
        for number in range(1, 3):
            home.deliver(f"watched-{number}.jsonl", {"creditsConsumed": 1, "createdAt": f"2026-01-0{number}"})
            # The last line of a run: what follows is the wait for the next one.
            while not said or "data-dictionary.html" not in said[-1]:
                said.append(process.stdout.readline())
                assert said[-1], process.stderr.read()
            said.append("")
            assert home.manifest()["totals"]["operations"] == operations + number
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    finally:
        patience.cancel()
        process.kill()
    assert (process.returncode, err) == (0, "")
    assert said[0].startswith("watching ") and sum(line.startswith("published 2") for line in said) == 2
    assert out.endswith("stopped\n")


def test_a_home_without_a_landing_folder_is_refused(fresh_home: Home) -> None:
    assert "does not exist" in fresh_home.credits("watch").one_line
