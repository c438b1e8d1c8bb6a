"""Tasks as landing gets them from an engine: function, argument and answer pass as bytes."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

Answer = TypeVar("Answer")


class TasksByThreads:
    def __init__(self, at_once: int) -> None:
        self.at_once = at_once
        self.submitted = 0
        self._pool = ThreadPoolExecutor(at_once)

    def submit(self, function: Callable[[Any], Answer], argument: Any, /) -> Future[Answer]:
        self.submitted += 1
        return self._pool.submit(_called, pickle.dumps((function, argument)))


def _called(asked: bytes) -> Any:
    function, argument = pickle.loads(asked)
    return pickle.loads(pickle.dumps(function(argument)))
