"""A home for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ingest.landing.landing_home import LandingHome


@pytest.fixture
def home(tmp_path: Path) -> LandingHome:
    return LandingHome.at(tmp_path / "home")
