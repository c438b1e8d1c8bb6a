"""The name of a capturing process: `<host>/<name>`, in its heartbeats and in the names of the files that it writes.

A file is `<name>@<host>-<begun>-<process id>-<random>.jsonl`, both below `usage_records/` and below `heartbeats/`.
Several processes may share a source: the workers of one server, or a process and its successor.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LONGEST_HOST, _LONGEST_NAME = 63, 64
"""Together with the slash between them they are at most as long as an id."""
_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9._-]+", re.ASCII)


@dataclass(frozen=True)
class CaptureSource:
    """Where records come from: a machine, and the name of the spool there. Both consist of letters, digits
    and `._-`.
    """

    host: str
    name: str

    @classmethod
    def of(cls, host: str, name: str) -> CaptureSource:
        """A source from any host and name: other characters become `-`, and texts that are too long are cut."""
        return cls(_plain(host)[:_LONGEST_HOST] or "localhost", _plain(name)[:_LONGEST_NAME] or "capture")

    def __str__(self) -> str:
        return f"{self.host}/{self.name}"

    @property
    def file_prefix(self) -> str:
        """The beginning of the names of its files."""
        return f"{self.name}@{self.host}"


def _plain(text: str) -> str:
    return _NOT_ALLOWED.sub("-", text).lstrip("._-")
