"""The log of one run: a file below `logs/` that holds what a person needs after it failed, and never record content.

Whoever has something to tell writes to `LOGGER`. Without a run around it, that goes nowhere.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from ingest.error_lines import safe_line, safe_traceback
from ingest.errors import CreditsError
from ingest.settings import Settings

KEPT = 30
LOGGER = logging.getLogger("credits.run")
LOGGER.addHandler(logging.NullHandler())
LOGGER.propagate = False
LOGGER.setLevel(logging.INFO)


_paths: dict[tuple[Path, str], Path] = {}


class _Quiet(logging.FileHandler):
    """A full disk must not put a traceback of the log's own on the terminal."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Lose the line."""


@contextmanager
def run_log(settings: Settings, purpose: str) -> Iterator[Path]:
    """Write what is told while the block runs to a file of its own, and keep the last 30 of them.

    The folder is there: whoever holds the writer's lock has made it.

    Raises:
        OSError: the file can't be written.
    """
    # Dagster may come twice for one run.
    path = _paths.setdefault(
        (settings.home, purpose), settings.logs / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%SZ}-{os.getpid()}.log"
    )
    handler = _Quiet(path, encoding="utf-8", errors="backslashreplace")
    path.chmod(0o600)
    formatter = logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    LOGGER.addHandler(handler)
    _remove_old_logs(settings)
    LOGGER.info("%s in %s (process %d)", purpose, settings.home, os.getpid())
    try:
        yield path
        LOGGER.info("ended")
    except BaseException as error:
        log_error(error)
        raise
    finally:
        LOGGER.removeHandler(handler)
        with suppress(OSError):
            handler.close()


@contextmanager
def logged_step(name: str) -> Iterator[None]:
    """Tell when a step begins, and how long it took where it ends well."""
    began = time.monotonic()
    LOGGER.info("%s …", name)
    yield
    LOGGER.info("%s: %.1f s", name, time.monotonic() - began)


def log_error(error: BaseException) -> None:
    """Tell why a run ends: the line of an error of the project, of any other where it was raised as well."""
    if isinstance(error, CreditsError) and error.__cause__ is None:
        LOGGER.error("%s", error)
    else:
        LOGGER.error("%s: %s\n%s", type(error).__name__, safe_line(error), safe_traceback(error))


def _remove_old_logs(settings: Settings) -> None:
    logs = sorted(settings.logs.glob("????-??-??T??-??-??Z-*.log"))
    for path in logs[:-KEPT]:
        path.unlink(missing_ok=True)
