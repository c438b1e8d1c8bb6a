"""What a landing step says of files beside their rows: files that it left out, and notices about files that landed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_LONGEST_NAME = 24
_NO_UTF8 = re.compile("[\udc80-\udcff]")
_LIKE_A_NAME = re.compile("[\\w.\ufffd-]+")

Kind = Literal["unread", "set_aside", "unreadable", "changed"]
"""`unread`: its ending or its place is not read. `set_aside`: a faulty export. `unreadable`: it can't be opened, or it
is a bad folder or link. `changed`: it changed while it was read and is left for the next run.
"""
CANT_BE_OPENED = "it can't be opened"
"""How the reason of a file begins that the operating system refuses: each run tries it again."""
TO_MEND: tuple[Kind, ...] = ("set_aside", "unreadable")
"""Kinds that a person has to mend: a run that left such a file out ends with exit code 3."""


@dataclass(frozen=True)
class LeftOut:
    """A file or folder below `landing/` that did not land. `path` is relative to `landing/`, `reason` is a sentence
    without its end, `size` is in bytes and None where it is unknown.
    """

    path: str
    reason: str
    size: int | None
    kind: Kind


@dataclass(frozen=True)
class Notice:
    """What a person should look at in a file that landed. `notice` is a word that tells its kind (`cut_ids`), `detail`
    a sentence without its end and without a record's content, `rows` how many rows it concerns (0: the file itself).
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
    """A column's name as a message shows it: shortened, and its length alone where it may be a record's text.

    A byte that is no UTF-8 is shown as the sign for that.
    """
    plain = _NO_UTF8.sub("\ufffd", name)
    if not _LIKE_A_NAME.fullmatch(plain):
        return f"({len(name)} characters)"
    return f"'{plain}'" if len(plain) <= _LONGEST_NAME else f"'{plain[:_LONGEST_NAME]}…'"
