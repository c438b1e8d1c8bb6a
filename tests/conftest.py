"""Settings for all tests: `--hypothesis-profile=thorough` gives the random tests many more examples."""

from __future__ import annotations

import signal

import pytest
from hypothesis import settings

settings.register_profile("thorough")


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Tests and the commands that they start can be interrupted, even if a shell started the tests in the background:
    such a shell ignores Ctrl-C, and all processes below it inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
