"""A simulated Corti for each test, behind one server for all: starting a server takes longer than most tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette

from ingest.simulator.app import create_app
from ingest.simulator.serving import Served, serving
from ingest.simulator.state import Simulator
from tests.ingest.corti.corti_at_hand import CortiAtHand


@pytest.fixture(scope="package")
def server() -> Iterator[tuple[Starlette, Served]]:
    app = create_app(Simulator())
    with serving(app) as served:
        yield app, served


@pytest.fixture
def corti(server: tuple[Starlette, Served], tmp_path: Path) -> CortiAtHand:
    app, served = server
    app.state.simulator = Simulator()
    return CortiAtHand(app.state.simulator, served, tmp_path / "a [home]*" / "landing")


@pytest.fixture
def asked(corti: CortiAtHand) -> CortiAtHand:
    """A Corti with one interaction that has one recording."""
    corti.interaction(recordings={"r-1": 10})
    return corti
