"""A simulated Corti for each test, and a session with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ingest.simulator.serving import Served, simulated
from ingest.simulator.state import Simulator
from tests.ingest.capture.sessions import Session


@pytest.fixture
def simulator() -> Simulator:
    return Simulator(seed=5, processing_seconds=0.1)


@pytest.fixture
def corti(simulator: Simulator) -> Iterator[Served]:
    with simulated(simulator) as at:
        yield at


@pytest.fixture
def session(corti: Served) -> Session:
    return Session(corti)
