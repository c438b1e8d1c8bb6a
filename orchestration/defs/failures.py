"""How the project's errors end a step: one clear line, and no retry: each has been waited for, or needs a person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from ingest.errors import CreditsError

# For what the project has no line for: a disk or a share that stumbled, most likely.
RETRIES = dg.RetryPolicy(max_retries=2, delay=5, backoff=dg.Backoff.EXPONENTIAL)


@contextmanager
def as_failures() -> Iterator[None]:
    """Turn an error of the project into a failed step that says its line."""
    try:
        yield
    except CreditsError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
