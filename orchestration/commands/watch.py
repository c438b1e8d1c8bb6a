"""`credits watch`: a process that stays warm and runs whenever there is something new."""

from __future__ import annotations

import time
from collections.abc import Callable

from ingest.errors import CreditsError
from ingest.landing_store import landing_store
from ingest.settings import Settings
from orchestration.change_detection import bring_landing, has_news
from orchestration.commands.run import Show, left_out_error, run_once

_LONGEST_PAUSE_SECONDS = 300.0
"""The longest pause after several failed runs in a row."""
_IDLE_SECONDS = 300.0
"""After this time without a run, alerts that did not arrive are tried again."""


def watch(
    settings: Settings,
    every_seconds: float,
    *,
    show: Show,
    warn: Show,
    sleep: Callable[[float], object] = time.sleep,
    now: Callable[[], float] = time.monotonic,
) -> None:
    """Look for something new at this interval in seconds, and run if there is; end when a signal stops the wait.

    A run that fails prints its line and is tried again, after a pause that doubles up to 5 minutes. What a person has
    to mend is printed when it changes.

    Raises:
        HomeError, SettingsError, StorageError: there is no landing folder when the watch begins, or its bucket can't be
            used.
    """
    bring_landing(settings)
    show(f"watching {landing_store(settings)}: a look every {every_seconds:g} s, Ctrl-C ends it")
    pause, last_run, to_mend = every_seconds, now(), ()
    while True:
        try:
            bring_landing(settings)
            is_new = has_news(settings)
            if is_new or now() - last_run >= _IDLE_SECONDS:
                outcome = run_once(settings, rebuild=False, show=show if is_new else _silent)
                last_run = now()
                if outcome.to_mend != to_mend and (error := left_out_error(outcome)):
                    warn(str(error))
                to_mend = outcome.to_mend
            pause = every_seconds
        except CreditsError as failure:
            warn(str(failure))
            pause = min(2 * pause, max(_LONGEST_PAUSE_SECONDS, every_seconds))
        try:
            sleep(pause)
        except KeyboardInterrupt:
            show("stopped")
            return


def _silent(line: str) -> None:
    """Print nothing, since nothing is new."""
