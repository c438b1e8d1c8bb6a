"""The seed of random faults: given by CREDITS_FAULT_SEED, shown in the header, and enough to repeat a trial."""

from __future__ import annotations

import os

import pytest

SEED = int(os.environ.get("CREDITS_FAULT_SEED") or 20261)


def pytest_report_header() -> str:
    return f"faults: CREDITS_FAULT_SEED={SEED}"


@pytest.fixture(scope="session")
def fault_seed() -> int:
    return SEED
