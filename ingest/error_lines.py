"""An error in a form for people: its causes in order, and one line without record content.

Messages of DuckDB and of readers quote values. Names of columns, models and files are shown; values never are.
"""

from __future__ import annotations

import errno
import os
import re
import traceback
from collections.abc import Iterator
from pathlib import Path

from ingest.errors import CreditsError

LONGEST_LINE = 300
_NAMES_ONLY = frozenset(
    (
        "Binder", "Catalog", "Parser", "Syntax", "IO", "Permission", "Connection", "HTTP", "TransactionContext",
        "Dependency", "Settings", "Out of Memory", "Compilation", "Parsing",
    )
)  # fmt: skip
"""Kinds of messages that quote only names: they are about a query, files or memory, not about rows."""
_KIND = re.compile(
    r"\b(?!Runtime Error)((?:[A-Z][A-Za-z]*|of|implemented)(?: (?:[A-Z][A-Za-z]*|of|implemented))*) Error\b"
)
_SPEAKS_OF_NAMES = (AttributeError, TypeError, ImportError, NameError, OSError)
_VALUE = re.compile(
    r"\b((?:Input|Line|record|row): ?)\S.*$|(?<![\w,])(?<!\w\()-?(?:\d{3,}[\d.]*|\d+\.\d+)(?:[eE][-+]?\d+)?"
)
_QUOTED = (re.compile(r"'.*'", re.DOTALL), re.compile(r'".*"', re.DOTALL), re.compile(r"(?<!\w)[\"'].*", re.DOTALL))
_POSITION_IN_QUERY = re.compile(r"\s*\bLINE \d+:.*", re.DOTALL)
_COMPILED = re.compile(r"\s*(?:compiled code at \S|> in macro ).*", re.DOTALL | re.IGNORECASE)
_CONTRACT_TABLE = re.compile(r"Please ensure the name.*?mismatch_reason\s*\|\s*\|[ |-]+\|", re.DOTALL)
_REFUSED = re.compile(r'"([^"\n]+)": (?:Permission denied|Operation not permitted)')
"""How DuckDB's messages name a file that the operating system refuses to open."""
_INTERRUPTED = "Query interrupted"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_DISK_WORDS = ("No space left on device", "Disk quota exceeded", "max_temp_directory_size", "Could not write all bytes")


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and its causes; each one once, even if two errors name each other."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def raise_if_interrupted(error: BaseException) -> None:
    """Raise KeyboardInterrupt again if a signal arrived while DuckDB was at work: DuckDB raises its own RuntimeError
    instead.

    Raises:
        KeyboardInterrupt: a signal stopped what was done.
    """
    for cause in causes(error):
        if isinstance(cause, KeyboardInterrupt):
            raise cause
        if type(cause) is RuntimeError and str(cause) == _INTERRUPTED:
            raise KeyboardInterrupt from error


def safe_line(error: BaseException | str) -> str:
    """An error's message in one line of at most 300 characters, with every value masked that may come from a record."""
    if isinstance(error, CreditsError):
        return _folded(str(error))
    text = _POSITION_IN_QUERY.sub("", _COMPILED.sub("", str(error)))
    kinds = [found[1] for found in _KIND.finditer(text)]
    if kinds:
        names_only = kinds[0] in _NAMES_ONLY
    else:
        names_only = isinstance(error, _SPEAKS_OF_NAMES) and not isinstance(error, UnicodeError)
    if names_only:
        return _folded(_CONTRACT_TABLE.sub("", text)) or _name_of(error)
    # Lines after the one with the kind contain rows of the input.
    lines = [line.strip() for line in _masked(text).splitlines() if line.strip()]
    at = next((n for n, line in enumerate(lines) if kinds and f"{kinds[0]} Error" in line), 0)
    return _folded(" ".join(lines[: at + 1])) or _name_of(error)


def _masked(text: str) -> str:
    """The text without everything between the first and the last quote of a sort: a value may contain quotes itself."""
    for quoted in _QUOTED:
        text = quoted.sub("…", text)
    return _VALUE.sub(lambda found: f"{found[1] or ''}…", text)


def _folded(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"


def _name_of(error: BaseException | str) -> str:
    return "no message" if isinstance(error, str) else type(error).__name__


def storage_fault(error: BaseException | str, path: Path) -> str | None:
    """The fault of the machine (its disk or memory), if only that stopped the work below `path`."""
    chain = [error] if isinstance(error, str) else [*causes(error)]
    text = " ".join(str(one) for one in chain)
    codes = {one.errno for one in chain if isinstance(one, OSError)}
    if codes.intersection(_NO_ROOM) or any(words in text for words in _DISK_WORDS):
        return f"the disk of {path} is full: free space, then run again"
    if errno.EIO in codes or "Input/output error" in text:
        return f"the disk of {path} has an input/output error: check it, then run again"
    if errno.EROFS in codes or "Read-only file system" in text:
        return f"the disk of {path} can only be read: mount it for writing, then run again"
    if "Out of Memory Error" in text or any(isinstance(one, MemoryError) for one in chain):
        return "memory ran out: raise CREDITS_MEMORY_LIMIT, or give the machine more, then run again"
    return None


def access_fault(error: BaseException | str) -> str | None:
    """If missing rights stopped the work: which file or folder this user may not use, who owns it and what to do."""
    for one in [error] if isinstance(error, str) else causes(error):
        if isinstance(one, PermissionError) and isinstance(one.filename, (str, bytes)):
            return no_access_to(Path(os.fsdecode(one.filename)))
        if found := _REFUSED.search(str(one)):
            return no_access_to(Path(found[1]))
    return None


def no_access_to(path: Path) -> str:
    """What to do about a path that this user may not use; if it does not exist, names the folder that refuses it."""
    while not os.path.lexists(path) and path != path.parent:
        path = path.parent
    needed = os.R_OK | (os.X_OK if path.is_dir() else 0)
    done = "written" if os.access(path, needed) else "read"
    return (
        f"{path} cannot be {done} by this user ({owner_of(path)}): run as that user, or give the whole home to one "
        "user with `chown -R`"
    )


def owner_of(path: Path) -> str:
    """The owner of a file or folder, in words."""
    try:
        return f"it belongs to {path.owner()}"
    except (OSError, KeyError):  # a user without a name, as in a container
        return "it belongs to another user"


def os_error_line(error: OSError) -> str:
    """What the operating system refused and what to do, for an error that no step has its own line for."""
    path = Path(os.fsdecode(error.filename)) if isinstance(error.filename, (str, bytes)) else None
    if fault := access_fault(error):
        return fault
    if path is None and error.errno in _NO_ROOM:
        return f"the output cannot be written ({error.strerror}): free space where it goes, then run again"
    if path and (fault := storage_fault(error, path)):
        return fault
    if path is None:
        return f"{safe_line(error)}: look at what the command reads and writes, then run again"
    return f"{path}: {error.strerror}: check the path, its owner and its mode"


def safe_traceback(error: BaseException) -> str:
    """Where an error and its causes were raised, without a value of any variable; messages are masked."""
    parts: list[str] = []
    for one in causes(error):
        parts += traceback.format_list(traceback.extract_tb(one.__traceback__))
        parts.append(f"{type(one).__name__}: {safe_line(one)}\n")
    return "".join(parts)
