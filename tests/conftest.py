"""Settings for all tests: `--hypothesis-profile=thorough` gives the random tests many more examples."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import UTC, timedelta

import duckdb
import pytest
from hypothesis import settings

from orchestration import pipeline
from orchestration.models import build_notes

settings.register_profile("thorough")


@pytest.fixture(scope="session", autouse=True)
def no_midnight() -> Iterator[None]:
    """Homes are made once and used by many tests. If midnight passes in between, the next build would be the first of a
    day, which checks all of history and writes more files. In tests a day is therefore the 24 hours since the last
    whole check."""

    def are_whole_checks_due(connection: duckdb.DuckDBPyConnection) -> bool:
        passed_at = build_notes.whole_checks_at(connection)
        return passed_at is None or not timedelta() <= build_notes.datetime.now(UTC) - passed_at < timedelta(days=1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "are_whole_checks_due", are_whole_checks_due)
        yield


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Tests and the commands that they start can be interrupted, even if a shell started the tests in the background:
    such a shell ignores Ctrl-C, and all processes below it inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
