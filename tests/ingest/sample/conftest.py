"""A sample, written once, and its rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.sample import SampleSummary, write_sample
from tests.ingest.sample.reading import Row, rows


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def summary(home: Path) -> SampleSummary:
    return write_sample(home, records=3000, days=120, seed=7)


@pytest.fixture(scope="session")
def usage(home: Path, summary: SampleSummary) -> dict[str, list[Row | None]]:
    """Rows of every usage file by its name below `usage_records`; None for what is no JSON object."""
    folder = home / "landing" / "usage_records"
    return {str(path.relative_to(folder)): list(rows(path)) for path in summary.paths if folder in path.parents}


@pytest.fixture(scope="session")
def mappings(home: Path, summary: SampleSummary) -> dict[str, list[Row]]:
    folder = home / "landing" / "mappings"
    return {
        str(path.relative_to(folder)): [row for row in rows(path) if row]
        for path in summary.paths
        if folder in path.parents
    }
