"""A simulated Corti for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.simulator.serving import simulated
from ingest.simulator.state import Simulator
from tests.ingest.corti.corti_at_hand import CortiAtHand


@pytest.fixture
def corti(tmp_path: Path) -> Iterator[CortiAtHand]:
    simulator = Simulator()
    with simulated(simulator) as served:
        yield CortiAtHand(simulator, served, tmp_path / "home" / "landing")
