"""The log of one run: a file below `logs/` with what a person needs after a failure, and never record content.

Everything that should be logged goes to `LOGGER`. Outside a run it is discarded.
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
    """On a full disk the log itself must not put a traceback on the terminal."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Lose the line."""


@contextmanager
def run_log(settings: Settings, purpose: str) -> Iterator[Path]:
    """Write what is logged while the block runs to a new file, and keep the last 30 files.

    The folder exists: the holder of the writer's lock has made it.

    Raises:
        OSError: the file can't be written.
    """
    # Dagster may call this twice for one run.
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
    """Log when a step begins, and how long it took if it succeeded."""
    began = time.monotonic()
    LOGGER.info("%s …", name)
    yield
    LOGGER.info("%s: %.1f s", name, time.monotonic() - began)


def log_error(error: BaseException) -> None:
    """Log why a run ends: the line of the error, and for an unexpected error also where it was raised."""
    if isinstance(error, CreditsError) and error.__cause__ is None:
        LOGGER.error("%s", error)
    else:
        LOGGER.error("%s: %s\n%s", type(error).__name__, safe_line(error), safe_traceback(error))


def _remove_old_logs(settings: Settings) -> None:
    logs = sorted(settings.logs.glob("????-??-??T??-??-??Z-*.log"))
    for path in logs[:-KEPT]:
        path.unlink(missing_ok=True)
