"""A step that runs repeatedly in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Background:
    """Runs `step` in a daemon thread, from the first `start` to `stop`. Each step returns how many seconds to wait for
    the next one; `wake` ends the wait. A step must not raise.
    """

    def __init__(self, name: str, step: Callable[[], float]) -> None:
        self.started = False
        self._name = name
        self._step = step
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._stopped = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread, once.

        Raises:
            RuntimeError: the system can't start a thread.
        """
        with self._lock:
            if not self.started and not self._stopped:
                thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                thread.start()
                self._thread = thread
                self.started = True

    def wake(self) -> None:
        """Run the next step at once."""
        self._woken.set()

    def stop(self) -> None:
        """Stop after the current step, and wait for it (at most 10 seconds)."""
        with self._lock:
            self._stopped = True
        self._woken.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=10)

    def _run(self) -> None:
        wait = 0.0
        while not self._stopped:
            self._woken.wait(wait)
            self._woken.clear()
            if not self._stopped:
                wait = self._step()
