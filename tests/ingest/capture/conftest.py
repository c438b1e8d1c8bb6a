"""Servers behind a gateway: a simulated Corti for each test, and one upstream for all sockets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ingest.simulator.serving import Served, serving, simulated
from ingest.simulator.state import Simulator
from tests.ingest.capture.upstream import Upstream


@pytest.fixture
def simulator() -> Simulator:
    return Simulator(seed=13, processing_seconds=0.1)


@pytest.fixture
def corti(simulator: Simulator) -> Iterator[Served]:
    with simulated(simulator) as at:
        yield at


@pytest.fixture(scope="package")
def upstream() -> Iterator[Served]:
    with serving(Upstream()) as at:
        yield at
