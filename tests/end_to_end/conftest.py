"""Homes to drive."""

from __future__ import annotations

import pytest

from ingest.settings import load_settings
from tests.end_to_end.driving import Warehouse


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A home for the whole session; take `warehouse`, which is empty."""
    home = tmp_path_factory.mktemp("warehouse") / "home"
    return Warehouse(load_settings({"CREDITS_HOME": str(home), "CREDITS_LOCK_WAIT_SECONDS": "0"}))


@pytest.fixture
def warehouse(shared_home: Warehouse) -> Warehouse:
    """An empty home. Its path is that of earlier tests: what dbt has parsed there is kept."""
    shared_home.empty()
    return shared_home
