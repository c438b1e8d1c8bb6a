"""What a landing step reports about files: files that it left out, and notices about files that landed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_LONGEST_NAME = 24
_NO_UTF8 = re.compile("[\udc80-\udcff]")
_LIKE_A_NAME = re.compile("[\\w.\ufffd-]+")

Kind = Literal["unread", "set_aside", "unreadable", "changed"]
"""`unread`: its ending or its folder is not read. `set_aside`: a faulty export. `unreadable`: it can't be opened, or it
is a bad folder or link. `changed`: it changed while it was read and is left for the next run.
"""
CANT_BE_OPENED = "it can't be opened"
"""The beginning of the reason of a file that the operating system refuses: each run tries it again."""
TO_MEND: tuple[Kind, ...] = ("set_aside", "unreadable")
"""Kinds that a person has to mend: a run that left such a file out ends with exit code 3."""


@dataclass(frozen=True)
class LeftOut:
    """A file or folder below `landing/` that did not land. `path` is relative to `landing/`, `reason` is a sentence
    without its end, `size` is in bytes and None if it is unknown.
    """

    path: str
    reason: str
    size: int | None
    kind: Kind


@dataclass(frozen=True)
class Notice:
    """What a person should look at in a file that landed. `notice` is a word for its kind (`cut_ids`), `detail` a
    sentence without its end and without a record's content, `rows` how many rows it is about (0: the whole file).
    """

    notice: str
    detail: str
    rows: int = 0


@dataclass(frozen=True)
class FileNotice:
    """A notice with its file; `path` is relative to `landing/`."""

    path: str
    dataset: str
    notice: str
    detail: str
    rows: int


def shown_name(name: str) -> str:
    """A column's name in the form of a message: shortened, or only its length if it may be a record's text.

    A byte that is not UTF-8 is shown as the replacement character.
    """
    plain = _NO_UTF8.sub("\ufffd", name)
    if not _LIKE_A_NAME.fullmatch(plain):
        return f"({len(name)} characters)"
    return f"'{plain}'" if len(plain) <= _LONGEST_NAME else f"'{plain[:_LONGEST_NAME]}…'"
