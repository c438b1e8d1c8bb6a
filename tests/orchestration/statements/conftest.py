"""A home in which statements of several tenants are published."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.settings import Settings, load_settings
from tests.orchestration.statement_rows import publish
from tests.orchestration.statements.made_statements import STATEMENTS


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("CREDITS_HOME", str(tmp_path / "home"))
    settings = load_settings()
    publish(settings, STATEMENTS)
    return settings
