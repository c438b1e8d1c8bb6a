"""How the project's errors end a step: one clear line, and no retry: each has been waited for, or needs a person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import duckdb

from ingest.error_lines import safe_line
from ingest.errors import CreditsError
from orchestration.run_log import log_error

# For what the project has no line for: a disk or a share that stumbled, most likely.
RETRIES = dg.RetryPolicy(max_retries=2, delay=5, backoff=dg.Backoff.EXPONENTIAL)


@contextmanager
def as_failures() -> Iterator[None]:
    """Turn what goes wrong into a failed step that says one line, without a value of a record: Dagster keeps it.

    The run's log has the rest. A step is tried again only where the project has no line for what happened, and that
    may pass.
    """
    try:
        yield
    except CreditsError as error:
        log_error(error)
        raise dg.Failure(description=str(error), allow_retries=False) from None
    except Exception as error:
        log_error(error)
        may_pass = isinstance(error, OSError | duckdb.IOException)
        raise dg.Failure(f"{type(error).__name__}: {safe_line(error)}", allow_retries=may_pass) from None
