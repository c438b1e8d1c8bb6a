"""What a landing step reports about files: files that it left out, and notices about files that landed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

_NOTE = ".left-out.json"
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


def noted_beside(landing: Path) -> list[LeftOut]:
    """What a copy of a bucket lacks, as `note_beside` has noted it; nothing for any other landing folder."""
    try:
        noted = json.loads((landing / _NOTE).read_text(encoding="utf-8"))
        return [
            LeftOut(
                str(one["path"]),
                str(one["reason"]),
                one["size"],
                "changed" if one["kind"] == "changed" else "unreadable",
            )
            for one in noted
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def note_beside(landing: Path, left_out: Iterable[LeftOut]) -> None:
    """Note what a copy of a bucket lacks, so that every listing of the copy names it.

    Raises:
        OSError: it can't be written.
    """
    note, noted = landing / _NOTE, [asdict(left) for left in left_out]
    if noted:
        partial = note.with_suffix(".partial")
        partial.write_text(json.dumps(noted), encoding="utf-8")
        partial.replace(note)
    else:
        with suppress(FileNotFoundError):
            note.unlink()


def shown_name(name: str) -> str:
    """A column's name in the form of a message: shortened, or only its length if it may be a record's text.

    A byte that is not UTF-8 is shown as the replacement character.
    """
    plain = _NO_UTF8.sub("\ufffd", name)
    if not _LIKE_A_NAME.fullmatch(plain):
        return f"({len(name)} characters)"
    return f"'{plain}'" if len(plain) <= _LONGEST_NAME else f"'{plain[:_LONGEST_NAME]}…'"
