"""Joining files may be killed at any moment: nothing is lost, nothing lands twice, and the next call goes on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ingest.settings import CHECKOUT, load_settings
from tests.ingest.landing.compacting_home import (
    BUNDLE,
    bundle_of,
    compacted,
    files_below,
    landed_and_compacted,
    outcome,
    published,
    rebuilt,
)
from tests.ingest.landing.landing_home import LandingHome, record

KILLED_BEFORE = """
import os, signal, sys
from pathlib import Path
from tests.ingest.landing.compacting_home import compacted
from tests.ingest.landing.landing_home import LandingHome
from ingest.settings import load_settings

home = LandingHome(load_settings({"CREDITS_HOME": sys.argv[1], "CREDITS_LOCK_WAIT_SECONDS": "0"}))
left = int(sys.argv[2])
steps = []

def step(event, given):
    if event not in ("open", "os.rename", "os.remove") or "landing" not in str(given[0]):
        return
    steps.append(event)
    if len(steps) == left:
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(step)
compacted(home)
print(*steps)
"""


def killed_before(home: LandingHome, step: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", KILLED_BEFORE, str(home.settings.home), str(step)],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_kill_at_any_step_loses_nothing(tmp_path: Path) -> None:
    made = LandingHome.at(tmp_path / "made")
    for name in ("a", "b", "c"):
        made.usage(f"{name}.jsonl", [record(name), record(name, "broken")])
    landed_and_compacted(made)
    made.usage("late.jsonl", [record("late")])
    made.usage("tenantId=x/late.jsonl", [record("late")])
    made.land()
    published(made)
    expected, rows, files = outcome(made), rows_of(outcome(made)), files_below(made)

    def a_copy(name: str) -> LandingHome:
        home = home_at(shutil.copytree(made.settings.home, tmp_path / name))
        home.land()
        return home

    whole = killed_before(a_copy("whole"), -1)
    steps = whole.stdout.split()
    assert (steps.count("os.rename"), steps.count("os.remove")) == (1, 2 + 1), whole.stderr
    seen: set[int] = set()
    opened = [number for number, step in enumerate(steps, 1) if step == "open"]
    for step in sorted({*range(1, len(steps) + 1)} - {*opened} | {*opened[::4]}):
        home = a_copy(f"killed {step}")
        assert killed_before(home, step).returncode == -signal.SIGKILL
        seen.add(len(files_below(home)))
        assert (home.land().load_id, outcome(home)) == (None, expected)
        assert rows_of(rebuilt(home_at(shutil.copytree(home.settings.home, tmp_path / f"again {step}")))) == rows
        compacted(home)
        assert files_below(home) == [BUNDLE]
        assert (home.land().load_id, outcome(home)) == (None, expected)
    # Before the new bundle, with its partial file, and while the files are removed one by one.
    assert seen == {len(files) - 1, len(files), len(files) + 1}


def home_at(path: Path) -> LandingHome:
    return LandingHome(load_settings({"CREDITS_HOME": str(path), "CREDITS_LOCK_WAIT_SECONDS": "0"}))


def rows_of(found: list[Any]) -> list[list[str]]:
    """The rows of usage and of the ledger, whatever the numbers of their files are."""
    return [sorted(map(repr, found[0])), sorted(repr(row[1:]) for row in found[2])]


@pytest.fixture
def joined(home: LandingHome) -> LandingHome:
    """A home with a bundle, and copies of its files beside it."""
    for name in ("a", "b"):
        home.usage(f"{name}.jsonl", [record(name)])
    home.land()
    shutil.copytree(home.settings.landing, home.settings.home / "copies")
    landed_and_compacted(home)
    return home


def test_a_file_that_is_in_the_bundle_too_lands_once(joined: LandingHome) -> None:
    before = outcome(joined)
    shutil.copytree(joined.settings.home / "copies", joined.settings.landing, dirs_exist_ok=True)
    assert (joined.land().load_id, outcome(joined)) == (None, before)
    assert rebuilt(joined) == before
    assert joined.land().load_id is None
    published(joined)
    bundle = bundle_of(joined).read_bytes()
    assert compacted(joined).files == 2
    assert (files_below(joined), bundle_of(joined).read_bytes()) == ([BUNDLE], bundle)
    assert (joined.land().load_id, rebuilt(joined)) == (None, before)


def test_other_records_under_the_path_of_a_member_are_kept_beside_it(joined: LandingHome) -> None:
    joined.usage("a.jsonl", [record("a"), record("more")])
    assert joined.land().files == 1
    before = outcome(joined)
    assert landed_and_compacted(joined).files == 0
    assert files_below(joined) == [BUNDLE, "usage_records/a.jsonl"]
    assert rows_of(rebuilt(joined)) == rows_of(before)
    assert joined.land().load_id is None


def test_a_file_that_changes_before_it_is_removed_stays(joined: LandingHome, monkeypatch: pytest.MonkeyPatch) -> None:
    changing = joined.usage("c.jsonl", [record("c")])
    joined.usage("d.jsonl", [record("d")])
    joined.land()
    published(joined)
    rename = Path.rename

    def then_changed(path: Path, target: Path) -> Path:
        found = rename(path, target)
        changing.write_text('{"resourceId": "other", "creditsConsumed": 2, "createdAt": "2025-03-02"}\n')
        return found

    monkeypatch.setattr(Path, "rename", then_changed)
    done = compacted(joined)
    assert (done.files, done.fingerprint_after) == (1, None)
    assert files_below(joined) == [BUNDLE, "usage_records/c.jsonl"]
    assert joined.land().files == 1
    assert {*joined.credits()} == {"a", "b", "c", "d", "other"}
