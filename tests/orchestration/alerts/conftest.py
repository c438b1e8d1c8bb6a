"""A home with open alerts, and a service that gets them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.settings import Settings
from tests.orchestration.alert_receiver import Receiver, publish_alerts, receiving
from tests.orchestration.alerts.rounds import URLS


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with two open alerts, and no target."""
    for name in (URLS, f"{URLS}_FILE"):
        monkeypatch.delenv(name, raising=False)
    return publish_alerts(tmp_path / "home", ["first", "second"], critical=["second"], closed=3)
