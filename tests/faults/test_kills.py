"""Runs that are killed at random moments, with Dagster's history kept: the next run ends by itself and has it all, once.

`make test-faults` runs many; CREDITS_FAULT_SEED and CREDITS_FAULT_TRIALS say which and how many.
"""

from __future__ import annotations

import os
from decimal import Decimal

import pytest

from ingest.settings import load_settings
from tests.faults.killing import FaultHome, fault_home, planned

SHORT = 2
LONG = int(os.environ.get("CREDITS_FAULT_TRIALS") or 100)
BEFORE = (5, Decimal("4.5"))
"""Operations and credits of the home that trials begin with."""


@pytest.fixture(scope="session")
def killed_home(tmp_path_factory: pytest.TempPathFactory) -> FaultHome:
    folder = tmp_path_factory.mktemp("faults")
    return fault_home(folder, load_settings({"CREDITS_HOME": str(folder / "home")}))


def tried(home: FaultHome, seed: int, number: int) -> None:
    """One trial: drop files, kill a run, run again, compare."""
    again = f"repeat with CREDITS_FAULT_SEED={seed}, trial {number}: {planned(seed, number)}"
    trial = planned(seed, number)
    home.restore()
    dropped = home.drop(trial.files)
    was_killed = home.killed(trial)
    print(f"seed {seed}, trial {number}: {trial.door} at {trial.moment:.2f}, {'killed' if was_killed else 'had ended'}")
    assert home.completed("credits run") == 0, f"{again}\n{home.said()}"
    expected = (BEFORE[0] + dropped.operations, BEFORE[0] + dropped.operations, BEFORE[1] + dropped.credits)
    assert home.published() == {expected}, again
    assert home.left_behind() == [], again


@pytest.mark.parametrize("number", range(SHORT))
def test_killed_run_is_made_good_by_the_next(killed_home: FaultHome, fault_seed: int, number: int) -> None:
    # Two runs by hand, one of them with its whole process group, and one of Dagster's.
    tried(killed_home, fault_seed, number + 1)


@pytest.mark.faults
@pytest.mark.parametrize("number", range(LONG))
def test_many_killed_runs_are_made_good(killed_home: FaultHome, fault_seed: int, number: int) -> None:
    tried(killed_home, fault_seed, number)
