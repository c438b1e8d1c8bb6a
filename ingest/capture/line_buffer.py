"""Lines that wait in memory until they can be written."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable


class LineBuffer:
    """Lines in their order, `room` bytes of them at most. Not safe for threads."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._lines: deque[bytes] = deque()

    def __len__(self) -> int:
        return len(self._lines)

    def keep(self, line: bytes) -> bool:
        """Take a line, if there is room for it."""
        if len(line) > self._room:
            return False
        self._lines.append(line)
        self._room -= len(line)
        return True

    def drain(self, write: Callable[[bytes], None], most: int) -> None:
        """Write up to so many lines; each is kept until its write has returned. Raises what `write` raises."""
        for _ in range(min(most, len(self._lines))):
            write(self._lines[0])
            self._room += len(self._lines.popleft())

    def clear(self) -> None:
        """Drop what is left; for the end."""
        self._lines.clear()
