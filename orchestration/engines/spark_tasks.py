"""Landing's tasks on Spark: each is a job of one partition, on whichever executor is free.

The executors need this project's packages, and landing/ at the same path as here. The session is opened by the first
task, so a run with nothing new opens none.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from ingest.error_lines import safe_line
from ingest.landing.file_tasks import Tasks
from ingest.settings import Settings
from orchestration.engines.lake import lake_uri
from orchestration.engines.spark_session import EngineError, spark_session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession  # pyright: ignore[reportMissingImports]

_Answer = TypeVar("_Answer")


@contextmanager
def landing_tasks(settings: Settings) -> Iterator[Tasks | None]:
    """What lands files by tasks; None if they land in this process."""
    if settings.engine != "spark" or not settings.landing_tasks:
        yield None
        return
    with ExitStack() as opened, ThreadPoolExecutor(settings.landing_tasks) as threads:
        # The threads end first: no job is under way when the session is closed.
        yield _SparkTasks(settings, opened, threads)


class _SparkTasks:
    """Threads of this process. A thread waits for one job of Spark at a time."""

    def __init__(self, settings: Settings, opened: ExitStack, threads: ThreadPoolExecutor) -> None:
        self.at_once = settings.landing_tasks
        self._settings = settings
        self._opened = opened
        self._threads = threads
        self._session: SparkSession | None = None
        self._opening = threading.Lock()

    def submit(self, function: Callable[[Any], _Answer], argument: Any, /) -> Future[_Answer]:
        """See `Tasks.submit`."""
        with self._opening:
            if self._session is None:
                self._session = self._opened.enter_context(spark_session(self._settings, lake_uri(self._settings)))
        return self._threads.submit(_run, self._session, function, argument)


def _run(session: SparkSession, function: Callable[[Any], _Answer], argument: Any) -> _Answer:
    try:
        [(answer, error)] = session.sparkContext.parallelize([argument], 1).map(_Attempt(function)).collect()
    except Exception as fault:
        raise EngineError(f"a landing task ended without an answer ({safe_line(fault)}): run again.") from None
    if error is not None:
        raise error
    return answer


class _Attempt:
    """Answers with what a function returns, or with the error that it raises: Spark would only pass on a text."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function = function

    def __call__(self, argument: Any) -> tuple[Any, Exception | None]:
        try:
            return self._function(argument), None
        except Exception as error:
            return None, error
