"""How errors end a step: with one clear line. The project's own errors are not retried, since they need a person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import duckdb

from ingest.error_lines import raise_if_interrupted, safe_line
from ingest.errors import CreditsError
from orchestration.run_log import log_error

# For unexpected errors, for example of a disk or network share that was briefly unavailable.
RETRIES = dg.RetryPolicy(max_retries=2, delay=5, backoff=dg.Backoff.EXPONENTIAL)


@contextmanager
def as_failures() -> Iterator[None]:
    """Turn an error into a failed step with one line, without any value of a record, since Dagster keeps it.

    The run's log has the rest. A step is tried again only after an unexpected error that may go away by itself.
    """
    try:
        yield
    except CreditsError as error:
        log_error(error)
        raise dg.Failure(description=str(error), allow_retries=False) from None
    except Exception as error:
        raise_if_interrupted(error)
        log_error(error)
        may_pass = isinstance(error, OSError | duckdb.IOException)
        raise dg.Failure(f"{type(error).__name__}: {safe_line(error)}", allow_retries=may_pass) from None
